"""Coefficients of agreement: each takes weighted counts and gives one value a set of weights, `nan` where undefined.

A unit with a single rating has no pair: it counts for the chance agreement of the kappas and of AC1/AC2, as in
Gwet (2014), and nowhere else.
"""

from collections.abc import Callable

import numpy as np

from assurai_datasets.agreement.counts import RATIO_VALUE_LIMIT, Counts, Weighted, ratio_difference
from assurai_datasets.agreement.ratings import Floats, Ratings
from assurai_datasets.errors import LimitError

Coefficient = Callable[[Weighted], Floats]

BLOCK = 256


def percent_agreement(ratings: Ratings) -> float:
    """Return the mean share of agreeing pairs in a unit, 0-1; `nan` without a unit rated twice.

    p_a = mean over units of sum_k n_k (n_k - 1) / (m (m - 1)), where n_k of a unit's m ratings are k.
    """
    return _of_data(percent_agreement_of, ratings)


def krippendorff_alpha(ratings: Ratings) -> float:
    """Return Krippendorff's alpha at the level of the ratings; `nan` where all paired ratings are equal.

    alpha = 1 - D_o / D_e, the observed disagreement within units over the one expected from all paired ratings, with
    the squared difference of the level: nominal a != b, ordinal the ratings ranked between a and b, interval
    (a - b)^2, ratio ((a - b) / (a + b))^2. Missing ratings and any number of annotators are allowed.

    Raises:
        LimitError: For ratio ratings with more than `RATIO_VALUE_LIMIT` distinct values.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    return _of_data(krippendorff_alpha_of, ratings)


def fleiss_kappa(ratings: Ratings) -> float:
    """Return Fleiss' kappa, values taken as categories without order; `nan` where all ratings are equal.

    kappa = (p_a - p_e) / (1 - p_e), p_e = sum_k pi_k^2, where pi_k is the mean share of category k in a unit. With
    the same number of ratings everywhere this is Fleiss (1971), Measuring nominal scale agreement among many raters;
    otherwise its extension in Gwet (2014), Handbook of Inter-Rater Reliability, ch. 2.
    """
    return _of_data(fleiss_kappa_of, ratings)


def gwet_ac1(ratings: Ratings) -> float:
    """Return Gwet's AC1, values taken as categories without order; `nan` with fewer than two categories.

    AC1 = (p_a - p_e) / (1 - p_e), p_e = sum_k pi_k (1 - pi_k) / (q - 1) for q categories on the scale. Unlike kappa it
    stays near p_a where one category is very common.

    Source: Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement.
    """
    return _of_data(gwet_ac1_of, ratings)


def gwet_ac2(ratings: Ratings) -> float:
    """Return Gwet's AC2: AC1 with partial credit for near values; equal to AC1 for nominal ratings.

    The weight of a pair is 1 - (a - b)^2 / range^2, on ranks for ordinal and on values for interval and ratio ratings;
    p_e = T_w / (q (q - 1)) sum_k pi_k (1 - pi_k), T_w the sum of all weights.

    Source: Gwet (2014), Handbook of Inter-Rater Reliability, ch. 4.
    """
    return _of_data(gwet_ac2_of, ratings)


def percent_agreement_of(weighted: Weighted) -> Floats:
    """Return percent agreement, one value a set of weights."""
    differing = weighted.counts.differing @ weighted.weights
    return 1 - _divide(differing, weighted.paired)


def krippendorff_alpha_of(weighted: Weighted) -> Floats:
    """Return Krippendorff's alpha, one value a set of weights."""
    observed, chance = _DISAGREEMENTS[weighted.counts.level](weighted)
    return 1 - _divide((weighted.pairable - 1) * observed, chance)


def fleiss_kappa_of(weighted: Weighted) -> Floats:
    """Return Fleiss' kappa, one value a set of weights."""
    chance = 1 - (weighted.shares**2).sum(axis=0)
    return 1 - _divide(1 - percent_agreement_of(weighted), chance)


def gwet_ac1_of(weighted: Weighted) -> Floats:
    """Return Gwet's AC1, one value a set of weights."""
    differing = 1 - percent_agreement_of(weighted)
    return _gwet(weighted, differing, total_weight=float(len(weighted.counts.scale)))


