"""Points in time as ISO 8601 text: kept as delivered, compared as instants."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

_SHAPE = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?$"
)


def parse_time(text: str) -> datetime:
    """Return the instant of an ISO 8601 date or date-time; without an offset it is read as UTC.

    Raises:
        ValueError: The text is no date that exists.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _existing(text: str) -> str:
    parse_time(text)
    return text


Time = Annotated[
    str,
    Field(pattern=_SHAPE, max_length=40, description="ISO 8601 date or date-time; UTC where it has no offset."),
    AfterValidator(_existing),
]
