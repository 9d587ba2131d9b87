"""A JSON file that is one array of objects, or one object that holds such an array, read piece by piece."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from assurai_datasets.formats.tables.json_lines import read_json_lines
from assurai_datasets.formats.tables.json_values import JsonReader, not_an_object, too_deep, torn
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits, too_long
from assurai_datasets.schema.codes import Code

PIECE_CHARS = 2**16
BLANK = re.compile(r"[ \t\r\n\ufeff]*")
REST_LOST = "the rest of the file was not read: repair it here and check again"


class _TooLongError(Exception):
    """A value that does not end within the limit."""


class _CutShortError(Exception):
    """A file that does not go on as a list of rows does; says how."""


class _Scanner:
    """A position in a JSON text of which only the part at hand is kept in memory.

    Attributes:
        line: Line of the position, counted from 1.
        reader: What decodes values and remembers their faults.
    """

    def __init__(self, stream: TextIO, limits: TableLimits) -> None:
        self.line = 1
        self.reader = JsonReader(limits)
        self._stream = stream
        self._limits = limits
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        while True:
            blank = BLANK.match(self._text, self._at)
            self._move(blank.end() if blank else self._at)
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, *expected: str) -> str:
        """Step over the next character that is not blank and return it.

        Raises:
            _CutShortError: It is not one of those expected.
        """
        found = self.peek()
        if found not in expected:
            due = " or ".join(map(repr, expected))
            raise _CutShortError(f"{found!r} stands where {due} is due" if found else f"it ends where {due} is due")
        self._move(self._at + 1)
        return found

    def value(self) -> tuple[Any, str]:
        """Return the next value and its text.

        Raises:
            JSONDecodeError: What stands here is not JSON.
            RecursionError: It is nested too deeply.
            _TooLongError: It does not end within the limit.
        """
        self.peek()
        while True:
            try:
                value, end = self.reader.decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                self._check_length(len(self._text))
                if not self._more():
                    raise
            else:
                self._check_length(end)
                if end < len(self._text) or not self._more():
                    return value, self._move(end)
            self.reader.forget()

    def _check_length(self, end: int) -> None:
        if end - self._at > self._limits.row_chars:
            raise _TooLongError

    def _more(self) -> bool:
        """Read on, as much again as is at hand, so that a long value is tried only a few times."""
        kept = self._text[self._at :]
        piece = "" if self._ended else self._stream.read(max(PIECE_CHARS, len(kept)))
        self._ended = not piece
        self._text, self._at = kept + piece, 0
        return bool(piece)

    def _move(self, to: int) -> str:
        passed = self._text[self._at : to]
        self.line += passed.count("\n")
        self._at = to
        return passed


def read_json(stream: TextIO, file: str, limits: TableLimits) -> Iterator[Row | TableFault]:
    """Yield the rows of an array of objects, or of the one list an object holds; also JSON lines under this name."""
    if _is_json_lines(stream, limits):
        yield from read_json_lines(stream, file, limits)
        return
    scanner = _Scanner(stream, limits)
    try:
        yield from _read_object(scanner, file) if scanner.peek() == "{" else _read_array(scanner, file)
        if scanner.peek():
            raise _CutShortError("there is more after its end")  # noqa: TRY301 - one place turns these into faults
    except _CutShortError as error:
        yield _cut_short(file, scanner.line, str(error))
    except json.JSONDecodeError as error:
        fault = torn(error, file, scanner.line)
        yield fault._replace(message=fault.message.replace("the line is", "what begins here is"), hint=REST_LOST)
    except RecursionError:
        yield too_deep(file, scanner.line, limits)._replace(hint=REST_LOST)
    except _TooLongError:
        yield too_long(file, scanner.line, limits)._replace(hint=REST_LOST)


def _is_json_lines(stream: TextIO, limits: TableLimits) -> bool:
    """Return whether the first line is a whole object and another line follows; leave the stream at its start."""
    start = stream.tell()
    begins = stream.read(PIECE_CHARS).lstrip("\ufeff \t\r\n").startswith("{")
    stream.seek(start)
    first = stream.readline(limits.row_chars).strip("\ufeff \t\r\n") if begins else ""
    follows = begins and bool(stream.read(PIECE_CHARS).strip())
    stream.seek(start)
    return follows and _is_object(first)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _read_array(scanner: _Scanner, file: str) -> Iterator[Row | TableFault]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    mark = ","
    while mark == ",":
        yield from _read_element(scanner, file)
        mark = scanner.take(",", "]")


def _read_element(scanner: _Scanner, file: str) -> Iterator[Row | TableFault]:
    scanner.peek()
    line = scanner.line
    value, text = scanner.value()
    if faults := scanner.reader.faults_of(value, text, file, line):
        yield from faults
    else:
        yield Row(file, line, value) if isinstance(value, dict) else not_an_object(value, file, line)


def _read_object(scanner: _Scanner, file: str) -> Iterator[Row | TableFault]:
    """Yield the rows of the first list of an object; a second list is a fault, other values are passed over."""
    lists = 0
    mark = scanner.take("{")
    while mark != "}":
        key, _ = scanner.value()
        scanner.take(":")
        if scanner.peek() == "[" and not lists:
            yield from _read_array(scanner, file)
            lists = 1
        else:
            yield from _pass_over(scanner, file, key)
        mark = scanner.take(",", "}")
    if not lists:
        raise _CutShortError("the object holds no list of rows")


def _pass_over(scanner: _Scanner, file: str, key: Any) -> Iterator[TableFault]:
    line = scanner.line
    value, _ = scanner.value()
    scanner.reader.forget()
    if isinstance(value, list):
        message = f"the file holds a second list, {str(key)[:60]!r}, beside the one that is read"
        yield TableFault(Code.DELIVERY_ROW_NOT_OBJECT, file, line, message, "give one list of rows in each file")


def _cut_short(file: str, line: int, what: str) -> TableFault:
    message = f"the file is not one JSON list of rows: {what}"
    hint = "write the file again as one list of objects, or as JSON lines named .jsonl"
    return TableFault(Code.DELIVERY_LINE_TORN, file, line, message, hint)
