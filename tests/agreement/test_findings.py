"""Planted misconduct is found in a crowd of sixty, and honest crowds are left in peace."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from assurai_datasets.agreement import Ratings, find_copying, find_drift, find_straight_lines
from assurai_datasets.agreement.findings import holm, tail_bound

PLANTED = {"n00", "n01", "n02", "n03"}


def findings(ratings: Ratings) -> dict[str, set[tuple[object, ...]]]:
    checks = {"copying": find_copying, "straight_line": find_straight_lines, "drift": find_drift}
    return {name: {finding.annotator_ids for finding in check(ratings)} for name, check in checks.items()}


def false_alarms(found: dict[str, set[tuple[object, ...]]]) -> int:
    return sum(not PLANTED.issuperset(who) for people in found.values() for who in people)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", ["ordinal", "nominal"])
def test_a_copying_pair_a_straight_liner_and_a_drifter_are_found_among_sixty(crowd, seed, level):
    """Must show 4 of the annotation issue: all three found, no more than two false alarms."""
    found = findings(crowd(seed, units=9000, shared=120, level=level))
    assert ("n00", "n01") in found["copying"]
    assert ("n02",) in found["straight_line"]
    assert ("n03",) in found["drift"]
    assert false_alarms(found) <= 2


@pytest.mark.parametrize("level", ["ordinal", "nominal"])
def test_an_honest_crowd_is_left_in_peace(crowd, level):
    """Three checks at 5 % each: 6 crowds of honest people bring two findings at the very most."""
    alarms = sum(len(who) for seed in range(6) for who in findings(crowd(seed, planted=False, level=level)).values())
    assert alarms <= 2


@pytest.mark.slow
def test_the_family_wise_error_of_every_check_stays_near_its_level(crowd):
    hits = dict.fromkeys(("copying", "straight_line", "drift"), 0)
    for seed in range(60):
        for name, who in findings(crowd(100 + seed, planted=False, units=1500)).items():
            hits[name] += bool(who)
    assert max(hits.values()) <= 7, hits


def test_a_run_of_one_value_within_honest_work_is_found(crowd):
    ratings = crowd(1, planted=False, units=4000)
    rows = np.flatnonzero(ratings.annotator == 5)
    run = rows[np.argsort(ratings.time[rows])][60:120]
    value = ratings.value.copy()
    value[run] = 3.0
    (finding,) = find_straight_lines(replace(ratings, value=value))
    assert finding.annotator_ids == ("n05",)
    assert "in a row" in finding.message
    assert finding.statistic >= 60


def test_a_rare_value_does_not_make_straight_liners_of_the_careful():
    """95 % of the units are safe: whoever sees the other 5 % is apt, not lazy."""
    random = np.random.default_rng(0)
    unsafe = random.random(3000) < 0.05
    rows = [
        (u, a, bool(unsafe[u]) if random.random() < 0.97 else not unsafe[u])
        for u in range(3000)
        for a in random.choice(30, 3, replace=False).tolist()
    ]
    assert find_straight_lines(Ratings.from_rows(rows, level="nominal")) == []


def test_a_trend_that_all_share_is_nobodys_drift():
    """The units grow harder for all; each annotator's agreement falls, and none is to blame."""
    random = np.random.default_rng(0)
    rows = []
    for u in range(3000):
        right = 0.95 - 0.4 * u / 3000
        who = random.choice(30, 3, replace=False).tolist()
        rows += [(u, a, u % 4 if random.random() < right else int(random.integers(4)), float(u)) for a in who]
    assert find_drift(Ratings.from_rows(rows, level="nominal")) == []


def test_without_times_nobody_drifts(crowd):
    ratings = crowd(0)
    assert find_drift(replace(ratings, time=np.full(len(ratings), np.nan))) == []


def test_nothing_to_compare_is_nothing_found():
    for rows in ([], [("u", "a", 1, 0.0)], [(f"u{u}", "a", 1, float(u)) for u in range(50)]):
        assert findings(Ratings.from_rows(rows, level="ordinal")) == {
            "copying": set(),
            "straight_line": set(),
            "drift": set(),
        }


def test_messages_name_no_annotator(crowd):
    ratings = crowd(0, units=9000, shared=120)
    for check in (find_copying, find_straight_lines, find_drift):
        assert all(str(who) not in finding.message for finding in check(ratings) for who in finding.annotator_ids)


def test_holm_equals_statsmodels():
    p_values = np.random.default_rng(0).random(40) ** 3
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_the_tail_bound_holds_and_is_near():
    from scipy.stats import binom

    for n, p, k in ((20, 0.3, 14), (100, 0.5, 70), (500, 0.9, 480)):
        exact = float(binom.sf(k - 1, n, p))
        assert exact <= tail_bound(k, n, p) <= 30 * exact
    assert tail_bound(3, 10, 0.5) == 1.0
