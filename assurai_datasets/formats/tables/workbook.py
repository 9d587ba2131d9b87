"""XLSX: each visible sheet is a table, read row by row; formulas and errors are refused, dates read as text."""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from assurai_datasets.formats.tables.header import Header, read_header
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits, too_long
from assurai_datasets.schema.codes import Code

SHARED_STRINGS_BYTES = 2**28
PARTS = 10_000
LAST_ROW = 1_048_576
OLE_MARK = bytes.fromhex("d0cf11e0a1b11ae1")
DATE_COLUMNS = frozenset({"created_at", "date"})
ESCAPED_CONTROL = re.compile(r"_x00([01][0-9A-Fa-f])_")


def read_workbook(
    path: Path, file: str, limits: TableLimits, *, sheet: str | None = None
) -> Iterator[Row | TableFault]:
    """Yield the rows of the visible sheets of a workbook, or of the one named, each with a header of its own.

    The file of a row is `name.xlsx#Sheet`, its line the row of the sheet. Blank rows are skipped. Numbers come as
    numbers; a date comes as text, with a warning for each column but `created_at` and `date`.
    """
    if fault := _fault_of_container(path, file, limits):
        yield fault
        return
    try:
        workbook = _open_quietly(path)
        try:
            yield from _read_sheets(workbook, file, limits, sheet)
        finally:
            workbook.close()
    except Exception as error:  # noqa: BLE001 - a hostile workbook may make its reader raise anything
        yield _unreadable(file, f"it is no sound workbook ({type(error).__name__}: {str(error)[:120]})")


def _fault_of_container(path: Path, file: str, limits: TableLimits) -> TableFault | None:
    """Return why a workbook must not be unpacked: it is none, or what it declares is too much."""
    with path.open("rb") as stream:
        if stream.read(8) == OLE_MARK:
            return _unreadable(file, "it is protected by a password, or an old .xls under a new name")
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        return _unreadable(file, f"it is no workbook ({error})")
    total = sum(part.file_size for part in parts)
    strings = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
    if len(parts) <= PARTS and total <= limits.unpacked_bytes and strings <= SHARED_STRINGS_BYTES:
        return None
    message = f"the workbook would unpack to {total:,} bytes in {len(parts):,} parts"
    return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, None, message, "split it, or give the table as CSV")


def _open_quietly(path: Path) -> Any:
    """Return the workbook opened for reading row by row, without the library's remarks on styles and extensions."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, read_only=True, keep_links=False)


def _read_sheets(workbook: Any, file: str, limits: TableLimits, only: str | None) -> Iterator[Row | TableFault]:
    sheets = [sheet for sheet in workbook.worksheets if only is None or sheet.title == only]
    if not sheets:
        names = ", ".join(repr(sheet.title) for sheet in workbook.worksheets)
        yield _unreadable(file, f"there is no sheet {only!r}; there are {names}" if only else "it has no sheet")
    for sheet in sheets:
        place = f"{file}#{sheet.title}"
        if only is None and sheet.sheet_state != "visible":
            message = "the sheet is hidden and was not read"
            hint = f"show it, remove it, or name it as {place!r} to have it read"
            yield TableFault(Code.DELIVERY_SHEET_HIDDEN, place, None, message, hint)
        else:
            yield from _read_sheet(sheet, place, limits)


def _read_sheet(sheet: Any, file: str, limits: TableLimits) -> Iterator[Row | TableFault]:
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    header: Header | None = None
    dated: set[str] = set()
    for line, cells in enumerate(_in_quiet(sheet.iter_rows(max_row=LAST_ROW)), start=1):
        if all(cell.value in (None, "") for cell in cells):
            continue
        if header is None:
            found = read_header([cell.value for cell in cells], file, line, limits)
            if isinstance(found, TableFault):
                yield found
                return
            header = found
        else:
            yield from _read_row(cells, header, file, line, limits, dated)


def _read_row(
    cells: tuple[Any, ...], header: Header, file: str, line: int, limits: TableLimits, dated: set[str]
) -> Iterator[Row | TableFault]:
    refused = [cell for cell in cells if cell.data_type in ("f", "e") and cell.value is not None]
    if refused:
        yield _formula(refused[0], file, line)
        return
    values = [_plain(cell.value) for cell in cells]
    if sum(len(value) for value in values if isinstance(value, str)) > limits.row_chars:
        yield too_long(file, line, limits)
        return
    blanks = [None] * (len(header.columns) - len(values))
    for name, cell in zip(header.columns, cells, strict=False):
        if isinstance(cell.value, date | time) and name not in DATE_COLUMNS and name not in dated:
            dated.add(name)
            yield _dated(cell, name, file, line)
    yield header.row([*values, *blanks], file, line)


def _in_quiet(rows: Iterator[Any]) -> Iterator[Any]:
    """Yield rows, read a few hundred at a time without the library's remarks."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            some = list(islice(rows, 256))
        if not some:
            return
        yield from some


def _plain(value: Any) -> Any:
    """Return a cell's value as text, number, boolean or None; a date or time as ISO 8601 text."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str) and "_x00" in value:
        return ESCAPED_CONTROL.sub(lambda found: chr(int(found[1], 16)), value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _formula(cell: Any, file: str, line: int) -> TableFault:
    kind = "the error" if cell.data_type == "e" else "the formula"
    message = f"cell {cell.coordinate} holds {kind} {str(getattr(cell.value, 'text', cell.value))[:60]!r}"
    hint = "replace formulas by their values: copy, then paste as values"
    return TableFault(Code.DELIVERY_CELL_FORMULA, file, line, message, hint)


def _dated(cell: Any, name: str, file: str, line: int) -> TableFault:
    message = f"cell {cell.coordinate} of column {name!r} is a date and was read as {_plain(cell.value)!r}"
    hint = "if it is meant as text, format the column as text and type it again"
    return TableFault(Code.DELIVERY_CELL_DATE, file, line, message, hint)


def _unreadable(file: str, what: str) -> TableFault:
    hint = "save it again as .xlsx without a password, or give the table as CSV"
    return TableFault(Code.DELIVERY_FILE_UNREADABLE, file, None, what, hint)
