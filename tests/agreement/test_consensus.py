import numpy as np
import pytest

from assurai_datasets.agreement import Ratings, fit_dawid_skene, fit_one_coin, reach_consensus
from assurai_datasets.agreement import dawid_skene as module
from assurai_datasets.errors import DataError, LimitError, UsageError


def of(*values: object, level: str = "ordinal", **options: object) -> Ratings:
    """Ratings of one unit `u`, one annotator a value."""
    return Ratings.from_rows([("u", a, v) for a, v in enumerate(values)], level=level, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("tie", "value"), [("abstain", None), ("lowest", 2), ("highest", 5)])
def test_a_tied_majority_follows_the_rule(tie, value):
    decision = reach_consensus(of(2, 5, 2, 5, 3), tie=tie)["u"]
    assert (decision.value, decision.support, decision.tied) == (value, 0.4, True)


def test_a_tied_unit_gets_the_value_named_for_ties():
    assert reach_consensus(of("x", "y", level="nominal"), tied_value="etc")["u"].value == "etc"


def test_the_majority_is_the_most_frequent_value_of_however_small_a_share():
    decision = reach_consensus(of("a", "b", "b", "c", "d", level="nominal"))["u"]
    assert decision == ("b", 0.4, False)


@pytest.mark.parametrize(("tie", "value"), [("abstain", None), ("lowest", 2), ("highest", 5), ("middle", 3.5)])
def test_a_median_between_two_values_follows_the_rule(tie, value):
    assert reach_consensus(of(1, 2, 5, 5), method="median", tie=tie)["u"].value == value
    assert reach_consensus(of(1, 2, 2, 5), method="median", tie=tie)["u"] == (2, 0.5, False)


def test_the_median_of_words_is_a_word():
    ratings = of("low", "mid", "high", level="ordinal", values=["low", "mid", "high"])
    assert reach_consensus(ratings, method="median")["u"].value == "mid"


def test_the_mean_is_that_of_the_scores():
    assert reach_consensus(of(5, 5, 4, 5, 4), method="mean")["u"].value == pytest.approx(4.6)


@pytest.mark.parametrize(
    ("ratings", "options", "told"),
    [
        (of("a", level="nominal"), {"method": "median"}, "no median"),
        (of("a", level="nominal"), {"method": "mean"}, "no mean"),
        (of("a", values=["a", "b"]), {"method": "mean"}, "have no mean"),
        (of(1), {"method": "mode"}, "must be of"),
        (of(1), {"tie": "random"}, "must be of"),
        (of(1), {"tie": "middle"}, "for the median"),
    ],
)
def test_a_method_the_ratings_do_not_allow_is_refused(ratings, options, told):
    with pytest.raises(UsageError, match=told):
        reach_consensus(ratings, **options)


def test_no_ratings_are_no_decisions():
    assert reach_consensus(Ratings.from_rows([], level="nominal")) == {}
    with pytest.raises(UsageError, match="no ratings"):
        fit_one_coin(Ratings.from_rows([], level="nominal"))


def crowd_of(units: int, values: int, accuracies: list[float], seed: int = 0) -> tuple[Ratings, dict[str, int]]:
    random = np.random.default_rng(seed)
    truth = {f"u{u:04d}": int(random.integers(values)) for u in range(units)}
    rows = []
    for unit, true in truth.items():
        for a in random.choice(len(accuracies), 3, replace=False).tolist():
            right = random.random() < accuracies[a]
            rows.append((unit, f"a{a}", true if right else int(random.integers(values))))
    return Ratings.from_rows(rows, level="nominal", values=range(values)), truth


def share_right(ratings: Ratings, truth: dict[str, int], **options: object) -> float:
    decisions = reach_consensus(ratings, tie="lowest", **options)  # type: ignore[arg-type]
    return float(np.mean([decisions[unit].value == value for unit, value in truth.items()]))


def test_one_coin_beats_the_majority_where_annotators_differ():
    ratings, truth = crowd_of(330, 35, [0.95, 0.95, 0.95, 0.9, 0.9, 0.5, 0.5, 0.4, 0.4, 0.3])
    assert share_right(ratings, truth, method="one_coin") > share_right(ratings, truth) + 0.02


def test_one_coin_finds_how_reliable_annotators_are():
    accuracies = [0.95, 0.9, 0.8, 0.6, 0.4]
    ratings, _ = crowd_of(3000, 5, accuracies)
    said = [accuracy + (1 - accuracy) / 5 for accuracy in accuracies]
    np.testing.assert_allclose(fit_one_coin(ratings).accuracy, said, atol=0.03)


def test_the_full_model_refuses_few_labels_and_says_how_few():
    ratings, _ = crowd_of(330, 35, [0.8] * 12)
    with pytest.raises(DataError, match=r"12 annotators over 35 values has 14314 parameters; 990 labels"):
        reach_consensus(ratings, method="dawid_skene")


def test_the_full_model_corrects_a_systematic_confusion_the_majority_cannot():
    """Two of three annotators call every 1 a 2; the third is right: only their confusion matrices tell."""
    random = np.random.default_rng(2)
    truth = {f"u{u:04d}": int(v) for u, v in enumerate(random.choice(3, 3000, p=[0.4, 0.3, 0.3]))}
    rows = []
    for unit, true in truth.items():
        for a in range(5):
            says = 2 if true == 1 and a < 2 else true
            rows.append((unit, a, says if random.random() < 0.85 else int(random.integers(3))))
    ratings = Ratings.from_rows(rows, level="nominal", values=range(3))
    assert share_right(ratings, truth, method="dawid_skene") > share_right(ratings, truth) + 0.02


def test_the_models_are_deterministic_and_their_probabilities_add_up():
    ratings, _ = crowd_of(200, 3, [0.9, 0.8, 0.7, 0.6])
    for fit in (fit_one_coin, fit_dawid_skene):
        first, second = fit(ratings), fit(ratings)
        np.testing.assert_array_equal(first.probabilities, second.probabilities)
        np.testing.assert_allclose(first.probabilities.sum(axis=1), 1.0)


def test_an_even_vote_of_equal_annotators_is_a_tie_for_one_coin_too():
    rows = [(u, a, u % 2) for u in range(20) for a in "ab"] + [("odd", "a", 0), ("odd", "b", 1)]
    decision = reach_consensus(Ratings.from_rows(rows, level="nominal"), method="one_coin")["odd"]
    assert (decision.value, decision.tied) == (None, True)


def test_a_model_that_does_not_fit_in_memory_is_refused(monkeypatch):
    monkeypatch.setattr(module, "CELL_LIMIT", 50)
    ratings, _ = crowd_of(20, 3, [0.9, 0.8, 0.7])
    with pytest.raises(LimitError, match="20 units times 3 values"):
        reach_consensus(ratings, method="one_coin")
