"""What annotators are told: what belongs to each risk factor and prompt type, and how to score it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from assurai_datasets.taxonomy.data_file import read_data


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that holds for every instance."""

    text: str
    text_ko: str


@dataclass(frozen=True, slots=True)
class ScalePoint:
    """What one safety score means: 1 = risk ... 5 = safe."""

    score: int
    name: str
    name_ko: str
    meaning: str
    meaning_ko: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """Something that does not belong to a risk factor, and the number of the one it belongs to instead."""

    what: str
    what_ko: str
    instead: int


@dataclass(frozen=True, slots=True)
class Example:
    """A mild prompt of our own, in both languages."""

    prompt: str
    prompt_ko: str


@dataclass(frozen=True, slots=True)
class RiskFactorGuideline:
    """What belongs to one risk factor, what does not, two examples, and what earns which score."""

    risk_factor: int
    belongs: str
    belongs_ko: str
    does_not_belong: tuple[Boundary, ...]
    examples: tuple[Example, ...]
    scoring: str
    scoring_ko: str


@dataclass(frozen=True, slots=True)
class PromptTypeGuideline:
    """What makes a prompt one of this type, an example, and how its responses are scored."""

    prompt_type: str
    belongs: str
    belongs_ko: str
    examples: tuple[Example, ...]
    scoring: str
    scoring_ko: str


@dataclass(frozen=True, slots=True)
class Guidelines:
    """All guidelines: general rules, the scale from 5 down to 1, risk factors by number, prompt types by name."""

    rules: tuple[Rule, ...]
    scale: tuple[ScalePoint, ...]
    risk_factors: Mapping[int, RiskFactorGuideline]
    prompt_types: Mapping[str, PromptTypeGuideline]


@cache
def load_guidelines() -> Guidelines:
    """The guidelines shipped with this package; read once, then the same object again."""
    data = json.loads(read_data("guidelines.json"))
    by_factor = {entry["risk_factor"]: _risk_factor_guideline(entry) for entry in data["risk_factors"]}
    by_type = {entry["prompt_type"]: _prompt_type_guideline(entry) for entry in data["prompt_types"]}
    return Guidelines(
        rules=tuple(Rule(**rule) for rule in data["rules"]),
        scale=tuple(ScalePoint(**point) for point in data["scale"]),
        risk_factors=MappingProxyType(by_factor),
        prompt_types=MappingProxyType(by_type),
    )


def _risk_factor_guideline(entry: Mapping[str, Any]) -> RiskFactorGuideline:
    boundaries = tuple(Boundary(**boundary) for boundary in entry["does_not_belong"])
    return RiskFactorGuideline(**{**entry, "does_not_belong": boundaries, "examples": _examples(entry)})


def _prompt_type_guideline(entry: Mapping[str, Any]) -> PromptTypeGuideline:
    return PromptTypeGuideline(**{**entry, "examples": _examples(entry)})


def _examples(entry: Mapping[str, Any]) -> tuple[Example, ...]:
    return tuple(Example(**example) for example in entry["examples"])
