"""Literals of JSON and Python in a cell, read without running anything."""

import ast
import json
import math
import warnings
from typing import Any

from assurai_datasets.formats.tables.json_values import JsonReader
from assurai_datasets.formats.tables.rows import TableLimits

CHARS = 2**18
BRACKETS = 10_000
LIMITS = TableLimits()


def read_json_cell(text: str) -> Any:
    """Return the value of JSON in a cell.

    Raises:
        ValueError: It is not JSON, or holds what JSON cannot.
    """
    reader = JsonReader(LIMITS)
    try:
        value = reader.decoder.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(error.msg) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if faults := reader.faults_of(value, text, "", 1):
        raise ValueError(faults[0].message)
    return value


def read_python_cell(text: str) -> Any:
    """Return the value of a Python literal in a cell: lists, tuples (as lists), dicts, text, numbers, booleans, None.

    Raises:
        ValueError: It is no such literal, or larger or deeper than a cell may be.
    """
    if len(text) > CHARS or _deepest(text) > LIMITS.depth:
        raise ValueError("it is larger or nested deeper than a cell may be")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unusual backslash is data here, not code to be improved
            return _plain(ast.literal_eval(text.strip()))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f"it is no literal of Python ({type(error).__name__})") from error


def _deepest(text: str) -> int:
    """Return the most brackets and signs that could stand within one another."""
    depth = deepest = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return max(deepest, text.count("-") // BRACKETS and LIMITS.depth + 1)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("no finite number")
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("no plain value")
