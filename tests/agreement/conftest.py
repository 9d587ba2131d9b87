"""A simulated crowd: honest annotators of differing skill and severity, and on demand four who are not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from assurai_datasets.agreement import Ratings

COPIED, COPIER, STRAIGHT, DRIFTER = "n00", "n01", "n02", "n03"


def simulate(
    seed: int,
    *,
    units: int = 4000,
    annotators: int = 60,
    planted: bool = True,
    level: str = "ordinal",
    shared: int = 80,
) -> Ratings:
    """Three judgements 1-5 of every unit, in the order of random times."""
    random = np.random.default_rng(seed)
    truth, hardness = random.integers(0, 5, units), random.beta(2, 5, units)
    severity, noise = random.normal(0, 0.4, annotators), np.exp(random.normal(-0.4, 0.35, annotators))
    accuracy = random.beta(8, 2, annotators)
    accuracy[3] = 0.85  # one who never was good has nothing to lose
    copied = set(random.choice(units, shared, replace=False).tolist()) if planted else set()
    clock, rows = np.zeros(annotators), []
    for unit in range(units):
        who = (
            [0, 1, int(random.integers(2, annotators))]
            if unit in copied
            else random.choice(annotators, 3, False).tolist()
        )
        given: dict[int, int] = {}
        for a in sorted(who):
            clock[a] += random.exponential(20) + 5
            drift = unit / units if planted and a == 3 else 0.0
            if level == "nominal":
                right = random.random() < accuracy[a] * (1 - hardness[unit] / 4) * (1 - drift)
                value = int(truth[unit]) if right else int(random.integers(0, 5))
            else:
                shift = severity[a] + 2 * drift + random.normal(0, noise[a] * (0.6 + hardness[unit]))
                value = int(np.clip(np.rint(truth[unit] + shift), 0, 4))
            if planted and a == 2:
                value = 4
            given[a] = given[0] if planted and a == 1 and 0 in given else value
            rows.append((f"u{unit:05d}", f"n{a:02d}", given[a] + 1, float(clock[a])))
    return Ratings.from_rows(rows, level=level, values=[1, 2, 3, 4, 5])  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def crowd() -> Callable[..., Ratings]:
    return simulate


@pytest.fixture(scope="session")
def random_ratings() -> Callable[..., Ratings]:
    """A crowd without any agreement, for tests of form."""

    def make(seed: int = 0, *, units: int = 40, annotators: int = 5, values: int = 4, **options: Any) -> Ratings:
        random = np.random.default_rng(seed)
        rows = [(f"u{u}", f"a{a}", int(random.integers(values)) + 1) for u in range(units) for a in range(annotators)]
        return Ratings.from_rows(rows, **{"level": "ordinal", **options})

    return make
