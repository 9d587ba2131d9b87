"""Copying: two annotators who agree beyond what chance, their habits and their skill explain."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from assurai_datasets.agreement.cohen import FLOOR, Shared
from assurai_datasets.agreement.counts import Counts
from assurai_datasets.agreement.findings import ALPHA, CROWD, Finding, holm, names, root_deviance, spread_of
from assurai_datasets.agreement.ratings import Floats, Integers, Ratings
from assurai_datasets.errors import LimitError

EXCESS = 0.1
"""Least agreement beyond expectation that is called copying: a smaller one is of no consequence."""

TABLE_LIMIT = 20_000_000
"""Most numbers in the table of habits: 160 MB."""

PRIOR_UNITS = 10.0
"""Units of a typical annotator that are added to the habits of each."""

PRIOR_SKILL = 6.25
"""Weight of the typical skill in that of each: a judgement's variance of 1/4 over a spread of skills of 0.2 squared."""

BLOCK = 1_000_000
"""Numbers looked up in the table of habits at once: 8 MB."""

ROUNDS = 50


class _Pairs(NamedTuple):
    """What was seen and expected of every pair of annotators who share a unit; arrays of one length."""

    left: Integers
    right: Integers
    n: Floats
    hits: Floats
    chance: Floats
    """Mean chance of equal values from the habits of both, 0-1."""


def find_copying(ratings: Ratings, *, alpha: float = ALPHA, floor: int = FLOOR) -> list[Finding]:
    """Return pairs of annotators who agree beyond what chance, habits and skill explain, the surest first.

    Two who work alone agree at a rate of c + s_a s_b. The chance c follows from their habits: how often each gives each
    value when the other annotators of the unit lean to a certain value. The skills s_a and s_b are told by how far each
    agrees beyond c with all *other* annotators (a rank-one fit that leaves the pair itself out). The share of equal
    values is compared with that rate; the scores of all pairs set the scale (see `spread_of`), the bound of Hoeffding
    gives the p-value and Holm's procedure over all pairs the family. The statistic is the agreement beyond expectation.

    Where three annotators always work together, a pair that copies and a third who is poor look alike; such a pair is
    not reported.

    Args:
        ratings: The judgements.
        alpha: Chance of any false pair.
        floor: Fewest shared units of a pair that is tested.

    Raises:
        LimitError: If there are more pairs of judgements, or annotators times values, than are held at once.
    """
    ratings = ratings.without_repeats()
    shared = Shared.of(ratings, floor=1)
    if not len(shared.annotators):
        return []
    pairs = _pairs(ratings, shared)
    expected, scores = _scores(pairs)
    tested = np.flatnonzero(pairs.n >= floor)
    standard = _standard(scores[tested])
    p_values = holm(np.where(standard > 0, np.exp(-(standard**2) / 2), 1.0))
    excess = (pairs.hits / pairs.n - expected)[tested]
    chosen = np.flatnonzero((p_values <= alpha) & (excess >= EXCESS))
    return [
        _finding(ratings, shared, pairs, int(tested[index]), float(expected[tested[index]]), float(p_values[index]))
        for index in chosen[np.argsort(-standard[chosen], kind="stable")].tolist()
    ]


def _finding(ratings: Ratings, shared: Shared, pairs: _Pairs, pair: int, expected: float, p_value: float) -> Finding:
    equal = (shared.pair == pair) & (shared.left == shared.right)
    hits, n = int(pairs.hits[pair]), int(pairs.n[pair])
    message = (
        f"two annotators gave the same value to {hits} of {n} shared units, "
        f"where {expected:.0%} was to be expected of two who work alone"
    )
    who = names(ratings.annotator_ids, shared.annotators[pair])
    return Finding("copying", who, names(ratings.unit_ids, shared.unit[equal]), hits / n - expected, p_value, message)


def _pairs(ratings: Ratings, shared: Shared) -> _Pairs:
    left, right = shared.annotators.T
    n = np.bincount(shared.pair).astype(np.float64)
    hits = np.bincount(shared.pair, weights=shared.left == shared.right).astype(np.float64)
    chance = np.bincount(shared.pair, weights=_chance(ratings, shared)) / n
    return _Pairs(left, right, n, hits, chance)


