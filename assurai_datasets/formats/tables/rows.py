"""What reading a table gives: rows, and faults where there is no row to give."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from assurai_datasets.schema.codes import Code


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        file: Name relative to the delivery; of a workbook with its sheet, `ratings.xlsx#Sheet1`.
        line: Line where the row begins, or row of the sheet or table, counted from 1.
        values: Value by column.
        flat: Whether the values are cells of a flat table (CSV, TSV, XLSX), whose text `parse_cell` turns into values.
    """

    file: str
    line: int
    values: dict[str, Any]
    flat: bool = False


class TableFault(NamedTuple):
    """A fault in a table; the row it stands in, if any, is not given. Line is None where the whole file is meant."""

    code: Code
    file: str
    line: int | None
    message: str
    hint: str


@dataclass(frozen=True)
class TableLimits:
    """How much a table may ask for before it is refused.

    Attributes:
        row_chars: Characters of one row, all cells together.
        depth: Levels of nesting in one row.
        columns: Columns of one table.
        rows: Rows and faults of one table.
        unpacked_bytes: Bytes of a workbook's parts, or of a Parquet row group, unpacked.
    """

    row_chars: int = 16 * 2**20
    depth: int = 32
    columns: int = 2_000
    rows: int = 20_000_000
    unpacked_bytes: int = 2**29


def has_lone_surrogate(text: str) -> bool:
    """Return whether text holds half a character (a lone surrogate): an invalid byte, or a torn escape."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def depth_of(value: Any, limit: int) -> int:
    """Return how deeply lists and objects are nested in a value, at most `limit` + 1."""
    level, depth = [value], 0
    while depth <= limit and (nested := [item for item in level if isinstance(item, dict | list)]):
        level = [child for item in nested for child in (item.values() if isinstance(item, dict) else item)]
        depth += 1
    return depth


def undecodable(file: str, line: int) -> TableFault:
    """Return the fault of a row that holds bytes or escapes that are no characters."""
    message = "the row holds bytes or escapes that are no characters"
    return TableFault(Code.DELIVERY_TEXT_UNDECODABLE, file, line, message, "save the file again as UTF-8")


def too_long(file: str, line: int, limits: TableLimits) -> TableFault:
    """Return the fault of a row longer than the limit."""
    message = f"the row is longer than {limits.row_chars:,} characters"
    hint = "check for a missing line break or quotation mark"
    return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, line, message, hint)
