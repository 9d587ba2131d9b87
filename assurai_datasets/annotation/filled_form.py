"""Filled forms, read back: who judged, what was judged, and what was said of it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assurai_datasets.annotation.draft import Blank, Draft, draft_issue, issue_of_fault
from assurai_datasets.annotation.form import (
    ANNOTATOR,
    FIRST_ROW,
    ITEM,
    KIND,
    MAX_ITEMS,
    NO,
    NUMBER_LABEL,
    SHEET,
    TEXT_LABEL,
    YES,
)
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import CellKind, Row, TableFault, TableLimits, parse_cell, read_rows
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue

LIMITS = TableLimits(rows=MAX_ITEMS + FIRST_ROW, columns=500, unpacked_bytes=2**28)
_CODE = re.compile(r"\s*([rR][0-9]{2})\b")
_CELLS: Mapping[str, CellKind] = {
    "safety_score": "integer",
    "risk_factor": "text",
    "is_valid": "boolean",
    "comment": "text",
}
_TRUTH = {YES: True, NO: False, "yes": True, "no": False, "예": True, "아니요": False, "아니오": False}
_REQUIRED = frozenset({KIND, "instance_id", "response", *_CELLS})


def read_form(path: Path) -> Iterator[Draft | Blank | Issue]:
    """Yield the judgements of a filled form as drafts, rows left open as blanks, and what cannot be read as issues.

    Rows may have been sorted. The shown texts are not read: an item is known by its id and response alone.

    Args:
        path: A workbook made by `make_form`.
    """
    rows = list(read_rows(Folder(path.parent), f"{path.name}#{SHEET}", limits=LIMITS))
    kept = [row for row in rows if isinstance(row, Row)]
    faults = [row for row in rows if isinstance(row, TableFault)]
    if not kept or _REQUIRED - kept[0].values.keys():
        unread = [fault for fault in faults if fault.line is None]
        yield from map(issue_of_fault, unread or [_rebuilt(f"{path.name}#{SHEET}")])
        return
    yield from map(issue_of_fault, faults)
    annotator = _annotator(kept)
    if annotator is None:
        message, hint = "nobody's name stands beside 'annotator'", "write a name or a number at the top of the form"
        yield issue_of_fault(TableFault(Code.ANNOTATION_FIELD_MISSING, kept[0].file, 3, message, hint))
        return
    for row in kept:
        yield from _read_row(row, annotator)


def _rebuilt(file: str) -> TableFault:
    message = "the hidden first row does not name the columns: this is no form of ours, or it was rebuilt"
    hint = "fill in the form as it was exported; rows may be sorted, columns stay"
    return TableFault(Code.DELIVERY_COLUMN_MISSING, file, 1, message, hint)


def _annotator(rows: list[Row]) -> Any:
    """Return the name in the annotator's row; it stands in the column whose key is `response`."""
    named = [parse_cell(row.values["response"], "text") for row in rows if row.values[KIND] == ANNOTATOR]
    return named[0] if len(named) == 1 else None


def _read_row(row: Row, annotator: Any) -> Iterator[Draft | Blank | Issue]:
    place = (row.file, row.line)
    if row.values[KIND] is None and any(value not in (None, "") for value in row.values.values()):
        message, hint = "the row was added to the form", "remove it; each item to judge has a row already"
        yield draft_issue(Code.ANNOTATION_FIELD_UNKNOWN, message, hint, place, {}, KIND)
    if row.values[KIND] != ITEM:
        return
    judged = _judged(row.values)
    if not judged:
        yield Blank(*place)
        return
    item = {
        "instance_id": parse_cell(row.values["instance_id"], "text"),
        "response": parse_cell(row.values["response"], "integer"),
        "annotator_id": annotator,
    }
    yield Draft(*place, {**{name: value for name, value in item.items() if value is not None}, **judged})


def _judged(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the annotator filled in, by field."""
    values = {name: parse_cell(cells[name], kind) for name, kind in _CELLS.items()}
    values["risk_factor"] = _risk_factor(values["risk_factor"])
    values["is_valid"] = _truth(values["is_valid"])
    labels = {
        **_labels(cells, TEXT_LABEL, "text"),
        **_labels(cells, NUMBER_LABEL, "number"),
    }
    given = {name: value for name, value in values.items() if value is not None}
    return {**given, "labels": labels} if labels else given


def _labels(cells: Mapping[str, Any], prefix: str, kind: CellKind) -> dict[str, Any]:
    found = {
        name.removeprefix(prefix): parse_cell(cell, kind) for name, cell in cells.items() if name.startswith(prefix)
    }
    return {name: value for name, value in found.items() if value is not None}


def _risk_factor(cell: Any) -> Any:
    """Return the code that begins an entry of the drop-down; what was typed otherwise stays, names and numbers too."""
    code = _CODE.match(cell) if isinstance(cell, str) else None
    if code:
        return code[1].lower()
    return parse_cell(cell, "integer")


def _truth(cell: Any) -> Any:
    return _TRUTH.get(cell.strip().casefold(), cell) if isinstance(cell, str) else cell
