"""The order in which instances are worth an expert's time."""

import heapq
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import Field

from assurai_datasets.review.states import WAITING_FOR_REVIEWER
from assurai_datasets.schema.record import Record
from assurai_datasets.schema.review import ReviewState


class Weights(Record):
    """How many points each fact is worth at most; the facts run from 0 to 1.

    Where annotators disagree or contradict the experts' own label, one look of an expert mends most, so these weigh
    most. What a machine check flagged, and what waits for a second look, comes next; a near duplicate costs little if
    it stays, and rarity only decides between equals.
    """

    disagreement: float = Field(default=3.0, ge=0, description="1 - agreement of the annotators.")
    against_gold: float = Field(default=3.0, ge=0, description="Share of judgements that contradict an expert's label.")
    flagged: float = Field(default=2.0, ge=0, description="1 for an error of validation, 0.5 for warnings alone.")
    returned: float = Field(
        default=2.0, ge=0, description="1 for what was revised or restored and waits for its next look."
    )
    near_duplicate: float = Field(default=1.0, ge=0, description="1 where another instance says nearly the same.")
    rarity: float = Field(
        default=1.0, ge=0, description="1 / instances of the same risk factor, prompt type and modality."
    )


class Candidate(NamedTuple):
    """What is known of an instance before an expert looks at it.

    Attributes:
        instance_id: Its id.
        risk_factor: Number of its risk factor.
        state: Where its review stands.
        agreement: Agreement of its annotators from 0 to 1; None where fewer than two judged it.
        against_gold: Share of judgements, from 0 to 1, that contradict an expert's label; None where there is none.
        errors: Number of errors validation found.
        warnings: Number of its warnings.
        near_duplicate: Whether another instance says nearly the same.
        cell_size: Instances of the same risk factor, prompt type and modality, itself included.
    """

    instance_id: str
    risk_factor: int
    state: ReviewState
    agreement: float | None = None
    against_gold: float | None = None
    errors: int = 0
    warnings: int = 0
    near_duplicate: bool = False
    cell_size: int = 1


class Queued(NamedTuple):
    """An instance in the queue: its score, and the points each fact gave; facts that gave none are absent."""

    candidate: Candidate
    score: float
    points: dict[str, float]


def score_candidate(candidate: Candidate, weights: Weights) -> Queued:
    """Return a candidate with its score: the sum of weight times fact."""
    facts = {
        "disagreement": 0.0 if candidate.agreement is None else 1 - candidate.agreement,
        "against_gold": candidate.against_gold or 0.0,
        "flagged": 1.0 if candidate.errors else 0.5 if candidate.warnings else 0.0,
        "returned": float(candidate.state in ("revised", "restored")),
        "near_duplicate": float(candidate.near_duplicate),
        "rarity": 1 / max(1, candidate.cell_size),
    }
    points = {fact: round(getattr(weights, fact) * min(1.0, max(0.0, value)), 6) for fact, value in facts.items()}
    return Queued(candidate, round(sum(points.values()), 6), {fact: value for fact, value in points.items() if value})


def next_instances(
    candidates: Iterable[Candidate], *, limit: int | None = None, weights: Weights | None = None
) -> tuple[Queued, ...]:
    """Return the instances that wait for a reviewer, the most worth a look first; equals by risk factor and id.

    Args:
        candidates: What is known of each instance, in any order; those that wait for nobody are passed over.
        limit: How many to return at most; None for all.
        weights: What each fact is worth; see `Weights`.
    """
    chosen = weights or Weights()
    waiting = (score_candidate(entry, chosen) for entry in candidates if entry.state in WAITING_FOR_REVIEWER)
    if limit is None:
        return tuple(sorted(waiting, key=_order))
    return tuple(heapq.nsmallest(limit, waiting, key=_order))


def _order(queued: Queued) -> tuple[float, int, str]:
    return -queued.score, queued.candidate.risk_factor, queued.candidate.instance_id
