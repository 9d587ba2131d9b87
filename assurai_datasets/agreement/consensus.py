"""One label a unit from several judgements, with an explicit rule for ties."""

from collections.abc import Callable, Hashable
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from assurai_datasets.agreement.counts import Counts
from assurai_datasets.agreement.dawid_skene import fit_dawid_skene, fit_one_coin
from assurai_datasets.agreement.ratings import Floats, Ratings
from assurai_datasets.errors import UsageError

Method = Literal["majority", "median", "mean", "one_coin", "dawid_skene"]
Tie = Literal["abstain", "lowest", "highest", "middle"]


class Decision(NamedTuple):
    """What the annotators of a unit decided."""

    value: Any
    """A label or number of the ratings; None (or `tied_value`) where the unit is tied and the rule abstains."""
    support: float
    """Share of the judgements equal to the value, 0-1; for the Dawid-Skene models its probability."""
    tied: bool
    """Whether two values had the same claim, so that the tie rule decided."""


class _Claims(NamedTuple):
    """The lowest and the highest value with the best claim, and the claim itself, shape (units,) each."""

    low: Floats
    high: Floats
    support: Floats


def reach_consensus(
    ratings: Ratings, *, method: Method = "majority", tie: Tie = "abstain", tied_value: Any = None
) -> dict[Hashable, Decision]:
    """Return the decision on every unit, in the order of `ratings.unit_ids`.

    Args:
        ratings: The judgements; where an annotator judged a unit twice, the earliest counts.
        method: `majority` is the most frequent value, of however small a share. `median` is the middle judgement and
            `mean` the average; both need numbers or an ordered scale, the mean numbers. `one_coin` and `dawid_skene`
            weigh annotators by their estimated reliability, see `fit_one_coin` and `fit_dawid_skene`.
        tie: Two values most frequent, or the two middle judgements differ: `abstain` decides nothing, `lowest` and
            `highest` take that end of the scale (on the safety scale the lowest is the careful choice), `middle` takes
            the mean of the two middle judgements, for the median only.
        tied_value: What a tied unit gets where the rule abstains.

    Raises:
        UsageError: For a method that the level does not allow, or an unknown method or rule.
        DataError: For `dawid_skene` with too few labels for each of its parameters.
        LimitError: For a Dawid-Skene model with more units times values than fit in memory.
    """
    _check(ratings, method, tie)
    ratings = ratings.without_repeats()
    claims = _METHODS[method](ratings)
    decided = {"lowest": claims.low, "highest": claims.high}.get(tie, (claims.low + claims.high) / 2)
    return {
        unit_id: _decide(ratings, low, high, value, support, abstain=tie == "abstain", tied_value=tied_value)
        for unit_id, low, high, value, support in zip(
            ratings.unit_ids,
            *(column.tolist() for column in (claims.low, claims.high, decided, claims.support)),
            strict=True,
        )
    }


def _decide(
    ratings: Ratings, low: float, high: float, value: float, support: float, *, abstain: bool, tied_value: Any
) -> Decision:
    tied = low != high
    return Decision(tied_value if tied and abstain else ratings.label(value), support, tied)


def _check(ratings: Ratings, method: Method, tie: Tie) -> None:
    if method not in get_args(Method) or tie not in get_args(Tie):
        allowed = f"{', '.join(get_args(Method))} and {', '.join(get_args(Tie))}"
        raise UsageError(f"method and tie must be of {allowed}, not {method!r} and {tie!r}")
    if method in ("median", "mean") and ratings.level == "nominal":
        raise UsageError(f"nominal ratings have no {method}; take the majority")
    if method == "mean" and ratings.labelled:
        raise UsageError(f"labels such as {ratings.label(0)!r} have no mean; take the median")
    if tie == "middle" and method != "median":
        raise UsageError(f"the tie rule 'middle' is for the median, not for {method!r}")


def _majority(ratings: Ratings) -> _Claims:
    counts = Counts.of(ratings)
    most = np.zeros(len(counts.sizes))
    np.maximum.at(most, counts.unit, counts.count)
    best = counts.count == most[counts.unit]
    return _claims(counts, best, most / np.maximum(counts.sizes, 1))


def _claims(counts: Counts, best: Any, support: Floats) -> _Claims:
    """Return the lowest and highest value of the best cells of every unit; cells are sorted by value."""
    low, high = np.zeros(len(counts.sizes)), np.zeros(len(counts.sizes))
    unit, value = counts.unit[best], counts.scale[counts.code[best]]
    high[unit] = value
    low[unit[::-1]] = value[::-1]
    return _Claims(low, high, support)


def _median(ratings: Ratings) -> _Claims:
    order = np.lexsort((ratings.value, ratings.unit))
    value, sizes = ratings.value[order], np.bincount(ratings.unit, minlength=len(ratings.unit_ids))
    first = np.cumsum(sizes) - sizes
    low, high = value[first + (sizes - 1) // 2], value[first + sizes // 2]
    return _Claims(low, high, _share_of(ratings, low))


def _mean(ratings: Ratings) -> _Claims:
    sizes = np.bincount(ratings.unit, minlength=len(ratings.unit_ids))
    mean = np.bincount(ratings.unit, weights=ratings.value, minlength=len(sizes)) / sizes
    return _Claims(mean, mean, _share_of(ratings, mean))


def _share_of(ratings: Ratings, chosen: Floats) -> Floats:
    hits = np.bincount(ratings.unit[ratings.value == chosen[ratings.unit]], minlength=len(chosen))
    return hits / np.bincount(ratings.unit, minlength=len(chosen))


def _one_coin(ratings: Ratings) -> _Claims:
    return _most_probable(ratings, fit_one_coin(ratings).probabilities)


def _dawid_skene(ratings: Ratings) -> _Claims:
    return _most_probable(ratings, fit_dawid_skene(ratings).probabilities)


def _most_probable(ratings: Ratings, probabilities: Floats) -> _Claims:
    top = probabilities.max(axis=1)
    best = probabilities >= top[:, None] - 1e-9
    scale = ratings.scale()
    last = best.shape[1] - 1 - np.argmax(best[:, ::-1], axis=1)
    return _Claims(scale[np.argmax(best, axis=1)], scale[last], top)


_METHODS: dict[str, Callable[[Ratings], _Claims]] = {
    "majority": _majority,
    "median": _median,
    "mean": _mean,
    "one_coin": _one_coin,
    "dawid_skene": _dawid_skene,
}
