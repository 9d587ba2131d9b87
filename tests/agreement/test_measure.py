import json
import random

import numpy as np
import pytest

from assurai_datasets.agreement import Agreement, Estimate, Ratings, krippendorff_alpha, measure_agreement
from assurai_datasets.agreement import counts as counts_module
from assurai_datasets.errors import UsageError

COEFFICIENTS = ("krippendorff_alpha", "fleiss_kappa", "cohen_kappa", "gwet_ac1", "gwet_ac2")


def test_json_has_the_keys_a_program_reads(random_ratings):
    figures = json.loads(measure_agreement(random_ratings(), resamples=50).model_dump_json())
    assert {"level", "n_instances", "n_annotations", "n_annotators", "percent_agreement", *COEFFICIENTS} <= set(figures)
    assert (figures["level"], figures["n_instances"], figures["n_annotations"]) == ("ordinal", 40, 200)
    assert isinstance(figures["percent_agreement"], float)
    for name in COEFFICIENTS:
        assert figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"]


def test_the_order_of_rows_changes_no_byte(random_ratings):
    rows = [(u, a, (u * 7 + a * a) % 5 + 1) for u in range(50) for a in range(4)]
    results = set()
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        ratings = Ratings.from_rows(rows, level="ordinal")
        results.add(measure_agreement(ratings, resamples=100, by={u: str(u % 3) for u in range(50)}).model_dump_json())
    assert len(results) == 1


def test_the_size_of_chunks_changes_no_byte(monkeypatch, random_ratings):
    results = set()
    for cells in (50, 777, 1_000_000):
        monkeypatch.setattr(counts_module, "CELLS_IN_MEMORY", cells)
        results.add(measure_agreement(random_ratings(), resamples=100).model_dump_json())
    assert len(results) == 1


def test_another_seed_moves_the_ends_but_not_the_value(random_ratings):
    first, second = (measure_agreement(random_ratings(), resamples=200, seed=s).krippendorff_alpha for s in (0, 1))
    assert first.value == second.value
    assert (first.low, first.high) != (second.low, second.high)


def test_a_group_has_the_figures_of_its_units_alone(random_ratings):
    ratings = random_ratings(units=60)
    by = {unit: "even" if int(str(unit)[1:]) % 2 == 0 else "odd" for unit in ratings.unit_ids}
    whole = measure_agreement(ratings, resamples=100, by=by)
    alone = ratings.keep(np.array([by[ratings.unit_ids[u]] == "odd" for u in ratings.unit]))
    assert list(whole.by) == ["even", "odd"]
    assert whole.by["odd"] == measure_agreement(alone, resamples=100)


def test_below_the_floor_there_is_no_number_but_a_reason():
    ratings = Ratings.from_rows([(u, a, u % 2) for u in range(9) for a in "ab"], level="nominal")
    few = measure_agreement(ratings)
    assert few.percent_agreement is None
    for name in COEFFICIENTS:
        estimate = getattr(few, name)
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert "too few to say: 9 units" in str(estimate)
    assert measure_agreement(ratings, floor=9).krippendorff_alpha.value == 1.0


def test_units_with_one_rating_do_not_reach_the_floor():
    rows = [(u, "a", u % 2) for u in range(100)] + [(u, "b", u % 2) for u in range(9)]
    few = measure_agreement(Ratings.from_rows(rows, level="nominal"))
    assert (few.n_instances, few.n_paired, few.krippendorff_alpha.value) == (100, 9, None)


def test_ratings_that_never_vary_are_undefined_with_the_reason():
    ratings = Ratings.from_rows([(u, a, "safe") for u in range(20) for a in "ab"], level="nominal")
    agreement = measure_agreement(ratings, resamples=20)
    assert agreement.percent_agreement == 1.0
    assert "do not vary" in str(agreement.krippendorff_alpha)


def test_nothing_at_all_is_too_few():
    assert measure_agreement(Ratings.from_rows([], level="ordinal")).krippendorff_alpha.value is None


