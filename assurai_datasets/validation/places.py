"""Issues at the place of a row."""

from assurai_datasets.formats.intake import Place
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue

LISTED = 10


def issue_at(
    place: Place, code: Code, message: str, hint: str, *, instance_id: str | None = None, field: str | None = None
) -> Issue:
    """Return an issue of the row at a place."""
    return make_issue(code, message, hint, file=place.file, line=place.line, instance_id=instance_id, field=field)


def listed(names: list[str]) -> str:
    """Return names as one text: all of them up to ten, else the first ten and how many more."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
