"""The paper's plan: how many instances of each kind the published set has."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from assurai_datasets.taxonomy.data_file import read_table


@dataclass(frozen=True, slots=True)
class PlannedCounts:
    """Instances planned for one risk factor in each modality."""

    text: int
    image: int
    video: int
    audio: int

    @property
    def total(self) -> int:
        """Instances of all modalities together."""
        return self.text + self.image + self.video + self.audio


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets of a collection: instances by number of the risk factor and by name of the prompt type.

    The two add up to the same total. No plan is given for their combinations: most risk factors have some prompt
    types only. Source: Tables 10 and 4 of the AssurAI paper (arXiv 2511.20686).
    """

    risk_factors: Mapping[int, PlannedCounts]
    prompt_types: Mapping[str, int]


@cache
def load_plan() -> Plan:
    """The paper's plan; read once, then the same object again."""
    by_factor = {int(row.pop("risk_factor")): _planned_counts(row) for row in read_table("plan.csv")}
    by_type = {row["prompt_type"]: int(row["instances"]) for row in read_table("plan_prompt_types.csv")}
    return Plan(MappingProxyType(by_factor), MappingProxyType(by_type))


def _planned_counts(row: dict[str, str]) -> PlannedCounts:
    return PlannedCounts(**{modality: int(count) for modality, count in row.items()})
