"""What one annotator says of one instance, or of one of its responses."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import LEVELS
from assurai_datasets.schema.faults import Fault, raise_faults
from assurai_datasets.schema.instance import InstanceId
from assurai_datasets.schema.record import CHECKED, Record, Text, whole_number
from assurai_datasets.schema.times import Time
from assurai_datasets.schema.vocabulary import RiskFactorNumber

Position = Annotated[int, Field(ge=0), BeforeValidator(whole_number)]
SafetyScore = Annotated[int, Field(ge=1, le=5), BeforeValidator(whole_number)]
JUDGEMENTS = tuple(LEVELS)


class Annotation(Record):
    """What one annotator says of one instance, or of one of its responses.

    Rule across fields: at least one judgement (`safety_score`, `risk_factor`, `is_valid` or a label).
    """

    instance_id: InstanceId
    annotator_id: Text = Field(description="As the supplier names the annotator; never leaves the delivery.")
    response: Position | None = Field(None, description="Position of the response; absent = the instance itself.")
    safety_score: SafetyScore | None = Field(None, description="Ordinal: 1 = risk ... 5 = safe.")
    risk_factor: RiskFactorNumber | None = Field(None, description="Nominal.")
    is_valid: bool | None = Field(None, description="Nominal: whether the instance belongs in the set as it is.")
    labels: dict[Text, str | float | bool] = Field({}, description="Foreign labels declared in the delivery.")
    comment: Text | None = None
    created_at: Time | None = None
    lead_time_s: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Seconds the annotator spent; never leaves the delivery."
    )

    @model_validator(mode="after")
    def _says_something(self, info: ValidationInfo) -> "Annotation":
        if info.context is not CHECKED and not self.labels and all(getattr(self, name) is None for name in JUDGEMENTS):
            hint = f"give one of {', '.join(JUDGEMENTS)} or a declared label"
            raise_faults([Fault(Code.ANNOTATION_JUDGEMENT_MISSING, "safety_score", "no judgement is given", hint)])
        return self
