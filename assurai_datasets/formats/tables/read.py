"""One door for all kinds of tables, chosen by the end of the name."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables.encoding import Encoding, detect_encoding, open_text
from assurai_datasets.formats.tables.json_array import read_json
from assurai_datasets.formats.tables.json_lines import read_json_lines
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits
from assurai_datasets.schema.codes import Code

Rows = Iterator[Row | TableFault]

TEXT_TABLES: dict[str, Callable[[TextIO, str, TableLimits], Rows]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
}
TABLE_SUFFIXES = (*TEXT_TABLES,)
"""The ends of the names of the files that `read_rows` reads."""


def read_rows(folder: Folder, name: str, *, limits: TableLimits | None = None) -> Rows:
    """Yield the rows and faults of one table of a delivery, in its order and in bounded memory.

    Args:
        folder: The delivery.
        name: Name of the table relative to it; its end tells the format.
        limits: When to refuse a table; generous by default.
    """
    try:
        path = folder.resolve(name)
    except PathEscapesError as error:
        hint = "Name a file inside the delivery."
        yield TableFault(Code.DELIVERY_PATH_ESCAPES, name, None, str(error), hint)
        return
    if not path.is_file():
        yield TableFault(
            Code.DELIVERY_FILE_MISSING, name, None, f"there is no file {name!r}", "Add it, or correct the name."
        )
        return
    try:
        yield from _reader_of(name)(path, name, limits or TableLimits())
    except OSError as error:
        hint = "Check that the file can be opened."
        yield TableFault(Code.DELIVERY_FILE_UNREADABLE, name, None, f"it cannot be read: {error.strerror}", hint)


def _reader_of(name: str) -> Callable[[Path, str, TableLimits], Rows]:
    suffix = Path(name).suffix.casefold()
    if suffix in TEXT_TABLES:
        return partial(_read_text, TEXT_TABLES[suffix])
    return _unknown


def _unknown(path: Path, file: str, limits: TableLimits) -> Rows:
    message = f"{path.suffix!r} is no kind of table that is read here"
    hint = f"Give the table as one of {', '.join(TABLE_SUFFIXES)}."
    yield TableFault(Code.DELIVERY_FORMAT_UNKNOWN, file, None, message, hint)


def _read_text(read: Callable[[TextIO, str, TableLimits], Rows], path: Path, file: str, limits: TableLimits) -> Rows:
    encoding = detect_encoding(path)
    if encoding.legacy:
        yield _legacy(file, encoding)
    with open_text(path, encoding, newline="\n" if read is read_json_lines else "") as stream:
        yield from read(stream, file, limits)


def _legacy(file: str, encoding: Encoding) -> TableFault:
    message = f"the file is in {encoding.codec.upper()} (Korean Windows, EUC-KR) and was read as that"
    return TableFault(Code.DELIVERY_ENCODING_LEGACY, file, None, message, "Save it as UTF-8.")
