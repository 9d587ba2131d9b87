"""The first row of a flat table: what its columns are called, and how the others must fit it."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits
from assurai_datasets.schema.codes import Code


class Header(NamedTuple):
    """The names of the columns, in order."""

    columns: tuple[str, ...]

    def row(self, cells: Sequence[Any], file: str, line: int) -> Row | TableFault:
        """Return the row of these cells, or the fault that they are too few or too many (blank ones aside)."""
        width = len(self.columns)
        if len(cells) < width or any(cell not in ("", None) for cell in cells[width:]):
            message = f"the row has {len(cells)} cells and the header {width}"
            hint = "give every row one cell for each column; put cells that hold separators in quotation marks"
            return TableFault(Code.DELIVERY_ROW_RAGGED, file, line, message, hint)
        return Row(file, line, dict(zip(self.columns, cells, strict=False)), flat=True)


def read_header(cells: Sequence[Any], file: str, line: int, limits: TableLimits) -> Header | TableFault:
    """Return the header of a table: names in NFC without blanks around; a column without a name gets its number.

    Two columns of one name, or more columns than allowed, are a fault of the whole table.
    """
    names = [unicodedata.normalize("NFC", "" if cell is None else str(cell)).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > limits.columns:
        message = f"the table has {len(names):,} columns, more than {limits.columns:,}"
        return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, line, message, "check the separator of the cells")
    named = [name or f"column_{number}" for number, name in enumerate(names, start=1)]
    twice = [name for name, count in Counter(named).items() if count > 1]
    if twice:
        message = f"the column {twice[0][:60]!r} stands twice in the header, so no row was read"
        hint = "rename or remove one of the two"
        return TableFault(Code.DELIVERY_COLUMN_DUPLICATE, file, line, message, hint)
    return Header(tuple(named))