def test_a_common_value_that_parts_kappa_from_ac1_is_warned_of():
    rows = [(u, a, "safe") for u in range(200) for a in "abc"]
    rows += [(u + 200, a, "unsafe" if a == "abc"[u % 3] else "safe") for u in range(20) for a in "abc"]
    agreement = measure_agreement(Ratings.from_rows(rows, level="nominal"), resamples=20)
    assert (agreement.percent_agreement or 0) > 0.9
    assert (agreement.fleiss_kappa.value or 0) < 0.1
    assert [w for w in agreement.warnings if w.startswith("prevalence") and "97% of the ratings are 'safe'" in w]


def test_balanced_values_bring_no_warning(crowd):
    assert measure_agreement(crowd(0, units=300), resamples=0).warnings == ()


def test_a_repeated_judgement_counts_once_and_is_warned_of():
    rows = [(u, a, (u + a) % 3) for u in range(20) for a in range(3)]
    once = Ratings.from_rows(rows, level="nominal")
    twice = Ratings.from_rows([*rows, (0, 0, 2)], level="nominal")
    agreement = measure_agreement(twice, resamples=10)
    assert agreement.warnings == ("1 repeated judgements left out: an annotator counts once a unit",)
    assert agreement.n_annotations == 60
    assert krippendorff_alpha(twice) == krippendorff_alpha(once)


def test_without_resamples_there_are_no_intervals(random_ratings):
    agreement = measure_agreement(random_ratings(), resamples=0)
    assert agreement.krippendorff_alpha.value is not None
    assert agreement.krippendorff_alpha.low is None


def test_full_agreement_says_that_its_interval_is_too_narrow():
    ratings = Ratings.from_rows([(u, a, u % 3) for u in range(40) for a in "ab"], level="nominal")
    alpha = measure_agreement(ratings, resamples=100).krippendorff_alpha
    assert (alpha.value, alpha.low, alpha.high) == (1.0, 1.0, 1.0)
    assert "understates" in (alpha.note or "")


@pytest.mark.parametrize("wrong", [{"confidence": 95}, {"resamples": -1}, {"floor": 0}])
def test_a_wrong_argument_is_refused(wrong, random_ratings):
    with pytest.raises(UsageError, match="must"):
        measure_agreement(random_ratings(), **wrong)


def test_figures_survive_a_round_trip_and_print(random_ratings):
    agreement = measure_agreement(random_ratings(), resamples=20)
    assert Agreement.model_validate_json(agreement.model_dump_json()) == agreement
    assert str(Estimate(value=0.30123, low=0.2319, high=0.3561)) == "0.301 (0.23 to 0.36)"


@pytest.mark.slow
@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_intervals_cover_the_truth_as_often_as_they_say(level):
    """100 units, 3 judgements, 95 %: coverage between 93 and 97 %, up to what 1,000 trials can tell."""
    random, trials = np.random.default_rng(3), 1000

    def table(units: int) -> Ratings:
        truth = random.choice(4, units, p=[0.4, 0.3, 0.2, 0.1])
        near = np.clip(truth[:, None] + random.integers(-1, 2, (units, 3)), 0, 3)
        values = np.where(random.random((units, 3)) < 0.6, truth[:, None], near)
        names = np.repeat(np.arange(units), 3).tolist()
        return Ratings.from_columns(names, [0, 1, 2] * units, values.ravel().tolist(), level=level, values=[0, 1, 2, 3])

    truth = measure_agreement(table(200_000), resamples=0)
    covered = dict.fromkeys(COEFFICIENTS, 0)
    for trial in range(trials):
        figures = measure_agreement(table(100), resamples=400, seed=trial)
        for name in COEFFICIENTS:
            estimate = getattr(figures, name)
            covered[name] += estimate.low <= getattr(truth, name).value <= estimate.high
    assert all(0.93 * trials <= hits <= 0.97 * trials for hits in covered.values()), covered
