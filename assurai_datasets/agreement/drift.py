"""Drift: an annotator whose standard changes over the work."""

from typing import NamedTuple

import numpy as np

from assurai_datasets.agreement.counts import Counts, height_above, share_alike
from assurai_datasets.agreement.findings import ALPHA, CROWD, LEAST_JUDGEMENTS, NORMAL, Finding, holm, spread_of
from assurai_datasets.agreement.ratings import Floats, Integers, Ratings

LEAST_CORRELATION = 0.1
"""Least correlation with the order of work that is called drift: a smaller one is of no consequence."""

MOST_DRIFTERS = 100
"""Drifters set aside one by one; beyond this many there is no crowd left to compare with."""


class Trend(NamedTuple):
    """How a measure moves over the work of each annotator with enough judgements; arrays of one length."""

    annotator: Integers
    correlation: Floats
    """Correlation of the measure with the order of work."""
    n: Floats
    change: Floats
    """Mean over the last third of the work less that over the first third."""


def find_drift(ratings: Ratings, *, alpha: float = ALPHA, least_judgements: int = LEAST_JUDGEMENTS) -> list[Finding]:
    """Return annotators whose standard changes over their work, the surest first; needs times.

    Two measures are followed over the order in which an annotator worked: how far the value lies above the mean of the
    others of the unit (not for nominal ratings), and how far from it, or for nominal ratings which share of the others
    differ; the second less what the others' distance from each other foretells. Values are freed of the average
    severity of each annotator first. The score is the correlation times sqrt(n - 1), standard normal where order does
    not matter; the first measure is tested both ways, the second for growth, and the scores of all annotators set the
    scale (see `spread_of`). The surest annotator within Holm's procedure is set aside and the rest are tested again
    without those judgements, lest one who drifts make the others look as if they moved the other way. The statistic is
    the correlation.

    Args:
        ratings: The judgements.
        alpha: Chance of any false finding.
        least_judgements: Fewest judgements, with a time and another judgement of the unit, of one who is tested.
    """
    ratings = ratings.without_repeats()
    found: list[Finding] = []
    while len(found) < MOST_DRIFTERS:
        finding, annotator = _surest(ratings, alpha, least_judgements)
        if finding is None:
            break
        found.append(finding)
        ratings = ratings.keep(ratings.annotator != annotator)
    return found


def trends(ratings: Ratings, *, least_judgements: int = LEAST_JUDGEMENTS) -> tuple[Trend, Trend]:
    """Return how the distance above the others, and the distance from them, move over each annotator's work.

    Args:
        ratings: Judgements without repeats; those without a time or without another of the unit are left out.
        least_judgements: Fewest judgements of an annotator.
    """
    counts = Counts.of(ratings)
    rows = np.flatnonzero(~np.isnan(ratings.time) & (counts.sizes[ratings.unit] > 1))
    rows = rows[np.lexsort((ratings.unit[rows], ratings.time[rows], ratings.annotator[rows]))]
    above = height_above(ratings, _steady(ratings, counts), counts)[rows]
    apart = _beyond_spread(ratings, counts, rows)
    who = ratings.annotator[rows]
    return _trend(who, above, least_judgements), _trend(who, apart, least_judgements)


class _Test(NamedTuple):
    trend: Trend
    p_values: Floats
    message: str


def _surest(ratings: Ratings, alpha: float, least: int) -> tuple[Finding | None, int]:
    """Return the surest drift of all annotators and whose it is, or None."""
    tests = _tests(ratings, least)
    p_values = np.concatenate([test.p_values for test in tests])
    small = np.abs(np.concatenate([test.trend.correlation for test in tests])) < LEAST_CORRELATION
    if not len(p_values) or bool(small.all()):
        return None, -1
    index = int(np.argmin(np.where(small, np.inf, p_values)))
    p_value = float(holm(p_values)[index])
    test, place = (tests[0], index) if index < len(tests[0].p_values) else (tests[1], index - len(tests[0].p_values))
    annotator, n = int(test.trend.annotator[place]), int(test.trend.n[place])
    change = f"{test.trend.change[place]:+.2f} from the first to the last third of {n} judgements"
    who, correlation = (ratings.annotator_ids[annotator],), float(test.trend.correlation[place])
    finding = Finding("drift", who, (), correlation, p_value, f"{test.message} by {change}")
    return (finding, annotator) if p_value <= alpha else (None, -1)


