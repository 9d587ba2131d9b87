"""One door for all kinds of tables, chosen by the end of the name."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TextIO

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files.folder import Folder, kind_of
from assurai_datasets.formats.tables.delimited import read_delimited
from assurai_datasets.formats.tables.encoding import Encoding, detect_encoding, open_text
from assurai_datasets.formats.tables.json_array import read_json
from assurai_datasets.formats.tables.json_lines import read_json_lines
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits
from assurai_datasets.schema.codes import Code

Rows = Iterator[Row | TableFault]
TextReader = Callable[[TextIO, str, TableLimits], Rows]

TEXT_TABLES: dict[str, TextReader] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": partial(read_delimited, delimiter=","),
    ".tsv": partial(read_delimited, delimiter="\t"),
}
TABLE_SUFFIXES = (*TEXT_TABLES, ".xlsx", ".parquet")
"""The ends of the names of the files that `read_rows` reads."""


def read_rows(folder: Folder, name: str, *, limits: TableLimits | None = None) -> Rows:
    """Yield the rows and faults of one table of a delivery, in its order and in bounded memory.

    Args:
        folder: The delivery.
        name: Name of the table relative to it; its end tells the format. `ratings.xlsx#Sheet1` names one sheet.
        limits: When to refuse a table; generous by default.
    """
    bounds = limits or TableLimits()
    rows = _read(folder, name, bounds)
    yield from islice(rows, bounds.rows)
    if next(rows, None) is not None:
        message = f"the table has more than {bounds.rows:,} rows; the rest was not read"
        yield TableFault(Code.DELIVERY_LIMIT_EXCEEDED, name, None, message, "split the delivery")


def _read(folder: Folder, name: str, limits: TableLimits) -> Rows:
    try:
        path, sheet = _find(folder, name)
    except PathEscapesError as error:
        yield TableFault(Code.DELIVERY_PATH_ESCAPES, name, None, str(error), error.hint)
        return
    kind = kind_of(path)
    if kind == "locked":
        hint = "check that its folder can be opened"
        yield TableFault(Code.DELIVERY_FILE_UNREADABLE, name, None, "it cannot be read: Permission denied", hint)
        return
    if kind != "file":
        hint = "add it, or correct the name"
        yield TableFault(Code.DELIVERY_FILE_MISSING, name, None, f"there is no file {name!r}", hint)
        return
    file = name.removesuffix(f"#{sheet}") if sheet else name
    try:
        yield from _reader_of(file, sheet)(path, file, limits)
    except OSError as error:
        hint = "check that the file can be opened"
        yield TableFault(Code.DELIVERY_FILE_UNREADABLE, name, None, f"it cannot be read: {error.strerror}", hint)


def _find(folder: Folder, name: str) -> tuple[Path, str | None]:
    """Return the path of a table, and the sheet named after '#' unless that is part of the file's name."""
    file, mark, sheet = name.rpartition("#")
    path = folder.resolve(name)
    if kind_of(path) == "file" or not mark or not file.casefold().endswith(".xlsx"):
        return path, None
    return folder.resolve(file), sheet


def _reader_of(file: str, sheet: str | None) -> Callable[[Path, str, TableLimits], Rows]:
    """Return the reader of a kind of table; the libraries behind it are loaded when the first such table is read."""
    suffix = PurePosixPath(file).suffix.casefold()
    if suffix in TEXT_TABLES:
        return partial(_read_text, TEXT_TABLES[suffix])
    if suffix == ".xlsx":
        from assurai_datasets.formats.tables.workbook import read_workbook

        return partial(read_workbook, sheet=sheet)
    if suffix == ".parquet":
        from assurai_datasets.formats.tables.parquet_rows import read_parquet

        return read_parquet
    return _unknown


def _unknown(path: Path, file: str, _limits: TableLimits) -> Rows:
    message = f"{path.suffix!r} is no kind of table that is read here"
    hint = f"give the table as one of {', '.join(TABLE_SUFFIXES)}"
    yield TableFault(Code.DELIVERY_FORMAT_UNKNOWN, file, None, message, hint)


def _read_text(read: TextReader, path: Path, file: str, limits: TableLimits) -> Rows:
    encoding = detect_encoding(path)
    if encoding.legacy:
        yield _legacy(file, encoding)
    with open_text(path, encoding, newline="\n" if read is read_json_lines else "") as stream:
        yield from read(stream, file, limits)


def _legacy(file: str, encoding: Encoding) -> TableFault:
    message = f"the file is in {encoding.codec.upper()} (Korean Windows, EUC-KR) and was read as that"
    return TableFault(Code.DELIVERY_ENCODING_LEGACY, file, None, message, "save it as UTF-8")
