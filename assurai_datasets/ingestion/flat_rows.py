"""From the cells of a flat table to the nested, typed values of a record."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from assurai_datasets.formats.tables import CellKind, nest_columns, parse_cell

_KINDS: Mapping[str, CellKind] = MappingProxyType(
    {
        "turns": "json",
        "choices": "json",
        "safe_choices": "json",
        "constraints": "json",
        "responses": "json",
        "media": "json",
        "labels": "json",
        "changes": "json",
        "benign": "boolean",
        "is_valid": "boolean",
        "response": "integer",
        "safety_score": "integer",
        "sequence": "integer",
        "round": "integer",
    }
)


def read_flat_row(values: Mapping[str, Any], labels: Collection[str]) -> dict[str, Any]:
    """Return the record that the cells of a CSV, TSV or workbook row stand for; blank cells are absent.

    Args:
        values: Cell by column. Lists and objects are JSON, or dotted columns such as `media.path`.
        labels: Names of declared labels; a column of that name is a label.
    """
    named = {f"labels.{name}" if name in labels else name: cell for name, cell in values.items()}
    return nest_columns({name: parse_cell(cell, _kind(name)) for name, cell in named.items()})


def _kind(name: str) -> CellKind:
    return _KINDS.get(name, "text")
