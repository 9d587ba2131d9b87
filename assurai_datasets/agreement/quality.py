"""How well each annotator works, how far the crowd is from the expert gold, and which values are confused."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from pydantic import Field

from assurai_datasets.agreement.cohen import FLOOR
from assurai_datasets.agreement.consensus import reach_consensus
from assurai_datasets.agreement.counts import Counts, height_above, pairs_within, share_alike
from assurai_datasets.agreement.drift import trends
from assurai_datasets.agreement.intervals import mean_interval, share_interval
from assurai_datasets.agreement.measure import Estimate
from assurai_datasets.agreement.ratings import Floats, Integers, Ratings
from assurai_datasets.errors import UsageError
from assurai_datasets.schema.record import Record

Gold = Mapping[Any, Any]
"""The expert's value of each unit that has one."""


class Confusion(Record):
    """Two values that are taken for each other."""

    first: Any = Field(description="The gold value, or without gold the value that comes first on the scale.")
    second: Any = Field(description="The value given instead, or the other value.")
    count: int = Field(description="Judgements, or without gold pairs of judgements of one unit.")
    share: float = Field(description="Share of the judgements of that gold value, or of all pairs that differ.")


class AnnotatorQuality(Record):
    """The work of one annotator on one field."""

    annotator_id: Any
    n_annotations: int
    n_gold: int = Field(description="Judgements of units that have a gold value.")
    accuracy: Estimate = Field(description="Share of these equal to the gold value; Wilson's interval.")
    agreement: Estimate = Field(description="Mean share of the others of a unit who gave the same value.")
    severity: Estimate = Field(description="Mean distance above the others of a unit; below 0 is stricter on safety.")
    severity_change: float | None = Field(description="Change of that distance from the first third to the last.")
    distance_change: float | None = Field(description="Change of the distance from the others, likewise.")
    confusions: tuple[Confusion, ...] = Field(description="Gold values most often missed, at most three.")


class GoldDistance(Record):
    """How far judgements are from the gold, over the units that have one."""

    n_instances: int
    n_annotations: int
    accuracy: Estimate = Field(description="Mean share of a unit's judgements equal to the gold value.")
    consensus_accuracy: Estimate = Field(description="Share of units whose majority is the gold value; a tie is not.")
    distance: Estimate = Field(description="Mean absolute distance of a unit's judgements from the gold value.")
    bias: Estimate = Field(description="Mean signed distance above the gold value.")
    by: dict[str, "GoldDistance"] = Field(default_factory=dict)


def assess_annotators(
    ratings: Ratings, *, gold: Gold | None = None, confidence: float = 0.95, floor: int = FLOOR
) -> list[AnnotatorQuality]:
    """Return the quality of every annotator, in the order of `ratings.annotator_ids`.

    Args:
        ratings: The judgements; where an annotator judged a unit twice, the earliest counts.
        gold: The expert's value of some units, such as the seed instances.
        confidence: Level of the intervals.
        floor: Fewest units for a figure, "too few to say" below.
    """
    ratings = ratings.without_repeats()
    counts = Counts.of(ratings)
    truth = _truth(ratings, gold or {})[ratings.unit]
    alike, above = share_alike(ratings, counts), height_above(ratings, ratings.value, counts)
    moves = [dict(zip(trend.annotator.tolist(), trend.change.tolist(), strict=True)) for trend in trends(ratings)]
    ordered = ratings.level != "nominal"
    found = []
    for rows in _by_annotator(ratings):
        annotator = int(ratings.annotator[rows[0]])
        judged = rows[~np.isnan(truth[rows])]
        shared = rows[counts.sizes[ratings.unit[rows]] > 1]
        hits = int(np.count_nonzero(ratings.value[judged] == truth[judged]))
        quality = AnnotatorQuality(
            annotator_id=ratings.annotator_ids[annotator],
            n_annotations=len(rows),
            n_gold=len(judged),
            accuracy=_share(hits, len(judged), confidence, floor),
            agreement=_mean(alike[shared], confidence, floor, ends=(0.0, 1.0)),
            severity=_mean(above[shared], confidence, floor) if ordered else _unordered(),
            severity_change=moves[0].get(annotator) if ordered else None,
            distance_change=moves[1].get(annotator),
            confusions=tuple(find_confusions(ratings.keep(judged), gold=gold, most=3)) if gold else (),
        )
        found.append(quality)
    return found


def measure_gold_distance(
    ratings: Ratings,
    gold: Gold,
    *,
    confidence: float = 0.95,
    floor: int = FLOOR,
    by: Mapping[Any, Any] | None = None,
) -> GoldDistance:
    """Return how far the judgements are from the gold, with Student's intervals over units.

    Args:
        ratings: The judgements; where an annotator judged a unit twice, the earliest counts.
        gold: The expert's value of each unit that has one; the others are left out.
        confidence: Level of the intervals.
        floor: Fewest units for a figure, "too few to say" below.
        by: Group of each unit id, such as its stage, or a tuple of groups.

    Raises:
        UsageError: If a gold value is no number where the ratings are numbers.
    """
    ratings = ratings.without_repeats()
    whole = _distance(ratings, gold, confidence, floor)
    groups = {} if by is None else ratings.groups(by)
    parts = {key: _distance(part, gold, confidence, floor) for key, part in groups.items()}
    return whole.model_copy(update={"by": parts})


