"""What a supplier declares about a delivery: the content of `delivery.yaml`."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, model_validator

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault, raise_faults
from assurai_datasets.schema.record import Many, Record, Text
from assurai_datasets.schema.vocabulary import Stage

DELIVERY_FORMAT = "assurai-delivery/1"
Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: Mapping[str, Level] = MappingProxyType(
    {"safety_score": "ordinal", "risk_factor": "nominal", "is_valid": "nominal"}
)
"""Level of measurement of each judgement of ours."""
Paths = Text | Many[Text]


def label_text(value: str | float | bool) -> str:
    """Return a label's value as text: `true` and `false`, whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


class LabelDeclaration(Record):
    """A foreign annotation label: its level and the values it may take.

    Rule across fields: a nominal label lists `values`; the others give `values` in order or `min` and `max`.
    """

    level: Level
    values: Many[str] | None = Field(None, min_length=2, description="Allowed values, in order where ordered.")
    min: float | None = Field(None, allow_inf_nan=False)
    max: float | None = Field(None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _bounded(self) -> "LabelDeclaration":
        bounds = self.min is not None and self.max is not None and self.min < self.max
        if not (self.values or (bounds and self.level != "nominal")):
            found = f"a {self.level} label without its values"
            hint = "list values, or give min below max for a label that is not nominal"
            raise_faults([Fault(Code.DELIVERY_SETTINGS_INVALID, "values", found, hint)])
        return self

    def problem_of(self, value: str | float | bool) -> str | None:
        """Return what is wrong with a value of this label, or None."""
        if self.values is not None:
            return None if label_text(value) in self.values else f"not one of {', '.join(self.values)}"
        if isinstance(value, str | bool) or not math.isfinite(value):
            return "not a number"
        low, high = self.min or 0.0, self.max or 0.0
        return None if low <= value <= high else f"not between {low:g} and {high:g}"


class Delivery(Record):
    """What a supplier declares about a delivery: the content of `delivery.yaml`.

    Rule across fields, which JSON Schema does not express: no foreign label has the name of a judgement of ours.
    """

    format: Literal["assurai-delivery/1"]
    name: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", max_length=128)]
    language: Text = Field(description="BCP 47 tag of the instances that name none.")
    license: Text = Field(description="SPDX or Hub identifier of the instances that name none.")
    stage: Stage | None = Field(None, description="Stage of the instances that name none.")
    source: Text | None = Field(None, description="Origin of the instances that name none.")
    instances: Paths = Field("instances.jsonl", description="Tables of instances: a file, a list or a glob.")
    annotations: Paths | None = None
    reviews: Paths | None = None
    mapping: Text | None = Field(None, description="Mapping of a foreign table to our fields.")
    score_polarity: Literal["safety", "risk"] = Field("safety", description="risk: 5 is the worst, and is flipped.")
    labels: dict[Text, LabelDeclaration] = Field({}, description="Foreign annotation labels, by name.")
    allow_personal_data: Many[Text] = Field(
        (), description="Values that look like personal data and are invented: as written, or `sha256:` and a digest."
    )
    retractions: Paths | None = Field(None, description="Tables of instance_id, reason, date: withdrawn instances.")

    @model_validator(mode="after")
    def _labels_are_foreign(self) -> "Delivery":
        hint = "give the label another name, or deliver it as the judgement of ours"
        taken = [f"labels.{name}" for name in self.labels if name in LEVELS]
        found = "a foreign label has the name of a judgement of ours"
        raise_faults(Fault(Code.DELIVERY_SETTINGS_INVALID, field, found, hint) for field in taken)
        return self
