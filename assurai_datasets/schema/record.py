"""The base of every model: frozen, strict, and closed to unknown keys."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

BLANK = r"\u0000-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\u3164\ufeff"
"""Characters that show nothing, as the inside of a character class that every regex engine reads alike."""


class Record(BaseModel):
    """A frozen model that refuses unknown keys and does not coerce types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def whole_number(value: Any) -> Any:
    """Return an integral float as int (spreadsheets and JSON Schema know one number type), else the value as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else value


CHECKED: Mapping[str, Any] = MappingProxyType({})
"""Context to validate with where a record was made by a model, and so is known to hold its rules across fields."""
Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], Field(strict=False)]
"""A list in JSON, a tuple in the model."""
Integer = Annotated[int, BeforeValidator(whole_number)]
Text = Annotated[str, Field(pattern=f"[^{BLANK}]", description="Text with at least one visible character.")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", max_length=64)]
