"""What the cells of a flat table mean: the few conversions that need no mapping."""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from assurai_datasets.formats.tables.json_values import LEAST_BEYOND, JsonReader
from assurai_datasets.formats.tables.rows import TableLimits

CellKind = Literal["text", "integer", "number", "boolean", "json"]
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][-+]?[0-9]{1,2})?")


def parse_cell(cell: Any, kind: CellKind) -> Any:
    """Return the value of a cell of CSV, TSV or XLSX; None where it is blank.

    A cell that is not of its kind comes back as it is, so that the model that checks it can say what was found.

    Args:
        cell: Text, or what a workbook gives: a number, a boolean, None.
        kind: `text` gives a number as it would be typed; `integer` and `number` read digits; `boolean` reads true and
            false in any case, and 0 and 1; `json` reads a cell that begins with a bracket, brace or quotation mark.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    return _PARSERS[kind](cell)


def nest_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with dotted columns as nested objects: `media.path` as `{"media": {"path": ...}}`.

    Blank cells are left out. A column that stands in the way of a dotted one keeps its value, and the dotted one stays
    as it is named.
    """
    nested: dict[str, Any] = {}
    for name, value in sorted(values.items(), key=lambda item: "." in item[0]):
        if value is None or value == "":
            continue
        *parents, last = name.split(".") if all(name.split(".")) else [name]
        inner = _descend(nested, parents)
        if inner is None or last in inner:
            nested[name] = value
        else:
            inner[last] = value
    return nested


def _descend(nested: dict[str, Any], parents: list[str]) -> dict[str, Any] | None:
    for parent in parents:
        inner = nested.setdefault(parent, {})
        if not isinstance(inner, dict):
            return None
        nested = inner
    return nested


def _text(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell) if isinstance(cell, int | float) else cell


def _integer(cell: Any) -> Any:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LEAST_BEYOND:
        return int(cell)
    return int(cell) if isinstance(cell, str) and INTEGER.fullmatch(cell.strip()) else cell


def _number(cell: Any) -> Any:
    found = _integer(cell)
    return float(found) if isinstance(found, str) and NUMBER.fullmatch(found.strip()) else found


def _boolean(cell: Any) -> Any:
    found = cell.strip().casefold() if isinstance(cell, str) else cell
    if found in ("true", "1", 1):
        return True
    return False if found in ("false", "0", 0) else cell


def _json(cell: Any) -> Any:
    if not isinstance(cell, str) or cell.lstrip()[:1] not in ("[", "{", '"'):
        return cell
    reader = JsonReader(TableLimits())
    try:
        value = reader.decoder.decode(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell
    return cell if reader.faults_of(value, cell, "", 1) else value


_PARSERS = {"text": _text, "integer": _integer, "number": _number, "boolean": _boolean, "json": _json}