def find_confusions(ratings: Ratings, *, gold: Gold | None = None, most: int = 10) -> list[Confusion]:
    """Return the pairs of values most often taken for each other, the most frequent first.

    With gold, a pair is (gold value, value given); without, two values given to one unit by two annotators.

    Raises:
        LimitError: Without gold, if there are more pairs of judgements than are held at once.
    """
    ratings = ratings.without_repeats()
    pairs = _pairs_of_judgements(ratings) if gold is None else _pairs_with_gold(ratings, gold)
    return sorted(pairs, key=lambda pair: (-pair.count, str(pair.first), str(pair.second)))[:most]


def _pairs_with_gold(ratings: Ratings, gold: Gold) -> list[Confusion]:
    expert = [gold.get(unit_id) for unit_id in ratings.unit_ids]
    seen: dict[Any, dict[Any, int]] = {}
    for unit, value in zip(ratings.unit.tolist(), ratings.value.tolist(), strict=True):
        if expert[unit] is not None:
            given, row = ratings.label(value), seen.setdefault(expert[unit], {})
            row[given] = row.get(given, 0) + 1
    return [
        Confusion(first=first, second=second, count=count, share=count / sum(row.values()))
        for first, row in seen.items()
        for second, count in row.items()
        if second != first
    ]


def _pairs_of_judgements(ratings: Ratings) -> list[Confusion]:
    counts = Counts.of(ratings)
    order, _ = counts.by_unit
    values = len(counts.scale)
    keys, amounts = [np.zeros(0, dtype=np.intp)], [np.zeros(0)]
    for left, right in pairs_within(counts.unit[order]):
        i, j = order[left], order[right]
        keys.append(counts.code[i] * values + counts.code[j])
        amounts.append(counts.count[i] * counts.count[j])
    pair, place = np.unique(np.concatenate(keys), return_inverse=True)
    total = np.bincount(place, weights=np.concatenate(amounts), minlength=len(pair))
    labels = [ratings.label(value) for value in counts.scale.tolist()]
    return [
        Confusion(first=labels[key // values], second=labels[key % values], count=int(count), share=count / total.sum())
        for key, count in zip(pair.tolist(), total.tolist(), strict=True)
    ]


def _distance(ratings: Ratings, gold: Gold, confidence: float, floor: int) -> GoldDistance:
    truth = _truth(ratings, gold)
    ratings = ratings.keep(~np.isnan(truth[ratings.unit]))
    truth = truth[~np.isnan(truth)]
    away = ratings.value - truth[ratings.unit]
    decided = [decision.value for decision in reach_consensus(ratings).values()]
    right = sum(value == gold[unit_id] for value, unit_id in zip(decided, ratings.unit_ids, strict=True))

    def over_units(measure: Floats, ends: tuple[float, float] | None = None) -> Estimate:
        return _mean(_by_unit(ratings, measure), confidence, floor, ends=ends)

    return GoldDistance(
        n_instances=len(ratings.unit_ids),
        n_annotations=len(ratings),
        accuracy=over_units((away == 0).astype(np.float64), (0.0, 1.0)),
        consensus_accuracy=_share(right, len(ratings.unit_ids), confidence, floor),
        distance=_unordered() if ratings.level == "nominal" else over_units(np.abs(away)),
        bias=_unordered() if ratings.level == "nominal" else over_units(away),
    )


def _by_annotator(ratings: Ratings) -> list[Integers]:
    """Return the rows of every annotator, ascending."""
    order = np.argsort(ratings.annotator, kind="stable")
    edges = np.flatnonzero(np.diff(ratings.annotator[order])) + 1
    return np.split(order, edges) if len(order) else []


def _truth(ratings: Ratings, gold: Gold) -> Floats:
    """Return the gold value of each unit as a number, `nan` without one, -1 for a label nobody may give."""
    try:
        number = _numbering(ratings)
        known = (gold.get(unit_id) for unit_id in ratings.unit_ids)
        return np.array([np.nan if value is None else number(value) for value in known], dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise UsageError(f"a gold value is no number, but the ratings are ({fault}); correct it") from None


def _numbering(ratings: Ratings) -> Callable[[Any], float]:
    if not ratings.labelled or ratings.values is None:
        return float
    place = {value: float(index) for index, value in enumerate(ratings.values)}
    return lambda value: place.get(value, -1.0)


def _by_unit(ratings: Ratings, measure: Floats) -> Floats:
    """Return the mean of a measure over the judgements of each unit."""
    sizes = np.bincount(ratings.unit, minlength=len(ratings.unit_ids))
    return np.bincount(ratings.unit, weights=measure, minlength=len(sizes)) / np.maximum(sizes, 1)


def _share(hits: int, n: int, confidence: float, floor: int) -> Estimate:
    if n < max(floor, 1):
        return _too_few(n, floor)
    low, high = share_interval(hits, n, confidence=confidence)
    return Estimate(value=hits / n, low=low, high=high)


def _mean(scores: Floats, confidence: float, floor: int, *, ends: tuple[float, float] | None = None) -> Estimate:
    if len(scores) < max(floor, 1):
        return _too_few(len(scores), floor)
    _, mean, half = mean_interval(scores.tolist(), confidence=confidence)
    if half is None:
        return Estimate(value=mean, note="no interval: one unit only")
    low, high = ends or (-np.inf, np.inf)
    return Estimate(value=mean, low=float(max(mean - half, low)), high=float(min(mean + half, high)))


def _too_few(n: int, floor: int) -> Estimate:
    return Estimate(note=f"too few to say: {n} units, at least {floor} are needed")


def _unordered() -> Estimate:
    return Estimate(note="nominal values lie in no order")
