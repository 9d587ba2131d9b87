"""Cohen's kappa of every two annotators who share enough units."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from assurai_datasets.agreement.counts import Counts, count_pairs, pairs_within, sums
from assurai_datasets.agreement.ratings import Floats, Integers, Level, Ratings

FLOOR = 10
"""Fewest units for a figure, by default."""


class PairKappa(NamedTuple):
    """Cohen's kappa of two annotators over the units both judged; `kappa` is `nan` where both used one same value."""

    annotators: tuple[Hashable, Hashable]
    n_units: int
    kappa: float


def cohen_kappas(ratings: Ratings, *, floor: int = FLOOR) -> list[PairKappa]:
    """Return Cohen's kappa of every two annotators who share at least `floor` units, sorted by annotator.

    kappa = 1 - d_o / d_e: the mean disagreement of the two over the one expected from how often each uses each value.
    Nominal: disagreement is 0 or 1 (Cohen 1960, A coefficient of agreement for nominal scales). Otherwise it is the
    squared difference, of ranks on the scale for ordinal and of values for interval and ratio ratings: the quadratic
    weights of Cohen (1968), Weighted kappa.

    Raises:
        LimitError: If there are more pairs of judgements than are held at once.
    """
    ratings = ratings.without_repeats()
    shared = Shared.of(ratings, floor=floor)
    kappas, units = kappas_of(shared, np.ones((len(ratings.unit_ids), 1)))
    names = ratings.annotator_ids
    return [
        PairKappa((names[a], names[b]), int(n), float(kappa))
        for (a, b), n, kappa in zip(shared.annotators.tolist(), units[:, 0], kappas[:, 0], strict=True)
    ]


def cohen_kappa(ratings: Ratings, *, floor: int = FLOOR) -> float:
    """Return the mean of `cohen_kappas`, weighted by shared units; `nan` where none is defined."""
    ratings = ratings.without_repeats()
    return float(mean_kappa_of(Shared.of(ratings, floor=floor), np.ones((len(ratings.unit_ids), 1)))[0])


class Cells(NamedTuple):
    """Rows of `Shared` by pair of annotators and value, for the values both of a pair have used."""

    left: Integers
    left_starts: Integers
    right: Integers
    right_starts: Integers
    pair: Integers


@dataclass(frozen=True, eq=False)
class Shared:
    """Judgements of one unit by two annotators, one a row, sorted by the two; sides are codes on the scale."""

    level: Level
    annotators: Integers
    position: Floats
    pair: Integers
    unit: Integers
    left: Integers
    right: Integers

    @classmethod
    def of(cls, ratings: Ratings, *, floor: int) -> "Shared":
        """Return the rows of annotators who share at least `floor` units, from ratings without repeats.

        Raises:
            LimitError: If there are more pairs of judgements than are held at once.
        """
        counts, n = Counts.of(ratings), max(len(ratings.annotator_ids), 1)
        code = np.searchsorted(counts.scale, ratings.value)
        halves = list(pairs_within(ratings.unit)) if count_pairs(ratings.unit) else []
        left, right = (np.concatenate([np.zeros(0, dtype=np.intp), *(half[i] for half in halves)]) for i in (0, 1))
        key = ratings.annotator[left] * n + ratings.annotator[right]
        _, place, size = np.unique(key, return_inverse=True, return_counts=True)
        order = np.lexsort((ratings.unit[left], key))
        order = order[size[place[order]] >= floor]
        keys, pair = np.unique(key[order], return_inverse=True)
        annotators = np.stack([keys // n, keys % n], axis=1)
        left, right = left[order], right[order]
        return cls(ratings.level, annotators, counts.position, pair, ratings.unit[left], code[left], code[right])

    @cached_property
    def starts(self) -> Integers:
        """First row of every pair of annotators."""
        return np.flatnonzero(np.diff(self.pair, prepend=-1))

    @cached_property
    def cells(self) -> Cells:
        """Rows in which one of a pair used a value that the other uses too."""
        width = len(self.position)
        keys = (self.pair * width + self.left, self.pair * width + self.right)
        common = np.intersect1d(keys[0], keys[1])
        rows = [np.flatnonzero(np.isin(side, common)) for side in keys]
        (left, a), (right, b) = (_runs(part, side[part]) for part, side in zip(rows, keys, strict=True))
        return Cells(left, a, right, b, common // max(width, 1))


def mean_kappa_of(shared: Shared, weights: Floats) -> Floats:
    """Return the mean kappa of all pairs weighted by shared units, one value a set of weights."""
    kappas, units = kappas_of(shared, weights)
    units = np.where(np.isnan(kappas), 0.0, units)
    total = units.sum(axis=0)
    mean = np.full(len(total), np.nan)
    np.divide((np.nan_to_num(kappas) * units).sum(axis=0), total, out=mean, where=total > 0)
    return mean


def kappas_of(shared: Shared, weights: Floats) -> tuple[Floats, Floats]:
    """Return kappa and the number of shared units of every pair under unit weights, both of shape (pairs, sets)."""
    units = _sum_pairs(shared, weights, np.ones(len(shared.pair)))
    part = np.maximum(units, 1.0)
    observed, chance = (_nominal if shared.level == "nominal" else _quadratic)(shared, weights, part)
    kappas = np.full(units.shape, np.nan)
    np.divide(observed, chance, out=kappas, where=(chance > 1e-12) & (units > 0))
    return 1 - kappas, units


def _nominal(shared: Shared, weights: Floats, units: Floats) -> tuple[Floats, Floats]:
    observed = _sum_pairs(shared, weights, (shared.left != shared.right).astype(np.float64)) / units
    cells, chance = shared.cells, np.ones(units.shape)
    if len(cells.pair):
        left = sums(weights, shared.unit[cells.left], np.ones(len(cells.left)), cells.left_starts)
        right = sums(weights, shared.unit[cells.right], np.ones(len(cells.right)), cells.right_starts)
        starts = np.flatnonzero(np.diff(cells.pair, prepend=-1))
        present = cells.pair[starts]
        chance[present] -= np.add.reduceat(left * right, starts, axis=0) / units[present] ** 2
    return observed, chance


def _quadratic(shared: Shared, weights: Floats, units: Floats) -> tuple[Floats, Floats]:
    left, right = shared.position[shared.left], shared.position[shared.right]
    observed = _sum_pairs(shared, weights, (left - right) ** 2) / units
    mean_left, mean_right = _sum_pairs(shared, weights, left) / units, _sum_pairs(shared, weights, right) / units
    squares = _sum_pairs(shared, weights, left**2 + right**2) / units
    return observed, squares - 2 * mean_left * mean_right


def _sum_pairs(shared: Shared, weights: Floats, amounts: Floats) -> Floats:
    return sums(weights, shared.unit, amounts, shared.starts)


def _runs(rows: Integers, keys: Integers) -> tuple[Integers, Integers]:
    """Return rows sorted by key and where each key begins."""
    order = np.argsort(keys, kind="stable")
    return rows[order], np.flatnonzero(np.diff(keys[order], prepend=-1))
