"""What a release must meet."""

from typing import Literal

from pydantic import Field

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.instance import InstanceId
from assurai_datasets.schema.record import Integer, Many, Record, Text
from assurai_datasets.schema.times import Time


class Waiver(Record):
    """An explicit exception from one rule: who allows it, why, and until when. It stands in the card."""

    code: Code
    instance_id: InstanceId | None = Field(None, description="Absent = the code everywhere.")
    who: Text
    why: Text
    until: Time = Field(description="Last day the waiver holds, compared with the date of the release.")


class Policy(Record):
    """What a release must meet. The default asks for what a delivery claims and no more."""

    name: Text = "default"
    annotations: Literal["claimed", "required"] = Field(
        "claimed", description="claimed: rules hold where a delivery has annotations; required: it must have them."
    )
    min_annotations: Integer = Field(3, ge=1, description="Annotations an annotated instance or response must have.")
    reviews: Literal["claimed", "accepted"] = Field(
        "claimed", description="claimed: no open or dropped instance enters; accepted: only accepted ones enter."
    )
    min_seed_share: float | None = Field(None, ge=0, le=1, description="Least share of seed instances.")
    plan: Literal["paper"] | None = Field(None, description="Plan whose counts by risk factor must be reached.")
    errors: Many[Code] = Field((), description="Warnings this policy raises to errors.")
    waivers: Many[Waiver] = ()
