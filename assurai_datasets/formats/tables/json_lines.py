"""JSON lines: one object a line; a bad line is a fault and the next one is read."""

import json
from collections.abc import Iterator
from typing import TextIO

from assurai_datasets.formats.tables.json_values import JsonReader, not_an_object, too_deep, torn
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits, too_long


def read_json_lines(stream: TextIO, file: str, limits: TableLimits) -> Iterator[Row | TableFault]:
    """Yield the rows of a text stream; blank lines are skipped."""
    reader = JsonReader(limits)
    line = 0
    while text := stream.readline(limits.row_chars + 1):
        line += 1
        if len(text) > limits.row_chars:
            _skip_line(stream, text, limits)
            yield too_long(file, line, limits)
        elif text.strip():
            yield from _read_line(text, reader, file, line)


def _read_line(text: str, reader: JsonReader, file: str, line: int) -> Iterator[Row | TableFault]:
    try:
        value = reader.decoder.decode(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        reader.forget()
        yield torn(error, file, line)
        return
    except RecursionError:
        reader.forget()
        yield too_deep(file, line, reader.limits)
        return
    if faults := reader.faults_of(value, text, file, line):
        yield from faults
    else:
        yield Row(file, line, value) if isinstance(value, dict) else not_an_object(value, file, line)


def _skip_line(stream: TextIO, text: str, limits: TableLimits) -> None:
    while text and not text.endswith("\n"):
        text = stream.readline(limits.row_chars)
