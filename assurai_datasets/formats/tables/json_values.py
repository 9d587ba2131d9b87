"""JSON read strictly: what Python's reader lets pass in silence becomes a fault of the row."""

import json
import math
from collections import Counter
from typing import Any

from assurai_datasets.formats.tables.rows import TableFault, TableLimits, depth_of, has_lone_surrogate, undecodable
from assurai_datasets.schema.codes import Code

SHOWN_CHARS = 60
LEAST_BEYOND = 2**63
"""The least whole number that Arrow, SQLite and JSON writers cannot hold."""
DIGITS_OF_64_BITS = 21


class JsonReader:
    """A JSON decoder that remembers what was wrong with the value it read last.

    Attributes:
        decoder: The decoder; its `decode` and `raw_decode` note duplicate keys and numbers that are none.
    """

    def __init__(self, limits: TableLimits) -> None:
        self.limits = limits
        self._found: list[tuple[Code, str, str]] = []
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_float=self._float,
            parse_int=self._int,
        )

    def faults_of(self, value: Any, text: str, file: str, line: int) -> list[TableFault]:
        """Return the faults of the value just read from `text`, and forget them."""
        faults = [TableFault(code, file, line, message, hint) for code, message, hint in dict.fromkeys(self._found)]
        self._found.clear()
        if (
            text.count("[") + text.count("{") > self.limits.depth
            and depth_of(value, self.limits.depth) > self.limits.depth
        ):
            faults.append(too_deep(file, line, self.limits))
        elif holds_half_characters(value, text):
            faults.append(undecodable(file, line))
        return faults

    def forget(self) -> None:
        """Forget what was found in a value that is read again or passed over."""
        self._found.clear()

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            twice = min(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
            message = f"the key {twice[:SHOWN_CHARS]!r} stands twice in one object"
            self._found.append((Code.DELIVERY_KEY_DUPLICATE, message, "keep one of the two values"))
        return built

    def _constant(self, name: str) -> float:
        return self._not_finite(name)

    def _float(self, digits: str) -> float:
        number = float(digits)
        return number if math.isfinite(number) else self._not_finite(digits)

    def _int(self, digits: str) -> int | float:
        number = int(digits) if len(digits) < DIGITS_OF_64_BITS else LEAST_BEYOND
        return number if -LEAST_BEYOND <= number < LEAST_BEYOND else self._not_finite(digits)

    def _not_finite(self, found: str) -> float:
        message = f"{found[:SHOWN_CHARS]} is no number that a table can hold"
        hint = "leave the field out where there is no value"
        self._found.append((Code.DELIVERY_NUMBER_NOT_FINITE, message, hint))
        return 0.0


def holds_half_characters(value: Any, text: str) -> bool:
    """Return whether a value read from JSON text holds a lone surrogate, as a byte or as an escape."""
    if not text.isascii() and has_lone_surrogate(text):
        return True
    return "\\ud" in text.lower() and has_lone_surrogate(json.dumps(value, ensure_ascii=False))


def too_deep(file: str, line: int, limits: TableLimits) -> TableFault:
    """Return the fault of a row nested too deeply."""
    message = f"the row is nested deeper than {limits.depth} levels"
    return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, line, message, "give the row as one flat object")


def not_an_object(value: Any, file: str, line: int) -> TableFault:
    """Return the fault of a row that is a list, text, number or null."""
    kind = {list: "a list", str: "text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    message = f"the row is {kind}, not an object"
    return TableFault(Code.DELIVERY_ROW_NOT_OBJECT, file, line, message, 'write each row as {"id": ..., ...}')


def torn(error: json.JSONDecodeError, file: str, line: int) -> TableFault:
    """Return the fault of a line that is not JSON; what stands there is not shown, for it may name somebody."""
    reason = "it breaks off" if not error.doc[error.pos :].strip() else f"{error.msg[0].lower()}{error.msg[1:]}"
    message = f"the line is not JSON: {reason.removesuffix(' at')} (column {error.colno})"
    return TableFault(Code.DELIVERY_LINE_TORN, file, line, message, "write one whole JSON object on each line")
