"""Which columns a mapping reads, and what is said of those it does not find or does not know."""

from collections.abc import Iterator
from typing import Any

from assurai_datasets.formats.tables import Row, TableFault
from assurai_datasets.ingestion.mapping.model import PLACEHOLDER, Group, Rule, TableMapping
from assurai_datasets.schema.codes import Code

ALL = "*"
OWN_NAMES = frozenset({"row", "digest", "_item", "_index", "_annotator"})


class ColumnCheck:
    """What was said so far of the columns of one table: each thing is said once."""

    def __init__(self, table: TableMapping) -> None:
        self._needed = frozenset(columns_of(table))
        self._known = self._needed | frozenset(inner_columns_of(table)) | frozenset(table.ignore)
        self._checked = False

    def check(self, row: Row) -> Iterator[TableFault]:
        """Yield what is wrong with the columns of a row and was not said before.

        Only a flat table must have every column: an absent key of an object is a blank value.
        """
        missing = sorted(self._needed - row.values.keys()) if row.flat and not self._checked else []
        self._checked = True
        if missing:
            message = f"the mapping reads the column {missing[0]!r}, which the table does not have; no row was read"
            hint = f"the table has {', '.join(map(repr, list(row.values)[:12]))}; correct the mapping or the table"
            yield TableFault(Code.DELIVERY_COLUMN_MISSING, row.file, row.line, message, hint)
            return
        unknown = [] if ALL in self._known else sorted(row.values.keys() - self._known)
        self._known = self._known | frozenset(unknown)
        for name in unknown:
            message = f"the mapping does not read the column {name[:60]!r}, so it is left out"
            hint = "map it, or list it under ignore"
            yield TableFault(Code.DELIVERY_COLUMN_UNMAPPED, row.file, row.line, message, hint)


def columns_of(table: TableMapping) -> set[str]:
    """Return the columns of the table itself that a mapping reads."""
    found: set[str] = set()
    for group in (*table.instances, *table.annotations):
        found |= set(group.when or ()) | set(group.annotators or ())
        for rule in (group.each, *(group.zip or {}).values()):
            found |= _columns_of_rule(rule)
        if group.each is None and group.zip is None:
            found |= _fields_of(group)
    return found - OWN_NAMES


def inner_columns_of(table: TableMapping) -> set[str]:
    """Return the names that may be those of items within a row, or of the row itself."""
    return {name for group in (*table.instances, *table.annotations) for name in _fields_of(group)}


def _fields_of(group: Group) -> set[str]:
    return set().union(*(_columns_of_rule(rule) for rule in group.fields.values()))


def _columns_of_rule(rule: Rule | None) -> set[str]:
    if rule is None:
        return set()
    paths: list[Any] = [rule.column, *(rule.columns or ()), *(rule.digest or ())]
    found = {path if isinstance(path, str) else str(path[0]) for path in paths if path}
    found |= {match["name"] for match in PLACEHOLDER.finditer(rule.template or "")}
    for inner in (*(rule.list or ()), *(rule.object or {}).values(), rule.position_in):
        found |= _columns_of_rule(inner)
    return found - OWN_NAMES