def gwet_ac2_of(weighted: Weighted) -> Floats:
    """Return Gwet's AC2, one value a set of weights."""
    counts = weighted.counts
    if counts.level == "nominal" or len(counts.scale) < 2:
        return gwet_ac1_of(weighted)
    differing = _divide(counts.squared @ weighted.weights, weighted.paired)
    return _gwet(weighted, differing, total_weight=len(counts.scale) ** 2 * (1 - 2 * float(np.var(counts.position))))


def _of_data(coefficient: Coefficient, ratings: Ratings) -> float:
    counts = Counts.of(ratings.without_repeats())
    return float(coefficient(Weighted(counts, np.ones((len(counts.sizes), 1))))[0])


def _gwet(weighted: Weighted, differing: Floats, *, total_weight: float) -> Floats:
    categories = len(weighted.counts.scale)
    if categories < 2:
        return np.full(weighted.weights.shape[1], np.nan)
    spread = (weighted.shares * (1 - weighted.shares)).sum(axis=0)
    chance = total_weight / (categories * (categories - 1)) * spread
    return 1 - _divide(differing, 1 - chance)


def _nominal(weighted: Weighted) -> tuple[Floats, Floats]:
    counts = weighted.counts
    observed = (counts.sizes * counts.differing) @ weighted.weights
    return observed, weighted.pairable**2 - (weighted.frequencies**2).sum(axis=0)


def _interval(weighted: Weighted) -> tuple[Floats, Floats]:
    counts = weighted.counts
    observed = (counts.sizes * counts.squared) @ weighted.weights
    place = counts.position[counts.used][:, None]
    return observed, _spread(weighted.frequencies, place)


def _ratio(weighted: Weighted) -> tuple[Floats, Floats]:
    counts = weighted.counts
    values = counts.scale[counts.used]
    if len(values) > RATIO_VALUE_LIMIT:
        raise LimitError(f"{len(values)} distinct ratio values are more than {RATIO_VALUE_LIMIT}; round them")
    chance = np.zeros(weighted.weights.shape[1])
    for start in range(0, len(values), BLOCK):
        rows = slice(start, start + BLOCK)
        apart = ratio_difference(values[rows, None], values[None, :])
        chance += (weighted.frequencies[rows] * (apart @ weighted.frequencies)).sum(axis=0)
    return (counts.sizes * counts.relative) @ weighted.weights, chance


def _ordinal(weighted: Weighted) -> tuple[Floats, Floats]:
    """Return disagreements on middle ranks: (sum of n between a and b, less half of both ends)^2 is their distance."""
    frequencies = weighted.frequencies
    ranks = np.cumsum(frequencies, axis=0) - frequencies / 2
    return _observed_ranks(weighted, ranks), _spread(frequencies, ranks)


def _observed_ranks(weighted: Weighted, ranks: Floats) -> Floats:
    """Return the weighted disagreement of ranks, shape (values, sets), summed over units."""
    counts = weighted.counts
    cells, starts = counts.by_unit
    if not len(cells):
        return np.zeros(weighted.weights.shape[1])
    units, count = counts.unit[cells[starts]], counts.count[cells][:, None]
    sizes = counts.sizes[units][:, None]
    place = ranks[np.searchsorted(counts.used, counts.code[cells])]
    mean = np.add.reduceat(place * count, starts, axis=0) / sizes
    place -= np.repeat(mean, np.diff(starts, append=len(cells)), axis=0)
    spread = np.add.reduceat(place**2 * count, starts, axis=0)
    observed: Floats = (2 * sizes / (sizes - 1) * spread * weighted.weights[units]).sum(axis=0)
    return observed


def _spread(frequencies: Floats, place: Floats) -> Floats:
    """Return the sum of squared differences over all ordered pairs of ratings, shape (sets,)."""
    total = frequencies.sum(axis=0)
    mean = _divide((frequencies * place).sum(axis=0), total)
    spread: Floats = 2 * total * (frequencies * (place - mean) ** 2).sum(axis=0)
    return spread


def _divide(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, `nan` where the whole is 0 up to rounding."""
    quotient: Floats = np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 1e-12)
    return quotient


_DISAGREEMENTS = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval, "ratio": _ratio}
