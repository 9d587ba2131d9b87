"""Speed of the agreement figures, side by side with the `krippendorff` package in one run.

python benchmarks/agreement.py [--ratings 1000000]
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import krippendorff
import numpy as np

from assurai_datasets.agreement import (
    Ratings,
    find_copying,
    find_drift,
    find_straight_lines,
    krippendorff_alpha,
    measure_agreement,
    reach_consensus,
)

ANNOTATORS = 60
PAPER_UNITS = 11_480


def simulate(units: int, level: str = "ordinal") -> Ratings:
    """Three judgements 1-5 of every unit by sixty annotators, with times."""
    random = np.random.default_rng(0)
    truth = random.integers(1, 6, units)
    who = (
        random.integers(0, ANNOTATORS, units)[:, None] + random.integers(1, 20, (units, 3)).cumsum(axis=1)
    ) % ANNOTATORS
    values = np.clip(truth[:, None] + random.integers(-1, 2, (units, 3)), 1, 5)
    return Ratings.from_columns(
        np.repeat(np.arange(units), 3).tolist(),
        who.ravel().tolist(),
        values.ravel().tolist(),
        level=level,
        values=range(1, 6),
        times=(30.0 * np.arange(3 * units)).tolist(),
    )


def dense(ratings: Ratings) -> np.ndarray:
    """Annotators by units, nan where missing: the form `krippendorff` reads."""
    table = np.full((ANNOTATORS, len(ratings.unit_ids)), np.nan)
    table[ratings.annotator, ratings.unit] = ratings.value
    return table


def seconds(work: Callable[[], Any], repeats: int = 3) -> float:
    """Return the fastest of several runs."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def compare(units: int) -> None:
    """`krippendorff` reads a dense table of annotators by units, or counts of values made beforehand."""
    print(f"\nalpha of {3 * units:,} ratings (s)     ours   krippendorff(table)   krippendorff(counts)   table / ours")
    for level in ("nominal", "ordinal", "interval", "ratio"):
        ratings = simulate(units, level)
        table, scale = dense(ratings), np.arange(1.0, 6.0)
        counts = np.stack([(table == value).sum(axis=0) for value in scale], axis=1)
        alpha = partial(krippendorff.alpha, level_of_measurement=level)
        ours = seconds(partial(krippendorff_alpha, ratings))
        from_table = seconds(partial(alpha, reliability_data=table))
        from_counts = seconds(partial(alpha, value_counts=counts, value_domain=scale))
        print(f"{level:30} {ours:9.3f} {from_table:21.3f} {from_counts:22.3f} {from_table / ours:14.1f}")


def line(what: str, work: Callable[[], Any]) -> None:
    print(f"{what:44} {seconds(work):8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=1_000_000)
    total = parser.parse_args().ratings

    ratings = simulate(PAPER_UNITS)
    by = {unit: f"r{unit % 35 + 1:02d}" for unit in range(PAPER_UNITS)}
    print(f"{len(ratings):,} ratings, {ANNOTATORS} annotators, 35 risk factors (s)")
    line("all coefficients, 1,000 resamples, by factor", partial(measure_agreement, ratings, by=by))
    line("consensus by majority", partial(reach_consensus, ratings))
    line("consensus by one_coin", partial(reach_consensus, ratings, method="one_coin"))
    for check in (find_copying, find_straight_lines, find_drift):
        line(check.__name__, partial(check, ratings))
    compare(PAPER_UNITS)
    compare(total // 3)


if __name__ == "__main__":
    main()
