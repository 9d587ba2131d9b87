"""The vocabulary of AssurAI: risk factors, categories, prompt types, and how people may spell them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from assurai_datasets.taxonomy.crosswalk import CROSSWALKS, CrosswalkRow, read_crosswalk
from assurai_datasets.taxonomy.data_file import read_data
from assurai_datasets.taxonomy.names import NameTable


@dataclass(frozen=True, slots=True)
class SubScenario:
    """A finer case within a risk factor, such as one protected characteristic."""

    name: str
    name_ko: str


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One of the paper's 35 risk factors; definitions are in this project's own words."""

    number: int
    code: str
    name: str
    name_ko: str
    definition: str
    definition_ko: str
    category: str
    source: str
    sub_scenarios: tuple[SubScenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """One of the six categories, with the numbers of its risk factors in ascending order."""

    name: str
    name_ko: str
    description: str
    description_ko: str
    risk_factors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PromptVariant:
    """A finer kind of a prompt type; `code` is what stands in an id, such as `RPfun`."""

    name: str
    code: str
    name_ko: str
    description: str
    description_ko: str
    prompt_type: str


@dataclass(frozen=True, slots=True)
class PromptType:
    """One of the eight prompt types; `code` is what follows the `p` in an id, such as `QO`."""

    name: str
    code: str
    name_ko: str
    description: str
    description_ko: str
    variants: tuple[PromptVariant, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomy:
    """All names of one version of the taxonomy, and look-ups that forgive case, spaces and punctuation.

    Every look-up takes what a delivery may hold and raises `errors.UnknownNameError`, naming the nearest
    names, for anything else: a number out of range, a wrong type, a blank.
    """

    version: str
    risk_factors: tuple[RiskFactor, ...]
    categories: tuple[Category, ...]
    prompt_types: tuple[PromptType, ...]
    prompt_variants: tuple[PromptVariant, ...]
    crosswalk_names: tuple[str, ...]
    _risk_factor_names: NameTable[RiskFactor] = field(repr=False)
    _category_names: NameTable[Category] = field(repr=False)
    _prompt_type_names: NameTable[PromptType] = field(repr=False)
    _prompt_variant_names: NameTable[PromptVariant] = field(repr=False)
    _prompt_code_names: NameTable[tuple[PromptType, str | None]] = field(repr=False)
    _crosswalk_names: NameTable[str] = field(repr=False)

    def risk_factor(self, query: int | str) -> RiskFactor:
        """The risk factor meant by a number, a code (`r04`, `R4`), an English or a Korean name."""
        return self._risk_factor_names.find(query)

    def category(self, query: str) -> Category:
        """The category meant by an English or a Korean name."""
        return self._category_names.find(query)

    def prompt_type(self, query: str) -> PromptType:
        """The prompt type meant by a name (`Q-Only`), a code (`QO`) or a Korean name."""
        return self._prompt_type_names.find(query)

    def prompt_variant(self, query: str) -> PromptVariant:
        """The variant of Role-Playing meant by a name (`functional`), a code (`RPfun`) or a Korean name."""
        return self._prompt_variant_names.find(query)

    def prompt_code(self, query: str) -> tuple[PromptType, str | None]:
        """The prompt type and the variant's name meant by a code of an id: `RPfun` is Role-Playing, functional.

        The variant is None where the code has none. Names of prompt types are accepted too.
        """
        return self._prompt_code_names.find(query)

    def crosswalk(self, name: str) -> tuple[CrosswalkRow, ...]:
        """The rows that relate every risk factor to another scheme: `air-2024`, `mit` or `ksafe-mm`."""
        return read_crosswalk(self._crosswalk_names.find(name))


@cache
def load_taxonomy() -> Taxonomy:
    """The taxonomy shipped with this package; read once, then the same object again."""
    data = json.loads(read_data("taxonomy.json"))
    factors = tuple(map(_risk_factor, json.loads(read_data("risk_factors.json"))))
    types = tuple(map(_prompt_type, data["prompt_types"]))
    categories = tuple(_category(entry, factors) for entry in data["categories"])
    variants = tuple(variant for prompt_type in types for variant in prompt_type.variants)
    return Taxonomy(
        version=data["version"],
        risk_factors=factors,
        categories=categories,
        prompt_types=types,
        prompt_variants=variants,
        crosswalk_names=tuple(CROSSWALKS),
        _risk_factor_names=_risk_factor_table(factors),
        _category_names=NameTable("category", [(c, (c.name, c.name_ko)) for c in categories]),
        _prompt_type_names=NameTable("prompt type", [(t, (t.name, t.code, t.name_ko)) for t in types]),
        _prompt_variant_names=NameTable("prompt variant", [(v, (v.name, v.code, v.name_ko)) for v in variants]),
        _prompt_code_names=_prompt_code_table(types),
        _crosswalk_names=NameTable("cross-walk", [(name, (name, title)) for name, title in CROSSWALKS.items()]),
    )


def _risk_factor(entry: Mapping[str, Any]) -> RiskFactor:
    finer = tuple(SubScenario(**scenario) for scenario in entry.get("sub_scenarios", ()))
    return RiskFactor(**{**entry, "code": f"r{entry['number']:02}", "sub_scenarios": finer})


def _category(entry: Mapping[str, str], factors: tuple[RiskFactor, ...]) -> Category:
    return Category(**entry, risk_factors=tuple(f.number for f in factors if f.category == entry["name"]))


def _prompt_type(entry: Mapping[str, Any]) -> PromptType:
    variants = tuple(PromptVariant(**variant, prompt_type=entry["name"]) for variant in entry["variants"])
    return PromptType(**{**entry, "variants": variants})


def _risk_factor_table(factors: tuple[RiskFactor, ...]) -> NameTable[RiskFactor]:
    return NameTable(
        "risk factor", [(f, (f.name, f.name_ko)) for f in factors], numbered={f.number: f for f in factors}
    )


def _prompt_code_table(types: tuple[PromptType, ...]) -> NameTable[tuple[PromptType, str | None]]:
    spelled: list[tuple[tuple[PromptType, str | None], tuple[str, ...]]] = []
    for prompt_type in types:
        spelled.append(((prompt_type, None), (prompt_type.name, prompt_type.code, prompt_type.name_ko)))
        spelled.extend(((prompt_type, variant.name), (variant.code,)) for variant in prompt_type.variants)
    return NameTable("prompt type", spelled)
