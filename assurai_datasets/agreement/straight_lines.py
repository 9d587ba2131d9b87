"""Straight-lining: the same answer whatever the unit, throughout the work or in a long run."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.agreement.counts import Counts
from assurai_datasets.agreement.findings import ALPHA, LEAST_JUDGEMENTS, Finding, holm, names, tail_bound
from assurai_datasets.agreement.ratings import Floats, Integers, Ratings

VARIETY = 0.25
"""A straight-liner strays from one value at most this share of how often the others do on the same units."""

APT = 1.5
"""Other answers are apt where the others stray so many times as often as elsewhere: a mild judge, no straight-liner."""

LEAST_RUN = 20
"""Shortest run of one value that is called straight-lining."""


class _Test(NamedTuple):
    p_value: float
    striking: bool
    """Whether the effect is large enough to matter."""
    statistic: float
    rows: Integers
    message: str


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Ratings without repeats, and how often each value was chosen for each unit."""

    ratings: Ratings
    counts: Counts
    cells: Integers
    share: Floats

    @classmethod
    def of(cls, ratings: Ratings) -> "_Crowd":
        counts = Counts.of(ratings)
        share = np.bincount(counts.code, weights=counts.count, minlength=len(counts.scale)) / max(len(ratings), 1)
        return cls(ratings, counts, counts.code * len(counts.sizes) + counts.unit, share)

    def chances(self, rows: Integers, value: float) -> Floats:
        """Return the chance of a value at each row: others who chose it + its share of all, by the unit's size."""
        code = int(np.searchsorted(self.counts.scale, value))
        wanted = code * len(self.counts.sizes) + self.ratings.unit[rows]
        place = np.minimum(np.searchsorted(self.cells, wanted), len(self.cells) - 1)
        chose = np.where(self.cells[place] == wanted, self.counts.count[place], 0.0)
        others = chose - (self.ratings.value[rows] == value)
        chance: Floats = (others + self.share[code]) / self.counts.sizes[self.ratings.unit[rows]]
        return chance


def find_straight_lines(
    ratings: Ratings, *, alpha: float = ALPHA, least_judgements: int = LEAST_JUDGEMENTS
) -> list[Finding]:
    """Return annotators who give one value whatever the unit, throughout or in a long run, the surest first.

    At each unit the chance of a value is (j + pi) / m: j of the m - 1 other judgements have it, and pi of all do.
    Throughout: one value so much more often than expected that the bound of Hoeffding for these chances is small, and
    straying from it at most `VARIETY` as often as the others. In a run (needs times): the chance of so long a run
    anywhere, with the chances raised until they fit how often the annotator uses the value overall. Holm's procedure
    over both tests of all annotators is the family. The statistic is the share of the value, or the length of the run.

    Args:
        ratings: The judgements; only units with another judgement count.
        alpha: Chance of any false finding.
        least_judgements: Fewest judgements of an annotator who is tested.
    """
    crowd = _Crowd.of(ratings.without_repeats())
    tests = [test for rows in _works(crowd, least_judgements) for test in (_throughout(crowd, rows), _run(crowd, rows))]
    p_values = holm(test.p_value for test in tests)
    found: dict[int, Finding] = {}
    for index in np.argsort(p_values, kind="stable").tolist():
        test, p_value = tests[index], float(p_values[index])
        if test.striking and p_value <= alpha:
            annotator = int(crowd.ratings.annotator[test.rows[0]])
            who, units = crowd.ratings.annotator_ids[annotator], crowd.ratings.unit[test.rows]
            unit_ids = names(crowd.ratings.unit_ids, units)
            finding = Finding("straight_line", (who,), unit_ids, test.statistic, p_value, test.message)
            found.setdefault(annotator, finding)
    return list(found.values())


def _works(crowd: _Crowd, least: int) -> list[Integers]:
    """Return the rows of every annotator with enough of them, in the order of their times."""
    ratings = crowd.ratings
    rows = np.flatnonzero(crowd.counts.sizes[ratings.unit] > 1)
    rows = rows[np.lexsort((ratings.unit[rows], ratings.time[rows], ratings.annotator[rows]))]
    edges = np.flatnonzero(np.diff(ratings.annotator[rows])) + 1
    return [work for work in np.split(rows, edges) if len(work) >= max(least, 1)]


def _throughout(crowd: _Crowd, rows: Integers) -> _Test:
    values, uses = np.unique(crowd.ratings.value[rows], return_counts=True)
    value, hits, n = float(values[uses.argmax()]), float(uses.max()), float(len(rows))
    chance = crowd.chances(rows, value)
    expected = float(chance.mean())
    p_value = min(1.0, len(crowd.counts.used) * tail_bound(hits, n, expected))
    striking = 1 - hits / n <= VARIETY * (1 - expected) and not _is_apt(chance, crowd.ratings.value[rows] != value)
    label = crowd.ratings.label(value)
    message = f"gave {label!r} to {hits:.0f} of {n:.0f} units, where {expected:.0%} of them were to be expected"
    return _Test(p_value, striking, hits / n, rows, message)


def _is_apt(chance: Floats, strays: NDArray[np.bool_]) -> bool:
    """Return whether the few other answers (three at least) fall where the other annotators give others too."""
    return int(strays.sum()) >= 3 and float(1 - chance[strays].mean()) >= APT * float(1 - chance.mean())


def _run(crowd: _Crowd, rows: Integers) -> _Test:
    """Return the test of the longest run of one value; units without a time are left out."""
    rows = rows[~np.isnan(crowd.ratings.time[rows])]
    values = crowd.ratings.value[rows]
    starts = np.flatnonzero(np.diff(values, prepend=np.inf))
    lengths = np.diff(starts, append=len(rows))
    if len(lengths) < 2:
        return _Test(1.0, False, 0.0, rows[:0], "")
    start, length = int(starts[lengths.argmax()]), int(lengths.max())
    value = float(values[start])
    chance = _raised(crowd.chances(rows, value), int(np.count_nonzero(values == value)))
    logs = np.concatenate(([0.0], np.cumsum(np.log(chance))))
    p_value = min(1.0, len(crowd.counts.used) * float(np.exp(logs[length:] - logs[:-length]).sum()))
    message = f"gave {crowd.ratings.label(value)!r} to {length} units in a row, of {len(rows)} judged"
    return _Test(p_value, length >= LEAST_RUN, float(length), rows[start : start + length], message)


def _raised(chance: Floats, hits: int) -> Floats:
    """Return chances, never lower than given, with their odds multiplied alike until they add up to the hits."""
    odds = chance / (1 - np.minimum(chance, 1 - 1e-9))
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        total = float((odds * np.exp(middle) / (1 + odds * np.exp(middle))).sum())
        low, high = (middle, high) if total < hits else (low, middle)
    raised: Floats = odds * np.exp(high)
    return raised / (1 + raised)
