"""A mapping on the rows of one table: our records, each with the place of the row it came from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from assurai_datasets.formats.tables import Row, TableFault, nest_columns
from assurai_datasets.ingestion.mapping.columns import ColumnCheck
from assurai_datasets.ingestion.mapping.evaluate import RuleError, Scope, as_text, evaluate, is_blank
from assurai_datasets.ingestion.mapping.model import Group, TableMapping
from assurai_datasets.schema.codes import Code

Kind = Literal["instance", "annotation"]


class MappedRow(NamedTuple):
    """A record made from a row.

    Attributes:
        kind: What it is.
        row: Its values by field, with the file and line they come from.
        merge: List fields to which other records with the same id add; empty where it stands alone.
    """

    kind: Kind
    row: Row
    merge: tuple[str, ...] = ()


Mapped = MappedRow | TableFault


def apply_mapping(table: TableMapping, rows: Iterable[Row | TableFault]) -> Iterator[Mapped]:
    """Yield the instances and annotations that a mapping makes of the rows of one table, and the faults.

    A row with a fault gives no record. Columns the mapping does not name are a warning, once each. Judgements of one
    annotator on one thing within one row are one annotation.
    """
    columns = ColumnCheck(table)
    for number, row in enumerate(rows, start=1):
        if isinstance(row, TableFault):
            yield row
            continue
        found = list(columns.check(row))
        yield from found
        if any(fault.code is Code.DELIVERY_COLUMN_MISSING for fault in found):
            return
        yield from _records_of(table, row, number)


def _records_of(table: TableMapping, row: Row, number: int) -> Iterator[Mapped]:
    scope = Scope(row.values, number)
    try:
        instances = [(group, values) for group in table.instances for values in _made(group, scope)]
        instance_id = instances[0][1].get("id") if len(instances) == 1 else None
        annotations = [values for group in table.annotations for values in _made(group, scope)]
    except RuleError as error:
        yield TableFault(error.code, row.file, row.line, str(error), error.hint)
        return
    for group, values in instances:
        yield MappedRow("instance", Row(row.file, row.line, values), group.merge or ())
    for values in _combined({"instance_id": instance_id, **values} for values in annotations):
        yield MappedRow("annotation", Row(row.file, row.line, values))


def _made(group: Group, scope: Scope) -> Iterator[dict[str, Any]]:
    for inner in _scopes(group, scope):
        if _applies(group, inner):
            values = {name: evaluate(rule, inner) for name, rule in group.fields.items()}
            yield nest_columns(values)


def _applies(group: Group, scope: Scope) -> bool:
    return all(_is_one_of(scope.values.get(name), allowed) for name, allowed in (group.when or {}).items())


def _is_one_of(value: Any, allowed: Any) -> bool:
    several = allowed if isinstance(allowed, tuple) else (allowed,)
    return as_text(value) in {as_text(one) for one in several}


def _scopes(group: Group, scope: Scope) -> Iterator[Scope]:
    """Yield what the records of a group see: the row, or the row under each item."""
    if group.each is not None:
        items = _as_list(evaluate(group.each, scope))
        overlays: Iterable[dict[str, Any]] = (item if isinstance(item, dict) else {"_item": item} for item in items)
    elif group.zip is not None:
        overlays = _zipped({name: _as_list(evaluate(rule, scope)) for name, rule in group.zip.items()})
    elif group.annotators is not None:
        cells = ((name, scope.values.get(column)) for column, name in group.annotators.items())
        overlays = ({"_annotator": name, "_item": cell} for name, cell in cells if not is_blank(cell))
    else:
        overlays = ({},)
    for index, overlay in enumerate(overlays):
        yield Scope({**scope.values, "_index": index, **overlay}, scope.row)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        message = f"a list is due where {as_text(value)[:60]!r} stands"
        raise RuleError(Code.DELIVERY_VALUE_UNREADABLE, message, "split the text, or read it as JSON, in the mapping")
    return value


def _zipped(lists: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    lengths = {name: len(items) for name, items in lists.items()}
    if len(set(lengths.values())) > 1:
        message = f"lists that belong together differ in length: {lengths}"
        raise RuleError(Code.DELIVERY_VALUE_UNREADABLE, message, "correct the row")
    for index in range(next(iter(lengths.values()))):
        yield {name: items[index] for name, items in lists.items()}


def _combined(annotations: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return annotations with those of one annotator on one thing made one, as far as they do not contradict."""
    combined: list[dict[str, Any]] = []
    for values in annotations:
        own = {name: value for name, value in values.items() if value is not None}
        other = next((known for known in combined if _belong_together(known, own)), None)
        if other is None:
            combined.append(own)
        else:
            labels = {**other.get("labels", {}), **own.get("labels", {})}
            other.update(own)
            if labels:
                other["labels"] = labels
    return combined


def _belong_together(one: dict[str, Any], other: dict[str, Any]) -> bool:
    who = ("instance_id", "annotator_id", "response")
    if any(one.get(name) != other.get(name) for name in who) or one.get("annotator_id") is None:
        return False
    said = (one.keys() & other.keys()) - {*who, "labels"}
    return all(one[name] == other[name] for name in said) and not (
        one.get("labels", {}).keys() & other.get("labels", {}).keys()
    )
