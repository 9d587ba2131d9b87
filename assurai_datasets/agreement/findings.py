"""What the checks of independence find, and how many tests at once are kept honest."""

import math
from collections.abc import Hashable, Iterable
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np

from assurai_datasets.agreement.ratings import Floats, Integers

NORMAL = NormalDist()

ALPHA = 0.05
"""Chance of any false finding of one check, by default."""

LEAST_JUDGEMENTS = 20
"""Fewest judgements of an annotator who is tested, by default."""

CROWD = 20
"""Fewest scores that can tell what honest work looks like."""

Kind = Literal["repeat", "shared_comment", "impossible_speed", "straight_line", "copying", "drift"]


class Finding(NamedTuple):
    """A reason to look at the work of one annotator, or of several; evidence, not a verdict."""

    kind: Kind
    annotator_ids: tuple[Hashable, ...]
    unit_ids: tuple[Hashable, ...]
    """The units that show it; empty where all the work does."""
    statistic: float
    """Size of the effect; the check that made the finding says of what."""
    p_value: float | None
    """Chance of so large an effect among all the tests of the check (family-wise, Holm); None where nothing is left to
    chance."""
    message: str
    """What was found, in words that name no annotator."""


def holm(p_values: Iterable[float]) -> Floats:
    """Return p-values adjusted for their number, in the order given: the chance of any false one stays at theirs.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    p = np.array(list(p_values), dtype=np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(adjusted, 1.0)


def tail_bound(hits: float, n: float, expected: float) -> float:
    """Return a bound of the chance of at least `hits` in `n` independent trials with the mean chance `expected`.

    exp(-n KL(hits / n || expected)), 1 at or below the expectation. It holds for trials of unequal chances too.

    Source: Hoeffding (1963), Probability inequalities for sums of bounded random variables, theorem 1.
    """
    surprise = float(root_deviance(np.array([hits]), np.array([n]), np.array([expected]))[0])
    return math.exp(-(surprise**2) / 2) if surprise > 0 else 1.0


def root_deviance(hits: Floats, n: Floats, expected: Floats) -> Floats:
    """Return the signed root of 2 n KL(hits / n || expected), about standard normal where the expectation holds."""
    share = hits / n
    expected = np.clip(expected, 1e-12, 1 - 1e-12)
    divergence = _times_log(share, expected) + _times_log(1 - share, 1 - expected)
    root: Floats = np.sign(share - expected) * np.sqrt(2 * n * np.maximum(divergence, 0.0))
    return root


def spread_of(scores: Floats) -> float:
    """Return how much wider than standard normal scores lie, by their median absolute deviation; at least 1.

    Most annotators are honest, so the middle of the scores shows what honest work looks like here, whatever the model
    misses. The deviation is lowered by its own standard error, 1.17 / sqrt(n) of it, so that chance alone widens
    nothing. With fewer than `CROWD` scores it is 1.

    Source: Efron (2004), Large-scale simultaneous hypothesis testing: the choice of a null hypothesis.
    """
    if len(scores) < CROWD:
        return 1.0
    deviation = 1.4826 * float(np.median(np.abs(scores - np.median(scores))))
    return max(1.0, deviation * (1 - 1.17 / math.sqrt(len(scores))))


def names(ids: tuple[Hashable, ...], chosen: Integers) -> tuple[Hashable, ...]:
    """Return the ids at these places, each once, in order."""
    return tuple(ids[index] for index in np.unique(chosen).tolist())


def _times_log(part: Floats, expected: Floats) -> Floats:
    """Return part * log(part / expected), 0 where the part is 0."""
    ratio = np.divide(part, expected, out=np.ones(np.shape(part)), where=part > 0)
    product: Floats = part * np.log(ratio)
    return product
