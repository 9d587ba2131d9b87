"""What a release must meet."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.instance import InstanceId
from assurai_datasets.schema.record import Integer, Many, Record, Text, whole_number
from assurai_datasets.schema.times import Time
from assurai_datasets.schema.vocabulary import Modality, PromptTypeField, RiskFactorNumber, Stage

Stratum = Literal["risk_factor", "category", "prompt_type", "modality", "stage"]
AgreementMeasure = Literal[
    "percent_agreement", "krippendorff_alpha", "fleiss_kappa", "cohen_kappa", "gwet_ac1", "gwet_ac2"
]

Count = Annotated[int, Field(ge=0), BeforeValidator(whole_number)]


class Waiver(Record):
    """An explicit exception from one rule: who allows it, why, and until when. It stands in the card.

    Only rules of a policy and what is a warning by default can be waived: an error that keeps a row or a medium from
    being read cannot.
    """

    code: Code
    instance_id: InstanceId | None = Field(None, description="Absent = the code everywhere.")
    field: Text | None = Field(None, description="Field or stratum as the issue names it; absent = every one.")
    who: Text
    why: Text
    until: Time = Field(description="Last day the waiver holds, compared with the date of the release.")


class Scope(Record):
    """A part of the instances: those that match everything given; nothing given, all of them."""

    modality: Many[Modality] | None = None
    stage: Many[Stage] | None = None
    risk_factor: Many[RiskFactorNumber] | None = None
    prompt_type: Many[PromptTypeField] | None = None


class AgreementFloor(Record):
    """The least agreement of the annotators on one field, as a whole or in every group of a stratum."""

    field: Text = Field(description="safety_score, risk_factor, is_valid, or a label the delivery declares.")
    measure: AgreementMeasure = "krippendorff_alpha"
    least: float = Field(ge=-1, le=1)
    by: Stratum | None = Field(
        None, description="Absent = over all instances. Groups too small to say are passed over."
    )


class Policy(Record):
    """What a release must meet. The default asks for what a delivery claims and no more."""

    name: Text = "default"
    annotations: Literal["claimed", "required"] = Field(
        "claimed", description="claimed: rules hold where a delivery has annotations; required: it must have them."
    )
    min_annotations: Integer = Field(3, ge=1, description="Annotations an annotated instance or response must have.")
    agreement: Many[AgreementFloor] = Field((), description="Floors of agreement.")
    reviews: Literal["claimed", "accepted"] = Field(
        "claimed", description="claimed: no open or dropped instance enters; accepted: only accepted ones enter."
    )
    reviews_of: Scope = Field(Scope(), description="The instances that must be accepted; by default all.")
    licenses: Many[Text] | None = Field(None, description="Licences that instances and media may have; absent = any.")
    limits: dict[Code, Count] = Field({}, description="How many issues of a code there may be at most.")
    min_seed_share: float | None = Field(None, ge=0, le=1, description="Least share of seed instances.")
    plan: Literal["paper"] | None = Field(None, description="Plan whose counts by risk factor must be reached.")
    errors: Many[Code] = Field((), description="Warnings this policy raises to errors.")
    waivers: Many[Waiver] = ()
