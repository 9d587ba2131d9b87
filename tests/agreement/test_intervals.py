import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from assurai_datasets.agreement import mean_interval, share_interval
from assurai_datasets.agreement.intervals import bootstrap_interval
from assurai_datasets.errors import UsageError


def test_the_interval_of_table_8_is_reproduced():
    """AssurAI (arXiv 2511.20686), Table 8, Multiple-Choice: 3.00 ± 4.97 with n = 3."""
    interval = mean_interval([1, 3, 5])
    assert (interval.n, interval.mean) == (3, 3.0)
    assert interval.half_width == pytest.approx(4.968275, abs=1e-5)
    assert str(interval) == "3.00 ± 4.97"


def test_mean_intervals_equal_scipys():
    scores = np.random.default_rng(0).integers(1, 6, 37)
    low, high = stats.t.interval(0.9, 36, scores.mean(), stats.sem(scores))
    interval = mean_interval(scores.tolist(), confidence=0.9)
    assert interval.half_width == pytest.approx((high - low) / 2, abs=1e-12)


def test_one_score_has_no_half_width_and_equal_scores_one_of_zero():
    assert mean_interval([4]).half_width is None
    assert str(mean_interval([4])) == "4.00"
    assert mean_interval([4, 4, 4]).half_width == 0


@pytest.mark.parametrize("scores", [[], [1, float("nan")], [float("inf")]])
def test_no_score_or_one_that_is_not_finite_is_refused(scores):
    with pytest.raises(UsageError, match="finite"):
        mean_interval(scores)


@pytest.mark.parametrize("confidence", [0, 1, 95, -1])
def test_a_confidence_outside_zero_to_one_is_refused(confidence):
    with pytest.raises(UsageError, match="confidence"):
        mean_interval([1, 2], confidence=confidence)


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (7, 12), (12, 12), (480, 480)])
def test_share_intervals_equal_statsmodels(hits, n):
    assert share_interval(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_a_share_above_its_whole_is_refused():
    with pytest.raises(UsageError, match="between 0 and n"):
        share_interval(5, 4)


def test_draws_of_a_normal_mean_give_its_student_interval():
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, 12)
    draws = random.choice(scores, (200_000, 12)).mean(axis=1)
    low, high = bootstrap_interval(float(scores.mean()), draws, n_units=12, confidence=0.95) or (0, 0)
    half = mean_interval(scores).half_width or 0
    assert high - low == pytest.approx(2 * half, rel=0.05)


def test_undefined_draws_are_left_out_until_they_are_the_most():
    draws = np.concatenate([np.linspace(0, 1, 60), np.full(40, np.nan)])
    assert bootstrap_interval(0.5, draws, n_units=30, confidence=0.5) == pytest.approx((0.25, 0.75), abs=0.02)
    assert bootstrap_interval(0.5, np.append(draws, np.full(40, np.nan)), n_units=30, confidence=0.5) is None
