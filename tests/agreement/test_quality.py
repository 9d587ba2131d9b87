import pytest

from assurai_datasets.agreement import Ratings, assess_annotators, find_confusions, measure_gold_distance
from assurai_datasets.errors import UsageError

GOLD = {f"u{u:02d}": u % 5 + 1 for u in range(40)}


def severe_and_exact(**options: object) -> Ratings:
    """Three exact annotators and one, `d`, who scores a point lower."""
    rows = [(unit, a, score) for unit, score in GOLD.items() for a in "abc"]
    rows += [(unit, "d", max(score - 1, 1)) for unit, score in GOLD.items()]
    return Ratings.from_rows(rows, **{"level": "ordinal", **options})  # type: ignore[arg-type]


def test_accuracy_severity_and_confusions_of_each_annotator():
    exact, *_, severe = assess_annotators(severe_and_exact(), gold=GOLD)
    assert (exact.annotator_id, exact.n_annotations, exact.n_gold) == ("a", 40, 40)
    assert (exact.accuracy.value, exact.confusions) == (1.0, ())
    assert severe.accuracy.value == pytest.approx(8 / 40)
    assert severe.severity.value == pytest.approx(-32 / 40)
    assert (severe.severity.high or 0) < 0 < (exact.severity.low or 0)
    assert severe.agreement.value == pytest.approx(8 / 40)
    assert [(c.first, c.second, c.count, c.share) for c in severe.confusions] == [
        (2, 1, 8, 1),
        (3, 2, 8, 1),
        (4, 3, 8, 1),
    ]


def test_without_gold_there_is_no_accuracy_but_the_rest():
    quality = assess_annotators(severe_and_exact())[3]
    assert "too few" in str(quality.accuracy)
    assert quality.agreement.value == pytest.approx(0.2)


def test_nominal_values_have_no_severity():
    rows = [(f"u{u}", a, "x" if u % 2 else "y") for u in range(20) for a in "ab"]
    quality = assess_annotators(Ratings.from_rows(rows, level="nominal"))[0]
    assert (quality.severity.value, quality.severity_change, quality.agreement.value) == (None, None, 1.0)


def test_change_over_time_is_told_in_the_unit_of_the_values():
    rows = [(f"u{u:03d}", a, 3.0 + (a == "c") * u / 30, float(u)) for u in range(90) for a in "abc"]
    change = assess_annotators(Ratings.from_rows(rows, level="interval"))[2].severity_change
    assert change == pytest.approx(2.0)


def test_a_gold_label_nobody_gave_is_missed_by_all():
    rows = [(f"u{u}", a, "x") for u in range(12) for a in "ab"]
    ratings = Ratings.from_rows(rows, level="nominal")
    gold = {f"u{u}": "z" for u in range(12)}
    assert assess_annotators(ratings, gold=gold)[0].accuracy.value == 0
    assert measure_gold_distance(ratings, gold).consensus_accuracy.value == 0
    assert [(c.first, c.second) for c in find_confusions(ratings, gold=gold)] == [("z", "x")]


def test_the_distance_from_gold_is_told_for_every_stage():
    stages = {unit: "seed" if index < 15 else "crowd" for index, unit in enumerate(GOLD)}
    distance = measure_gold_distance(severe_and_exact(), GOLD, by=stages)
    assert (distance.n_instances, distance.n_annotations, list(distance.by)) == (40, 160, ["crowd", "seed"])
    assert distance.accuracy.value == pytest.approx((3 + 0.2) / 4)
    assert distance.consensus_accuracy.value == 1.0
    assert distance.distance.value == pytest.approx(0.2)
    assert distance.bias.value == pytest.approx(-0.2)
    assert (distance.by["seed"].n_instances, distance.by["crowd"].n_instances) == (15, 25)


def test_few_gold_units_are_too_few_to_say():
    few = measure_gold_distance(severe_and_exact(), dict(list(GOLD.items())[:9]))
    assert (few.n_instances, few.accuracy.value) == (9, None)
    assert "9 units, at least 10" in str(few.accuracy)


def test_gold_that_is_no_number_is_refused_where_ratings_are():
    with pytest.raises(UsageError, match="gold value is no number"):
        measure_gold_distance(severe_and_exact(), dict.fromkeys(GOLD, "safe"))


def test_the_most_confused_pairs_of_values_come_first():
    rows = [(u, a, v) for u in range(9) for a, v in zip("abc", ("Fraud", "Fraud", "Privacy"), strict=True)]
    rows += [(u + 9, a, v) for u in range(4) for a, v in zip("ab", ("Fraud", "Bias"), strict=True)]
    pairs = find_confusions(Ratings.from_rows(rows, level="nominal"))
    assert [(p.first, p.second, p.count) for p in pairs] == [("Fraud", "Privacy", 18), ("Bias", "Fraud", 4)]
    assert pairs[0].share == pytest.approx(18 / 22)
    assert find_confusions(Ratings.from_rows([], level="nominal")) == []
