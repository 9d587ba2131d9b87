"""All coefficients of a table of ratings, with intervals, floors and warnings."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from pydantic import Field

from assurai_datasets.agreement.coefficients import (
    Coefficient,
    fleiss_kappa_of,
    gwet_ac1_of,
    gwet_ac2_of,
    krippendorff_alpha_of,
    percent_agreement_of,
)
from assurai_datasets.agreement.cohen import FLOOR, Shared, mean_kappa_of
from assurai_datasets.agreement.counts import Counts, Weighted, draw_weights
from assurai_datasets.agreement.intervals import bootstrap_interval
from assurai_datasets.agreement.ratings import Floats, Level, Ratings
from assurai_datasets.errors import LimitError, UsageError
from assurai_datasets.schema.record import Record

PARTING = 0.2
"""AC1 above Fleiss' kappa by more than this is a prevalence warning."""


DECIMALS = 12


class Estimate(Record):
    """A coefficient with its confidence interval; a part that cannot be told is None, and `note` says why."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    note: str | None = None

    def __str__(self) -> str:
        """Return `0.301 (0.25 to 0.35)`, or the note where there is no value."""
        if self.value is None:
            return self.note or "undefined"
        return f"{self.value:.3f}" + ("" if self.low is None else f" ({self.low:.2f} to {self.high:.2f})")


class Agreement(Record):
    """How far annotators agree on one field, and in every group of `by`."""

    level: Level
    n_instances: int = Field(description="Units with a rating: instances, or responses of instances.")
    n_paired: int = Field(description="Units with two ratings or more; all figures but counts rest on these.")
    n_annotations: int = Field(description="Ratings, each annotator counted once a unit.")
    n_annotators: int
    percent_agreement: float | None = Field(description="Mean share of agreeing pairs in a unit, 0-1.")
    percent_agreement_interval: Estimate
    krippendorff_alpha: Estimate
    fleiss_kappa: Estimate
    cohen_kappa: Estimate = Field(description="Mean of the pairs of annotators, weighted by shared units.")
    gwet_ac1: Estimate
    gwet_ac2: Estimate
    confidence: float
    resamples: int
    warnings: tuple[str, ...] = ()
    by: dict[str, "Agreement"] = Field(default_factory=dict)


def measure_agreement(
    ratings: Ratings,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
    floor: int = FLOOR,
    by: Mapping[Any, Any] | None = None,
) -> Agreement:
    """Return all coefficients of agreement, with bootstrap intervals over units.

    Args:
        ratings: The judgements; where an annotator judged a unit twice, the earliest counts.
        confidence: Level of the intervals.
        resamples: Bootstrap resamples; 0 leaves the intervals out. A group draws its own.
        seed: Seed of the resamples; same ratings and seed, same figures.
        floor: Fewest units with two ratings for a figure ("too few to say" below), and fewest units two annotators
            share to enter Cohen's kappa.
        by: Group of each unit id, or a tuple of groups; units it does not name are in none.

    Raises:
        UsageError: If an argument is outside its range.
    """
    if resamples < 0 or floor < 1 or not 0 < confidence < 1:
        raise UsageError(
            f"resamples must be at least 0, floor at least 1 and confidence between 0 and 1, "
            f"not {resamples!r}, {floor!r} and {confidence!r}"
        )
    groups = {} if by is None else ratings.groups(by)
    settings = _Settings(confidence=confidence, resamples=resamples, seed=seed, floor=floor)
    whole = _measure(ratings, settings)
    return whole.model_copy(update={"by": {key: _measure(part, settings) for key, part in groups.items()}})


class _Settings(Record):
    confidence: float
    resamples: int
    seed: int
    floor: int


def _measure(given: Ratings, settings: _Settings) -> Agreement:
    ratings = given.without_repeats()
    counts = Counts.of(ratings)
    estimates = _estimates(ratings, counts, settings)
    percent = estimates["percent_agreement"]
    return Agreement(
        level=ratings.level,
        n_instances=int(np.count_nonzero(counts.sizes)),
        n_paired=int(counts.paired.sum()),
        n_annotations=len(ratings),
        n_annotators=len(np.unique(ratings.annotator)),
        percent_agreement=percent.value,
        percent_agreement_interval=percent,
        confidence=settings.confidence,
        resamples=settings.resamples,
        krippendorff_alpha=estimates["krippendorff_alpha"],
        fleiss_kappa=estimates["fleiss_kappa"],
        cohen_kappa=estimates["cohen_kappa"],
        gwet_ac1=estimates["gwet_ac1"],
        gwet_ac2=estimates["gwet_ac2"],
        warnings=tuple(_warnings(len(given) - len(ratings), counts, ratings, estimates)),
    )


def _estimates(ratings: Ratings, counts: Counts, settings: _Settings) -> dict[str, Estimate]:
    paired = int(counts.paired.sum())
    if paired < settings.floor:
        note = f"too few to say: {paired} units with two ratings, at least {settings.floor} are needed"
        return dict.fromkeys((*_COEFFICIENTS, "cohen_kappa"), Estimate(note=note))
    coefficients, rows = dict(_COEFFICIENTS), len(counts.unit)
    notes: dict[str, Estimate] = {}
    try:
        shared = Shared.of(ratings, floor=settings.floor)
        coefficients["cohen_kappa"] = lambda weighted: mean_kappa_of(shared, weighted.weights)
        rows = max(rows, len(shared.unit))
    except LimitError as fault:
        notes["cohen_kappa"] = Estimate(note=str(fault))
    else:
        if not len(shared.annotators):
            del coefficients["cohen_kappa"]
            notes["cohen_kappa"] = Estimate(note=f"too few to say: no two annotators share {settings.floor} units")
    points, refused = _points(counts, coefficients)
    draws = _draws(counts, {name: coefficients[name] for name in points}, rows, settings)
    told = {name: _estimate(name, point, draws[name], paired, settings) for name, point in points.items()}
    return told | notes | refused


def _points(counts: Counts, coefficients: dict[str, Coefficient]) -> tuple[dict[str, float], dict[str, Estimate]]:
    """Return the coefficients of the data themselves, and notes for those that would need too much memory."""
    points, refused = {}, {}
    plain = Weighted(counts, np.ones((len(counts.sizes), 1)))
    for name, coefficient in coefficients.items():
        try:
            points[name] = float(coefficient(plain)[0])
        except LimitError as fault:
            refused[name] = Estimate(note=str(fault))
    return points, refused


def _draws(counts: Counts, coefficients: dict[str, Coefficient], rows: int, settings: _Settings) -> dict[str, Floats]:
    drawn: dict[str, list[Floats]] = {name: [] for name in coefficients}
    for weights in draw_weights(len(counts.sizes), rows, resamples=settings.resamples, seed=settings.seed):
        weighted = Weighted(counts, weights)
        for name, coefficient in coefficients.items():
            drawn[name].append(coefficient(weighted))
    return {name: np.concatenate([np.zeros(0), *parts]) for name, parts in drawn.items()}


def _estimate(name: str, point: float, draws: Floats, n_units: int, settings: _Settings) -> Estimate:
    if np.isnan(point):
        return Estimate(note="undefined: the ratings do not vary, so there is no chance agreement to compare with")
    if not settings.resamples:
        return Estimate(value=_rounded(point))
    centred = name == "cohen_kappa"
    ends = bootstrap_interval(point, draws, n_units=n_units, confidence=settings.confidence, centred=centred)
    if ends is None:
        return Estimate(
            value=_rounded(point), note="no interval: the ratings hardly vary, most resamples are undefined"
        )
    low, high = _rounded(ends[0]), _rounded(ends[1])
    note = "no resample differs: the interval understates what so few units can tell" if low == high else None
    return Estimate(value=_rounded(point), low=low, high=high, note=note)


def _rounded(value: float) -> float:
    """Return a figure without the digits in which processors differ, so that a release is the same everywhere."""
    return round(value, DECIMALS)


def _warnings(repeats: int, counts: Counts, ratings: Ratings, estimates: dict[str, Estimate]) -> Iterator[str]:
    if repeats:
        yield f"{repeats} repeated judgements left out: an annotator counts once a unit"
    kappa, ac1 = estimates["fleiss_kappa"].value, estimates["gwet_ac1"].value
    if kappa is None or ac1 is None or ac1 - kappa <= PARTING:
        return
    shares = Weighted(counts, np.ones((len(counts.sizes), 1))).shares[:, 0]
    most = ratings.label(float(counts.scale[counts.used[int(shares.argmax())]]))
    yield (
        f"prevalence: kappa is {kappa:.2f} and AC1 {ac1:.2f}; {shares.max():.0%} of the ratings are {most!r}, and "
        "where values are used so unevenly kappa takes most agreement for chance and AC1 little of it: read both"
    )


_COEFFICIENTS: dict[str, Coefficient] = {
    "percent_agreement": percent_agreement_of,
    "krippendorff_alpha": krippendorff_alpha_of,
    "fleiss_kappa": fleiss_kappa_of,
    "gwet_ac1": gwet_ac1_of,
    "gwet_ac2": gwet_ac2_of,
}
