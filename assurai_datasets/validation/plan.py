"""How far instances are from the paper's plan."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.taxonomy import load_plan, load_taxonomy


class Target(NamedTuple):
    """One target of the plan, and how far it is reached.

    Attributes:
        field: What it is about: `risk_factor.9.image` or `prompt_type.Rail`.
        name: The same for people.
        target: Instances planned.
        have: Instances there are; more than planned is no fault.
    """

    field: str
    name: str
    target: int
    have: int

    @property
    def missing(self) -> int:
        """Instances still to collect."""
        return max(0, self.target - self.have)


def targets(by_factor: Mapping[tuple[int, str], int], by_type: Mapping[str, int]) -> Iterator[Target]:
    """Yield the targets of the plan: by risk factor and modality (the paper's Table 10), then by prompt type (Table 4).

    Args:
        by_factor: Instances by number of the risk factor and modality; what is absent counts 0.
        by_type: Instances by prompt type; what is absent counts 0.
    """
    plan = load_plan()
    for risk_factor in load_taxonomy().risk_factors:
        for modality in MODALITIES:
            target = getattr(plan.risk_factors[risk_factor.number], modality)
            name = f"risk factor {risk_factor.number} ({risk_factor.name}) in {modality}"
            have = by_factor.get((risk_factor.number, modality), 0)
            yield Target(f"risk_factor.{risk_factor.number}.{modality}", name, target, have)
    for prompt_type, target in plan.prompt_types.items():
        yield Target(f"prompt_type.{prompt_type}", f"prompt type {prompt_type}", target, by_type.get(prompt_type, 0))
