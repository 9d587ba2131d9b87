"""What a form or an export says of one item, as it was found: not yet an annotation."""

from typing import Any, NamedTuple

from assurai_datasets.formats.tables import TableFault
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue

SHOWN_CHARS = 60


class Draft(NamedTuple):
    """The values of one annotation, by field of the model, unchecked.

    Attributes:
        file: File, of a workbook with its sheet.
        line: Line or row where it stands.
        values: Value by field.
    """

    file: str
    line: int
    values: dict[str, Any]


class Blank(NamedTuple):
    """An item that was shown and not judged: left open, or skipped."""

    file: str
    line: int


def issue_of_fault(fault: TableFault) -> Issue:
    """Return the issue of a fault found while reading a table."""
    return make_issue(fault.code, fault.message, fault.hint, file=fault.file, line=fault.line)


def draft_issue(
    code: Code, message: str, hint: str, place: tuple[str, int], values: dict[str, Any], field: str
) -> Issue:
    """Return an issue of an item, which is named where its instance is known."""
    instance_id = values.get("instance_id")
    named = instance_id[:128] if isinstance(instance_id, str) else None
    return make_issue(code, message, hint, file=place[0], line=place[1], instance_id=named, field=field)


def shown(value: Any) -> str:
    """Return a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."
