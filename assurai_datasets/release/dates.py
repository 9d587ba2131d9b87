"""The date of a release: given, or told by the data, never by the clock."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

from assurai_datasets.errors import UsageError
from assurai_datasets.formats.intake import Intake
from assurai_datasets.schema.times import parse_time


def date_of_release(given: str | None, intake: Intake) -> str | None:
    """Return the date of a release: the given one, else SOURCE_DATE_EPOCH, else the latest in the data, else None.

    Raises:
        UsageError: The given date, or SOURCE_DATE_EPOCH, is none.
    """
    if given is not None:
        return check_date(given)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        if not epoch.isdecimal():
            raise UsageError(f"SOURCE_DATE_EPOCH must be seconds since 1970, not {epoch!r}")
        return datetime.fromtimestamp(int(epoch), UTC).date().isoformat()
    moments = (parse_time(text) for text in _times(intake))
    newest = max(moments, default=None)
    return newest.astimezone(UTC).date().isoformat() if newest else None


def check_date(text: str) -> str:
    """Return an ISO date as it is.

    Raises:
        UsageError: It is not a date written YYYY-MM-DD.
    """
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise UsageError(f"the date must be written YYYY-MM-DD, not {text!r}")


def _times(intake: Intake) -> Iterator[str]:
    for table in ("annotations", "reviews"):
        query = f"SELECT DISTINCT json_extract(body, '$.created_at') FROM {table}"  # noqa: S608  our own names
        yield from (text for (text,) in intake.select(query) if text is not None)
