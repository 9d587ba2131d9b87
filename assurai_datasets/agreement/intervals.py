"""Confidence intervals: Student's for a mean, Wilson's for a share, the bootstrap's for a coefficient."""

from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from assurai_datasets.agreement.ratings import Floats
from assurai_datasets.errors import UsageError

NORMAL = NormalDist()


class MeanInterval(NamedTuple):
    """A mean with its confidence interval `mean` - `half_width` to `mean` + `half_width`, in the unit of the scores."""

    n: int
    mean: float
    half_width: float | None
    """None for a single score, which tells nothing about spread."""

    def __str__(self) -> str:
        """Return `3.00 ± 4.97`, as the tables of the paper print it."""
        return f"{self.mean:.2f}" if self.half_width is None else f"{self.mean:.2f} ± {self.half_width:.2f}"


def mean_interval(scores: Iterable[float], *, confidence: float = 0.95) -> MeanInterval:
    """Return the mean of scores with Student's t interval: t(1 - (1 - confidence) / 2, n - 1) s / sqrt(n).

    >>> print(mean_interval([1, 3, 5]))
    3.00 ± 4.97

    Raises:
        UsageError: Without a score, with one that is not finite, or for a confidence outside (0, 1).

    Source: Student (1908), The probable error of a mean; AssurAI (arXiv 2511.20686), Table 8.
    """
    _check_confidence(confidence)
    values = np.array(list(scores), dtype=np.float64)
    if not len(values) or not bool(np.isfinite(values).all()):
        raise UsageError(f"scores must be at least one finite number, not {values.tolist()[:5]!r}")
    if len(values) == 1:
        return MeanInterval(1, float(values[0]), None)
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return MeanInterval(len(values), float(values.mean()), student_quantile(confidence, len(values) - 1) * error)


def student_quantile(confidence: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's t: this far from the mean on either side lies `confidence`."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))


def share_interval(hits: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share hits / n, both ends in 0-1.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    _check_confidence(confidence)
    if not 0 <= hits <= n or n <= 0:
        raise UsageError(f"hits must lie between 0 and n, and n above 0, not {hits!r} of {n!r}")
    z2 = NORMAL.inv_cdf((1 + confidence) / 2) ** 2
    middle = (hits + z2 / 2) / (n + z2)
    half = (z2 * (hits * (n - hits) / n + z2 / 4)) ** 0.5 / (n + z2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def bootstrap_interval(
    value: float, draws: Floats, *, n_units: int, confidence: float, centred: bool = False
) -> tuple[float, float] | None:
    """Return the interval of a coefficient from its bootstrap draws, or None where under half of them are defined.

    The percentiles are moved by the bias of the draws (Efron 1981, BC) and widened for few units to those of
    Student's t with `n_units` - 1 degrees of freedom (Hesterberg 2015, What teachers should know about the bootstrap,
    the expanded percentile interval). Undefined draws (`nan`) are left out. `centred` moves the draws to lie around
    the value first: for a figure whose bias depends on how many units there are, such as a mean of kappas of few units.
    """
    _check_confidence(confidence)
    defined = draws[~np.isnan(draws)]
    if n_units < 2 or 2 * len(defined) < max(len(draws), 1):
        return None
    if centred:
        defined = defined - defined.mean() + value
    near = 1e-12
    below = float(np.mean(defined < value - near) + np.mean(defined <= value + near)) / 2
    edge = 1 / (2 * len(defined))
    bias = NORMAL.inv_cdf(min(max(below, edge), 1 - edge))
    reach = student_quantile(confidence, n_units - 1) * (n_units / (n_units - 1)) ** 0.5
    low, high = np.quantile(defined, [NORMAL.cdf(2 * bias - reach), NORMAL.cdf(2 * bias + reach)])
    return float(low), float(high)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise UsageError(f"confidence must lie between 0 and 1, not {confidence!r}")