def _tests(ratings: Ratings, least: int) -> list[_Test]:
    above, apart = trends(ratings, least_judgements=least)
    growth = _standard(apart, centred=True)
    what = (
        "the share of others who disagree moved" if ratings.level == "nominal" else "the distance from the others moved"
    )
    tests = [_Test(apart, np.array([NORMAL.cdf(-score) for score in growth.tolist()]), what)]
    if ratings.level != "nominal":
        shift = _standard(above, centred=False)
        p_values = np.array([2 * NORMAL.cdf(-abs(score)) for score in shift.tolist()])
        tests.append(_Test(above, p_values, "values moved against the others'"))
    return tests


def _standard(trend: Trend, *, centred: bool) -> Floats:
    """Return correlations as standard normal scores; centred, a growth that all share counts against nobody."""
    scores = trend.correlation * np.sqrt(np.maximum(trend.n - 1, 0))
    common = float(np.median(scores)) if centred and len(scores) >= CROWD else 0.0
    return (scores - max(common, 0.0)) / spread_of(scores)


def _steady(ratings: Ratings, counts: Counts) -> Floats:
    """Return the values freed of how severe each annotator is on average."""
    steady: Floats = ratings.value - _severity(ratings, ratings.value, counts)[ratings.annotator]
    return steady


def _severity(ratings: Ratings, value: Floats, counts: Counts) -> Floats:
    """Return how far each annotator lies above the others of the same units on average."""
    shared = (counts.sizes[ratings.unit] > 1).astype(np.float64)
    above = np.bincount(ratings.annotator, weights=shared * height_above(ratings, value, counts))
    return above / np.maximum(np.bincount(ratings.annotator, weights=shared), 1)


def _apart(ratings: Ratings, counts: Counts) -> tuple[Floats, Floats]:
    """Return how far each judgement is from the others of its unit, and they from each other (`nan` for one other)."""
    size = counts.sizes[ratings.unit]
    if ratings.level != "nominal":
        value = _steady(ratings, counts)
        return np.abs(height_above(ratings, value, counts)), _spread_of_others(ratings, value, size)
    others = np.maximum(size - 1, 1)
    alike = share_alike(ratings, counts)
    equal = np.bincount(counts.unit, weights=counts.count * (counts.count - 1), minlength=len(counts.sizes))
    pairs = others * (size - 2)
    mutual = np.divide(
        equal[ratings.unit] - 2 * alike * others, pairs, out=np.full(len(ratings), np.nan), where=pairs > 0
    )
    return 1 - alike, 1 - mutual


def _spread_of_others(ratings: Ratings, value: Floats, size: Floats) -> Floats:
    """Return the standard deviation of the other values of the unit, `nan` where there is one only."""
    n_units = len(ratings.unit_ids)
    others = np.maximum(size - 1, 1)
    mean = (np.bincount(ratings.unit, weights=value, minlength=n_units)[ratings.unit] - value) / others
    square = (np.bincount(ratings.unit, weights=value**2, minlength=n_units)[ratings.unit] - value**2) / others
    return np.where(size > 2, np.sqrt(np.maximum(square - mean**2, 0.0)), np.nan)


def _beyond_spread(ratings: Ratings, counts: Counts, rows: Integers) -> Floats:
    """Return distances from the others, less what the others' distance from each other foretells, at these rows."""
    apart, spread = (part[rows] for part in _apart(ratings, counts))
    known = ~np.isnan(spread)
    if not bool(known.any()):
        return apart
    centred = np.where(known, spread - spread[known].mean(), 0.0)
    power = float(centred @ centred)
    slope = float(centred @ apart) / power if power > 0 else 0.0
    return apart - slope * centred


def _trend(annotator: Integers, measure: Floats, least: int) -> Trend:
    """Return trends of a measure whose rows are sorted by annotator and time."""
    starts = np.flatnonzero(np.diff(annotator, prepend=-1))
    sizes = np.diff(starts, append=len(annotator))
    kept = [slice(start, start + size) for start, size in zip(starts, sizes, strict=True) if size >= max(least, 3)]
    moves = [_move(measure[part]) for part in kept]
    return Trend(
        np.array([annotator[part.start] for part in kept], dtype=np.intp),
        np.array([move[0] for move in moves]),
        np.array([part.stop - part.start for part in kept], dtype=np.float64),
        np.array([move[1] for move in moves]),
    )


def _move(measure: Floats) -> tuple[float, float]:
    """Return the correlation of a measure with its order, and last third less first third."""
    order = np.arange(len(measure)) - (len(measure) - 1) / 2
    centred = measure - measure.mean()
    size = float(np.sqrt((order @ order) * (centred @ centred)))
    third = len(measure) // 3
    correlation = float(order @ centred) / size if size > 1e-12 else 0.0
    return correlation, float(measure[-third:].mean() - measure[:third].mean())
