"""Field types whose values come from the taxonomy."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from assurai_datasets.schema.record import whole_number
from assurai_datasets.taxonomy import load_taxonomy

Modality = Literal["text", "image", "video", "audio"]
Stage = Literal["seed", "crowd", "automated"]
Scope = Literal["global", "local"]
PromptVariant = Literal["functional", "educational", "emotional"]
PromptTypeName = Literal[
    "Multiple-Choice",
    "Q Only",
    "Multi-Session",
    "Role-Playing",
    "Chain-of-Thought",
    "Expert Prompting",
    "Rail",
    "Reflection",
]
MODALITIES: tuple[Modality, ...] = ("text", "image", "video", "audio")


@cache
def _risk_factor_forms() -> dict[str, int]:
    factors = load_taxonomy().risk_factors
    return {form: f.number for f in factors for form in (f.code, f.code.upper(), f.name, f.name_ko)}


@cache
def _prompt_type_forms() -> dict[str, str]:
    return {form: p.name for p in load_taxonomy().prompt_types for form in (p.name, p.code)}


def _risk_factor_number(value: Any) -> Any:
    return _risk_factor_forms().get(value, value) if isinstance(value, str) else whole_number(value)


def _prompt_type_name(value: Any) -> Any:
    return _prompt_type_forms().get(value, value) if isinstance(value, str) else value


RiskFactorNumber = Annotated[
    int,
    Field(ge=1, le=len(load_taxonomy().risk_factors)),
    BeforeValidator(_risk_factor_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": len(load_taxonomy().risk_factors)},
                {"type": "string", "enum": sorted(_risk_factor_forms())},
            ],
            "description": "Number, code, English or Korean name of one of the paper's risk factors.",
        }
    ),
]
PromptTypeField = Annotated[
    PromptTypeName,
    BeforeValidator(_prompt_type_name),
    WithJsonSchema({"type": "string", "enum": sorted(_prompt_type_forms()), "description": "Name or id code."}),
]
