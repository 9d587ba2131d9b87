"""One rule on one row: pure, and without any evaluation of what the row says."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from assurai_datasets.formats.digest import canonical_json
from assurai_datasets.formats.tables import parse_cell
from assurai_datasets.ingestion.mapping.literals import read_json_cell, read_python_cell
from assurai_datasets.ingestion.mapping.model import PLACEHOLDER, Rule
from assurai_datasets.schema.codes import Code

DIGEST_CHARS = 12
SHOWN_CHARS = 60
KeyPath = str | tuple[str | int, ...]


class RuleError(Exception):
    """A value that a rule cannot be made from, with the code, what was found and what to do."""

    def __init__(self, code: Code, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class Scope(NamedTuple):
    """What a rule sees: values by column, and the number of the row in its table, from 1."""

    values: Mapping[str, Any]
    row: int


def evaluate(rule: Rule, scope: Scope) -> Any:
    """Return the value a rule gives on a row; None where there is none.

    Raises:
        RuleError: The row holds something the rule has no answer for.
    """
    value = _source(rule, scope)
    if not is_blank(value):
        for step in _STEPS:
            value = step(rule, value, scope)
    return rule.default if is_blank(value) else value


def is_blank(value: Any) -> bool:
    """Return whether a value says nothing: None or text without a visible character."""
    return value is None or (isinstance(value, str) and not value.strip())


def look_up(path: KeyPath, values: Mapping[str, Any]) -> Any:
    """Return the value of a column, or of a path into one; None where it does not lead to anything."""
    if isinstance(path, str):
        return values.get(path)
    value: Any = values
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(str(key))
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def shown(value: Any) -> str:
    """Return a value as it is quoted in messages."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."


def as_text(value: Any) -> str:
    """Return a value as text for look-ups and templates: numbers as typed, true and false in lower case."""
    return str(parse_cell(value, "text"))


def _source(rule: Rule, scope: Scope) -> Any:
    if rule.column is not None:
        return look_up(rule.column, scope.values)
    if rule.columns is not None:
        return [value for path in rule.columns if not is_blank(value := look_up(path, scope.values))]
    if rule.template is not None:
        return _fill(rule, rule.template, scope)
    if rule.list is not None:
        return [value for part in rule.list if (value := evaluate(part, scope)) is not None]
    if rule.object is not None:
        parts = {name: evaluate(part, scope) for name, part in rule.object.items()}
        return {name: value for name, value in parts.items() if value is not None} or None
    return rule.constant


def _fill(rule: Rule, template: str, scope: Scope) -> str | None:
    """Return a template with its columns filled in; None where all of them are blank."""
    found = {match["name"]: _named(match["name"], rule, scope) for match in PLACEHOLDER.finditer(template)}
    blank = [name for name, value in found.items() if is_blank(value)]
    if blank and len(blank) == len(found):
        return None
    if blank:
        message = f"the template {template!r} needs the column {blank[0]!r}, which is blank"
        raise RuleError(Code.DELIVERY_VALUE_UNREADABLE, message, "fill the cell in")
    return PLACEHOLDER.sub(lambda match: as_text(found[match["name"]]).zfill(int(match["width"] or 0)), template)


def _named(name: str, rule: Rule, scope: Scope) -> Any:
    if name == "row":
        return scope.row
    if name == "digest" and rule.digest is not None:
        found = canonical_json([look_up(path, scope.values) for path in rule.digest])
        return hashlib.sha256(found).hexdigest()[:DIGEST_CHARS]
    return scope.values.get(name)


def _read(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.read is None or not isinstance(value, str):
        return value
    try:
        return read_json_cell(value) if rule.read == "json" else read_python_cell(value)
    except ValueError as error:
        message = f"{shown(value)} cannot be read as {rule.read}: {error}"
        raise RuleError(Code.DELIVERY_VALUE_UNREADABLE, message, "correct the cell") from error


def _split(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.split is None or not isinstance(value, str):
        return value
    return [part for piece in value.split(rule.split) if (part := piece.strip())]


def _item(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.item is None or not isinstance(value, list):
        return value
    return value[rule.item] if -len(value) <= rule.item < len(value) else None


def _values(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.values is None:
        return value
    table = rule.values
    if isinstance(value, list):
        return [_translated(item, table, rule) for item in value]
    return _translated(value, table, rule)


def _translated(value: Any, table: Mapping[str, Any], rule: Rule) -> Any:
    key = as_text(value).strip()
    if key in table:
        return table[key]
    return _otherwise(value, table, rule)


def _choose(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.choose is None:
        return value
    held = {as_text(item).strip() for item in (value if isinstance(value, list) else [value])}
    for key, chosen in rule.choose.items():
        if key in held:
            return chosen
    return _otherwise(value, rule.choose, rule)


def _otherwise(value: Any, table: Mapping[str, Any], rule: Rule) -> Any:
    if rule.otherwise is not None:
        return rule.otherwise
    message = f"the mapping has no value for {shown(value)}; it has {', '.join(map(repr, list(table)[:8]))}"
    raise RuleError(Code.DELIVERY_VALUE_UNMAPPED, message, "add it to the table of the mapping, or give otherwise")


def _position(rule: Rule, value: Any, scope: Scope) -> Any:
    if rule.position_in is None:
        return value
    choices = evaluate(rule.position_in, scope)
    places = choices if isinstance(choices, list) else []
    wanted = value if isinstance(value, list) else [value]
    absent = [item for item in wanted if item not in places]
    if absent:
        message = f"{shown(absent[0])} is not among {shown(choices)}"
        raise RuleError(Code.DELIVERY_VALUE_UNMAPPED, message, "correct one of the two")
    return [places.index(item) for item in wanted]


def _join(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.join is None or not isinstance(value, list):
        return value
    return rule.join.join(as_text(item) for item in value)


def _type(rule: Rule, value: Any, _scope: Scope) -> Any:
    if rule.type is None:
        return value
    kind = rule.type
    return [parse_cell(item, kind) for item in value] if isinstance(value, list) else parse_cell(value, kind)


_STEPS: tuple[Callable[[Rule, Any, Scope], Any], ...] = (
    _read,
    _split,
    _item,
    _values,
    _choose,
    _position,
    _join,
    _type,
)
