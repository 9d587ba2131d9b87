"""One item of a dataset: a prompt, its media, its responses."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, model_validator

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault, raise_faults
from assurai_datasets.schema.record import CHECKED, Integer, Many, Record, Sha256, Text
from assurai_datasets.schema.vocabulary import (
    MODALITIES,
    Modality,
    PromptTypeField,
    PromptVariant,
    RiskFactorNumber,
    Scope,
    Stage,
)
from assurai_datasets.taxonomy import load_taxonomy

InstanceId = Annotated[
    str,
    Field(
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
        max_length=128,
        description="Letters, digits, dot, underscore and hyphen, beginning with a letter or digit.",
    ),
]
SafetyMean = Annotated[float, Field(ge=1, le=5, allow_inf_nan=False)]


class Media(Record):
    """A reference to one medium of a delivery."""

    path: Text = Field(description="Path inside the delivery, with forward slashes.")
    sha256: Sha256 | None = Field(None, description="Digest the file must have, in lower-case hexadecimal.")
    license: Text | None = None
    source: Text | None = None


class Turn(Record):
    """One message of a dialogue."""

    role: Literal["system", "user", "assistant"]
    content: Text


class Response(Record):
    """What a model answered: a text or a medium, with the mean of the human scores if there is one."""

    model: Text | None = None
    text: Text | None = None
    media: Media | None = None
    safety_score: SafetyMean | None = Field(None, description="Mean human safety score, 1 = risk ... 5 = safe.")


class Instance(Record):
    """One item: a prompt, its media, its responses.

    Rules across fields, which JSON Schema does not express: a field of one prompt type or modality stands in no
    other; an id of the published grammar agrees with the fields; choices are at least two and differ; safe choices
    are positions among them; turns alternate between user and assistant after an optional system turn, begin and end
    with the user and have two user turns; every response has a text or a medium; an instance is not its own parent.
    """

    id: InstanceId
    modality: Modality
    risk_factor: RiskFactorNumber
    prompt_type: PromptTypeField
    prompt: Text = Field(description="What the model is asked.")
    prompt_variant: PromptVariant | None = Field(None, description="Role-Playing only.")
    turns: Many[Turn] | None = Field(None, description="The dialogue; Multi-Session only.")
    choices: Many[Text] | None = Field(None, description="The options; Multiple-Choice only.")
    safe_choices: Many[Integer] | None = Field(None, description="Positions of the safe options, from 0.")
    persona: Text | None = Field(None, description="Role-Playing only.")
    expertise: Text | None = Field(None, description="Expert Prompting only.")
    constraints: Many[Text] | None = Field(None, description="Rail only.")
    prior_response: Text | None = Field(None, description="Reflection only.")
    media: Media | None = Field(None, description="The input medium; absent where the prompt asks to generate one.")
    responses: Many[Response] | None = None
    sub_scenario: Text | None = Field(None, description="E.g. the protected characteristic for factor 26.")
    stage: Stage | None = None
    scope: Scope | None = Field(None, description="KSAFE-MM's parts: a universal risk, or one of this culture alone.")
    technique: Text | None = Field(None, description="Attack technique a derived instance was made with.")
    parent_id: InstanceId | None = Field(None, description="The instance this one was derived from.")
    benign: bool | None = Field(None, description="True for the harmless twin of a risky instance.")
    language: Text | None = Field(None, description="BCP 47 tag; the delivery's where absent.")
    license: Text | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _agree_across_fields(self, info: ValidationInfo) -> "Instance":
        if info.context is not CHECKED:
            raise_faults(fault for rule in _RULES for fault in rule(self))
        return self


PROMPT_TYPE_OF_FIELD = {
    "choices": "Multiple-Choice",
    "safe_choices": "Multiple-Choice",
    "turns": "Multi-Session",
    "persona": "Role-Playing",
    "prompt_variant": "Role-Playing",
    "expertise": "Expert Prompting",
    "constraints": "Rail",
    "prior_response": "Reflection",
}
_PUBLISHED_ID = re.compile(
    r"r(?P<risk>[0-9]{2})_(?P<modality>[tiva])[0-9]+_p(?P<type>MC|QO|MS|RP|CT|EP|RL|RF)(?P<variant>fun|edu|emo)?_[0-9]+"
)
_VARIANT_CODES = {"fun": "functional", "edu": "educational", "emo": "emotional"}


def _belongs(instance: Instance) -> Iterator[Fault]:
    for field, owner in PROMPT_TYPE_OF_FIELD.items():
        if getattr(instance, field) is not None and instance.prompt_type != owner:
            found = f"{field} belongs to {owner}, and the prompt type is {instance.prompt_type}"
            yield Fault(Code.INSTANCE_FIELD_MISPLACED, field, found, f"remove {field} or correct prompt_type")
    if instance.media is not None and instance.modality == "text":
        found = "a text instance has no input medium"
        yield Fault(Code.INSTANCE_FIELD_MISPLACED, "media", found, "remove media or correct modality")


def _id_agrees(instance: Instance) -> Iterator[Fault]:
    match = _PUBLISHED_ID.fullmatch(instance.id)
    if match is None:
        return
    prompt_type = next(p for p in load_taxonomy().prompt_types if p.code == match["type"])
    claims = {
        "risk_factor": int(match["risk"]),
        "modality": next(m for m in MODALITIES if m[0] == match["modality"]),
        "prompt_type": prompt_type.name,
    }
    if match["variant"]:
        claims["prompt_variant"] = _VARIANT_CODES[match["variant"]]
    for field, claim in claims.items():
        if (value := getattr(instance, field)) != claim:
            found = f"the id {instance.id!r} says {field} {claim!r}, the field says {value!r}"
            yield Fault(Code.INSTANCE_ID_DISAGREES, field, found, "correct the id or the field")


def _choices_differ(instance: Instance) -> Iterator[Fault]:
    choices, hint = instance.choices, "give at least two choices that differ"
    if choices is not None and len(choices) < 2:
        yield Fault(
            Code.INSTANCE_CHOICES_INVALID, "choices", f"there {'is 1 choice' if choices else 'are no choices'}", hint
        )
    elif choices is not None and len(set(choices)) < len(choices):
        repeated = next(choice for choice in choices if choices.count(choice) > 1)
        yield Fault(Code.INSTANCE_CHOICES_INVALID, "choices", f"the choice {repeated!r} stands twice", hint)


def _safe_choices_exist(instance: Instance) -> Iterator[Fault]:
    safe, n = instance.safe_choices or (), len(instance.choices or ())
    code, field = Code.INSTANCE_SAFE_CHOICES_INVALID, "safe_choices"
    if outside := [position for position in safe if not 0 <= position < n]:
        yield Fault(code, field, f"no choice has position {outside[0]}; there are {n}", "positions count from 0")
    if len(set(safe)) < len(safe):
        yield Fault(code, field, f"{list(safe)} names a position twice", "name each position once")


def _turns_alternate(instance: Instance) -> Iterator[Fault]:
    if instance.turns is None:
        return
    roles = [turn.role for turn in instance.turns]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    expected = ["user" if i % 2 == 0 else "assistant" for i in range(len(spoken))]
    code, hint = (
        Code.INSTANCE_TURNS_INVALID,
        "after an optional system turn: user, assistant, user, ... ending with user",
    )
    if spoken != expected or spoken[-1:] != ["user"]:
        yield Fault(code, "turns", f"the roles are {', '.join(roles) or 'none'}", hint)
    if spoken.count("user") < 2:
        n = spoken.count("user")
        yield Fault(code, "turns", f"the user has {n} turn{'' if n == 1 else 's'}", "give at least two user turns")


def _responses_say_something(instance: Instance) -> Iterator[Fault]:
    for position, response in enumerate(instance.responses or ()):
        if response.text is None and response.media is None:
            found = f"response {position} has neither text nor media"
            yield Fault(Code.INSTANCE_RESPONSE_EMPTY, f"responses.{position}", found, "give one of them or remove it")


def _parent_is_another(instance: Instance) -> Iterator[Fault]:
    if instance.parent_id == instance.id:
        yield Fault(
            Code.INSTANCE_PARENT_UNKNOWN, "parent_id", "the instance is its own parent", "name another instance"
        )


_RULES = (
    _belongs,
    _id_agrees,
    _choices_differ,
    _safe_choices_exist,
    _turns_alternate,
    _responses_say_something,
    _parent_is_another,
)
