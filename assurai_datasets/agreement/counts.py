"""Sums a coefficient needs, computed once a unit and then weighted: a resample is only another set of weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assurai_datasets.agreement.ratings import Floats, Integers, Level, Ratings
from assurai_datasets.errors import LimitError

PAIR_LIMIT = 5_000_000
"""Most pairs of judgements that are held at once."""

RATIO_VALUE_LIMIT = 5_000
"""Most distinct values of a ratio scale: its chance disagreement needs every pair of values."""

CELLS_IN_MEMORY = 1_000_000
"""Numbers a chunk of resamples holds at once: 8 MB, so that it stays in the cache."""


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each unit received each value, as sparse cells sorted by value."""

    level: Level
    scale: Floats
    sizes: Floats
    unit: Integers
    code: Integers
    count: Floats

    @classmethod
    def of(cls, ratings: Ratings) -> "Counts":
        """Return the counts of ratings without repeats."""
        scale = ratings.scale()
        n_units = len(ratings.unit_ids)
        cells, count = np.unique(np.searchsorted(scale, ratings.value) * n_units + ratings.unit, return_counts=True)
        code, unit = np.divmod(cells, max(n_units, 1))
        sizes = np.bincount(ratings.unit, minlength=n_units).astype(np.float64)
        return cls(ratings.level, scale, sizes, unit, code, count.astype(np.float64))

    @cached_property
    def paired(self) -> Floats:
        """1 for a unit with two ratings or more, else 0, shape (units,)."""
        return (self.sizes >= 2).astype(np.float64)

    @cached_property
    def pairs(self) -> Floats:
        """Ordered pairs of ratings a unit holds, 1 where there is none (to divide by), shape (units,)."""
        return np.maximum(self.sizes * (self.sizes - 1), 1.0)

    @cached_property
    def position(self) -> Floats:
        """Where each category lies between 0 and 1: by rank if ordinal, else by value, shape (categories,)."""
        ordered = self.level in ("nominal", "ordinal")
        place: Floats = np.arange(len(self.scale), dtype=np.float64) if ordered else self.scale
        width = float(np.ptp(place)) if len(place) else 0.0
        return (place - place[0]) / width if width else np.zeros(len(place))

    @cached_property
    def by_unit(self) -> tuple[Integers, Integers]:
        """Cells of units with two ratings, sorted by unit, and where each unit begins among them."""
        order = np.lexsort((self.code, self.unit))
        order = order[self.paired[self.unit[order]] > 0]
        return order, np.flatnonzero(np.diff(self.unit[order], prepend=-1))

    @cached_property
    def starts(self) -> Integers:
        """First cell of every value that occurs."""
        return np.flatnonzero(np.diff(self.code, prepend=-1))

    @cached_property
    def used(self) -> Integers:
        """Codes of the values that occur, ascending."""
        return self.code[self.starts]

    @cached_property
    def differing(self) -> Floats:
        """Share of the pairs in a unit whose values differ, shape (units,)."""
        alike = np.bincount(self.unit, weights=self.count * (self.count - 1), minlength=len(self.sizes))
        return self.paired - alike / self.pairs

    @cached_property
    def squared(self) -> Floats:
        """Mean squared difference in `position` of the pairs in a unit, shape (units,)."""
        place = self.position[self.code]
        mean = self._by_unit(self.count * place) / np.maximum(self.sizes, 1.0)
        spread = self._by_unit(self.count * (place - mean[self.unit]) ** 2)
        return 2 * self.sizes * spread / self.pairs

    @cached_property
    def relative(self) -> Floats:
        """Mean of ((a - b) / (a + b))^2 over the pairs in a unit, shape (units,)."""
        order, _ = self.by_unit
        total = np.zeros(len(self.sizes))
        for left, right in pairs_within(self.unit[order]):
            i, j = order[left], order[right]
            apart = ratio_difference(self.scale[self.code[i]], self.scale[self.code[j]])
            total += np.bincount(self.unit[i], weights=self.count[i] * self.count[j] * apart, minlength=len(total))
        return 2 * total / self.pairs

    def _by_unit(self, cells: Floats) -> Floats:
        return np.bincount(self.unit, weights=cells, minlength=len(self.sizes)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Counts under one or several sets of unit weights, shape (units, sets); weights of 1 are the data themselves."""

    counts: Counts
    weights: Floats

    @cached_property
    def units(self) -> Floats:
        """Weight of all units, shape (sets,)."""
        total: Floats = self.weights.sum(axis=0)
        return total

    @cached_property
    def paired(self) -> Floats:
        """Weight of the units with two ratings, shape (sets,)."""
        return self.counts.paired @ self.weights

    @cached_property
    def pairable(self) -> Floats:
        """Ratings that have a partner, shape (sets,)."""
        return (self.counts.sizes * self.counts.paired) @ self.weights

    @cached_property
    def frequencies(self) -> Floats:
        """Ratings with a partner that took each value, shape (used values, sets)."""
        return self._by_value(self.counts.count * self.counts.paired[self.counts.unit])

    @cached_property
    def shares(self) -> Floats:
        """Mean share of a unit's ratings that took each value, over all units, shape (used values, sets)."""
        return self._by_value(self.counts.count / self.counts.sizes[self.counts.unit]) / self.units

    def _by_value(self, cells: Floats) -> Floats:
        return sums(self.weights, self.counts.unit, cells, self.counts.starts)


def sums(weights: Floats, units: Integers, amounts: Floats, starts: Integers) -> Floats:
    """Return weighted sums of amounts over runs of rows that begin at `starts`, shape (runs, sets)."""
    if not len(starts):
        return np.zeros((0, weights.shape[1]))
    rows = weights[units]
    rows *= amounts[:, None]
    total: Floats = np.add.reduceat(rows, starts, axis=0)
    return total


def share_alike(ratings: Ratings, counts: Counts) -> Floats:
    """Return the share of the others of its unit who gave the value of each judgement, 0 where there are none."""
    cells = counts.code * len(counts.sizes) + counts.unit
    own = np.searchsorted(cells, np.searchsorted(counts.scale, ratings.value) * len(counts.sizes) + ratings.unit)
    alike: Floats = (counts.count[own] - 1) / np.maximum(counts.sizes[ratings.unit] - 1, 1)
    return alike


def height_above(ratings: Ratings, value: Floats, counts: Counts) -> Floats:
    """Return how far the value of each judgement lies above the mean of the others of its unit."""
    total = np.bincount(ratings.unit, weights=value, minlength=len(counts.sizes))[ratings.unit]
    above: Floats = value - (total - value) / np.maximum(counts.sizes[ratings.unit] - 1, 1)
    return above


def ratio_difference(a: Floats, b: Floats) -> Floats:
    """Return ((a - b) / (a + b))^2, 0 where both are 0."""
    whole = a + b
    relative: Floats = np.divide(a - b, whole, out=np.zeros(np.broadcast(a, b).shape), where=whole != 0)
    return relative**2


def pairs_within(unit: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield positions (left, right) of all pairs of rows with one unit, left before right; rows sorted by unit.

    Raises:
        LimitError: If there are more than `PAIR_LIMIT` pairs.
    """
    if count_pairs(unit) > PAIR_LIMIT:
        raise LimitError(f"{count_pairs(unit)} pairs of judgements are more than {PAIR_LIMIT}; measure parts of them")
    left, step = np.arange(len(unit)), 1
    while True:
        left = left[left + step < len(unit)]
        left = left[unit[left] == unit[left + step]]
        if not len(left):
            return
        yield left, left + step
        step += 1


def count_pairs(unit: Integers) -> int:
    """Return how many pairs of rows share a unit."""
    sizes = np.unique(unit, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def draw_weights(n_units: int, rows: int, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield bootstrap weights, shape (units, some): how often each unit is drawn, in chunks of bounded memory.

    Args:
        n_units: Units to draw from; each resample draws as many, with replacement.
        rows: Rows that will be weighted at once; sets the size of a chunk.
        resamples: Resamples in all.
        seed: The same seed and units give the same weights.
    """
    random = np.random.default_rng(seed)
    step = max(1, min(resamples, CELLS_IN_MEMORY // max(rows, n_units, 1)))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = [np.bincount(random.integers(0, n_units, n_units), minlength=n_units) for _ in range(size)]
        yield np.stack(drawn, axis=1).astype(np.float64)
