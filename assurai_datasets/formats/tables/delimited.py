"""CSV and TSV: a header, then one record a line, unless a quoted cell holds line breaks."""

import csv
from collections.abc import Iterator
from typing import TextIO

from assurai_datasets.formats.tables.header import Header, read_header
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits, has_lone_surrogate, too_long, undecodable
from assurai_datasets.schema.codes import Code


class _TooLongError(Exception):
    """A record that does not end within the limit."""


class _Lines:
    """The lines of a stream, counted, where one record may take only so many characters.

    Attributes:
        line: Lines given so far.
    """

    def __init__(self, stream: TextIO, limits: TableLimits) -> None:
        self.line = 0
        self._stream = stream
        self._limit = limits.row_chars
        self._taken = 0

    def begin_record(self) -> None:
        """Count the characters of a new record from here."""
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._stream.readline(self._limit + 1)
        if not text:
            raise StopIteration
        self.line += 1
        self._taken += len(text)
        if self._taken > self._limit:
            self._skip_line(text)
            raise _TooLongError
        return text

    def _skip_line(self, text: str) -> None:
        while text and not text.endswith(("\n", "\r")):
            text = self._stream.readline(self._limit)


def read_delimited(stream: TextIO, file: str, limits: TableLimits, *, delimiter: str) -> Iterator[Row | TableFault]:
    """Yield the rows of a table with a header; their values are text.

    A CSV whose header holds no comma but semicolons or tabs is read with those. Lines without any text are skipped.
    """
    csv.field_size_limit(max(csv.field_size_limit(), limits.row_chars))  # one for the whole process: only ever raised
    lines = _Lines(stream, limits)
    reader = csv.reader(lines, delimiter=_delimiter_of(stream, limits, delimiter), strict=True)
    header: Header | None = None
    for line, cells in _records(reader, lines, file, limits):
        if isinstance(cells, TableFault):
            yield cells
        elif header is None:
            found = read_header(cells, file, line, limits)
            if isinstance(found, TableFault):
                yield found
                return
            header = found
        elif any(cells):
            yield header.row(cells, file, line)


def _records(
    reader: Iterator[list[str]], lines: _Lines, file: str, limits: TableLimits
) -> Iterator[tuple[int, list[str] | TableFault]]:
    while True:
        lines.begin_record()
        line = lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLongError:
            yield line, too_long(file, line, limits)
        except csv.Error as error:
            yield line, _torn(error, file, line, lines.line)
        else:
            broken = any(not cell.isascii() and has_lone_surrogate(cell) for cell in cells)
            yield line, undecodable(file, line) if broken else cells


def _delimiter_of(stream: TextIO, limits: TableLimits, usual: str) -> str:
    """Return what separates the cells of the header; leave the stream at its start."""
    start = stream.tell()
    header = stream.readline(limits.row_chars)
    stream.seek(start)
    if usual in header or usual == "\t":
        return usual
    return max((usual, ";", "\t"), key=header.count)


def _torn(error: csv.Error, file: str, line: int, end: int) -> TableFault:
    extent = f", and lines {line} to {end} were read as one record" if end > line else ""
    message = f"the record is not well-formed: {error}{extent}"
    hint = 'check the quotation marks: one inside a quoted cell is written twice, ""'
    return TableFault(Code.DELIVERY_LINE_TORN, file, line, message, hint)