def _chance(ratings: Ratings, shared: Shared) -> Floats:
    """Return the chance of equal values from the habits of both annotators, one a shared unit."""
    annotators, values = len(ratings.annotator_ids), len(shared.position)
    leaning = (
        _leaning(ratings, shared)
        if annotators * values**2 <= TABLE_LIMIT
        else np.zeros(len(shared.pair), dtype=np.intp)
    )
    leanings, leaning = np.unique(leaning, return_inverse=True)
    if annotators * values * len(leanings) > TABLE_LIMIT:
        raise LimitError(f"{annotators} annotators times {values} values are more than {TABLE_LIMIT}; round the values")
    one, other = shared.annotators[shared.pair].T
    habits = np.zeros((annotators, len(leanings), values))
    np.add.at(habits, (one, leaning, shared.left), 1.0)
    np.add.at(habits, (other, leaning, shared.right), 1.0)
    crowd = habits.sum(axis=0)
    habits += PRIOR_UNITS * crowd / crowd.sum(axis=1, keepdims=True)
    habits /= habits.sum(axis=2, keepdims=True)
    return np.concatenate(
        [
            np.einsum("rv,rv->r", habits[one[rows], leaning[rows]], habits[other[rows], leaning[rows]])
            for rows in _blocks(len(one), max(BLOCK // values, 1))
        ]
    )


def _leaning(ratings: Ratings, shared: Shared) -> Integers:
    """Return the value the others of the unit lean to, as a code; one past the last where there are no others."""
    counts, values = Counts.of(ratings), len(shared.position)
    others = counts.sizes[shared.unit] - 2
    if ratings.level == "nominal":
        lean = _mode_of_others(counts, shared)
    else:
        total = np.bincount(counts.unit, weights=counts.code * counts.count, minlength=len(counts.sizes))[shared.unit]
        lean = np.rint((total - shared.left - shared.right) / np.maximum(others, 1)).astype(np.intp)
    return np.where(others > 0, lean, values)


def _mode_of_others(counts: Counts, shared: Shared) -> Integers:
    """Return the value most frequent without the two, which is one of the three most frequent with them."""
    order = np.lexsort((counts.code, -counts.count, counts.unit))
    unit = counts.unit[order]
    place = np.arange(len(order)) - np.searchsorted(unit, unit)
    kept = place < 3
    code, count = (np.full((len(counts.sizes), 3), -1), np.zeros((len(counts.sizes), 3)))
    code[unit[kept], place[kept]] = counts.code[order[kept]]
    count[unit[kept], place[kept]] = counts.count[order[kept]]
    codes = code[shared.unit]
    left = count[shared.unit] - (codes == shared.left[:, None]) - (codes == shared.right[:, None])
    best = np.argmax(left, axis=1)
    mode: Integers = codes[np.arange(len(codes)), best]
    return mode


def _scores(pairs: _Pairs) -> tuple[Floats, Floats]:
    """Return the agreement expected of every pair working alone, and how far the pair is above it, about normal."""
    beyond = pairs.hits / pairs.n - pairs.chance
    typical = max(float(np.average(beyond, weights=pairs.n)), 1e-4) ** 0.5
    skill = np.full(int(max(pairs.left.max(), pairs.right.max())) + 1, typical)
    for _ in range(ROUNDS):
        top, base = _skill_sums(pairs, beyond, skill)
        skill = np.clip((skill + (top + PRIOR_SKILL * typical) / (base + PRIOR_SKILL)) / 2, 0.0, 1.0)
    top, base = _skill_sums(pairs, beyond, skill)
    a, doubt_a = _skill_alone(pairs.left, pairs, beyond, skill[pairs.right], (top, base), typical)
    b, doubt_b = _skill_alone(pairs.right, pairs, beyond, skill[pairs.left], (top, base), typical)
    expected = np.clip(pairs.chance + a * b, 1e-6, 1 - 1e-6)
    doubt = pairs.n * (b**2 * doubt_a + a**2 * doubt_b) / (expected * (1 - expected))
    return expected, root_deviance(pairs.hits, pairs.n, expected) / np.sqrt(1 + doubt)


def _skill_sums(pairs: _Pairs, beyond: Floats, skill: Floats) -> tuple[Floats, Floats]:
    """Return the two sums whose quotient is each annotator's least-squares skill, given that of the others."""
    one, other = np.concatenate([pairs.left, pairs.right]), np.concatenate([pairs.right, pairs.left])
    weight, value = np.tile(pairs.n, 2), np.tile(beyond, 2)
    top = np.bincount(one, weights=weight * value * skill[other], minlength=len(skill))
    base = np.bincount(one, weights=weight * skill[other] ** 2, minlength=len(skill))
    return top.astype(np.float64), base.astype(np.float64)


def _skill_alone(
    one: Integers, pairs: _Pairs, beyond: Floats, partner: Floats, sums: tuple[Floats, Floats], typical: float
) -> tuple[Floats, Floats]:
    """Return the skill of one side of every pair without the pair itself, and the variance of that skill."""
    base = np.maximum(sums[1][one] - pairs.n * partner**2, 0.0) + PRIOR_SKILL
    top = sums[0][one] - pairs.n * beyond * partner + PRIOR_SKILL * typical
    return np.clip(top / base, 0.0, 1.0), 0.25 / base


def _standard(scores: Floats) -> Floats:
    """Return scores on the scale of all of them, moved down where most pairs agree more than expected."""
    if not len(scores):
        return scores
    above = max(float(np.median(scores)), 0.0) if len(scores) >= CROWD else 0.0
    return (scores - above) / spread_of(scores)


def _blocks(rows: int, step: int) -> Iterator[slice]:
    yield from (slice(start, start + step) for start in range(0, rows, step))
