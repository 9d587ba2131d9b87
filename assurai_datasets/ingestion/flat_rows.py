"""From the cells of a flat table to the nested, typed values of a record."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from assurai_datasets.formats.tables import CellKind, nest_columns, parse_cell
from assurai_datasets.schema.delivery import LabelDeclaration

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
        "lead_time_s": "number",
        "sequence": "integer",
        "round": "integer",
    }
)


def read_flat_row(values: Mapping[str, Any], labels: Mapping[str, CellKind]) -> dict[str, Any]:
    """Return the record that the cells of a CSV, TSV or workbook row stand for; blank cells are absent.

    Args:
        values: Cell by column. Lists and objects are JSON, or dotted columns such as `media.path`.
        labels: Kind of the cells of each label; a column of that name is a label.
    """
    named = {f"labels.{name}" if name in labels else name: cell for name, cell in values.items()}
    kinds = {**_KINDS, **{f"labels.{name}": kind for name, kind in labels.items()}}
    return nest_columns({name: parse_cell(cell, kinds.get(name, "text")) for name, cell in named.items()})


def label_kinds(labels: Mapping[str, LabelDeclaration]) -> dict[str, CellKind]:
    """Return the kind of the cells of declared labels: numbers where no values are listed."""
    return {name: "text" if label.values is not None else "number" for name, label in labels.items()}
