import random

import numpy as np
import pytest

from assurai_datasets.agreement import Ratings, units_by_annotator
from assurai_datasets.errors import UsageError

ROWS = [("i2", "b", 5), ("i1", "a", 1), ("i1", "b", 3), ("i2", "a", None), ("i3", "c", 3)]


def test_rows_in_any_order_make_the_same_ratings():
    first = Ratings.from_rows(ROWS, level="ordinal", values=[1, 2, 3, 4, 5])
    mixed = ROWS.copy()
    random.Random(4).shuffle(mixed)
    second = Ratings.from_rows(mixed, level="ordinal", values=[1, 2, 3, 4, 5])
    assert (first.unit_ids, first.annotator_ids) == (second.unit_ids, second.annotator_ids)
    for field in ("unit", "annotator", "value"):
        np.testing.assert_array_equal(getattr(first, field), getattr(second, field))


def test_a_missing_value_leaves_no_trace_of_its_unit_or_annotator():
    ratings = Ratings.from_rows([("i1", "a", 1), ("i2", "b", None)], level="interval")
    assert (ratings.unit_ids, ratings.annotator_ids, len(ratings)) == (("i1",), ("a",), 1)


def test_nominal_values_keep_their_labels():
    ratings = Ratings.from_rows([("i1", "a", "yes"), ("i1", "b", "no"), ("i2", "a", True)], level="nominal")
    assert [ratings.label(value) for value in ratings.value.tolist()] == ["yes", "no", True]


def test_an_ordinal_scale_of_words_takes_the_declared_order():
    ratings = Ratings.from_rows(
        [("i", "a", "good"), ("i", "b", "bad")], level="ordinal", values=["bad", "fair", "good"]
    )
    assert ratings.value.tolist() == [2.0, 0.0]
    assert ratings.scale().tolist() == [0.0, 1.0, 2.0]


def test_the_earliest_judgement_of_a_unit_counts():
    rows = [("i", "a", 5, 20.0), ("i", "a", 2, 10.0), ("i", "a", 1, None), ("i", "b", 3, None)]
    ratings = Ratings.from_rows(rows, level="ordinal").without_repeats()
    assert ratings.value.tolist() == [2.0, 3.0]


def test_groups_may_overlap_and_leave_units_out():
    ratings = Ratings.from_rows(ROWS, level="ordinal")
    groups = ratings.groups({"i1": ("x", "y"), "i3": "x"})
    assert {key: part.unit_ids for key, part in groups.items()} == {"x": ("i1", "i3"), "y": ("i1",)}
    assert groups["x"].value.tolist() == [1.0, 3.0, 3.0]


def test_groups_by_annotator_hold_all_units_of_each():
    ratings = Ratings.from_rows(ROWS, level="ordinal")
    groups = ratings.groups(units_by_annotator(ratings))
    assert {key: part.unit_ids for key, part in groups.items()} == {"a": ("i1",), "b": ("i1", "i2"), "c": ("i3",)}
    assert len(groups["b"]) == 3


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        ([("i", "a")], {"level": "ordinal"}, "row 1 must be"),
        ([("i", "a", 1)], {"level": "cardinal"}, "level must be one of"),
        ([("i", "a", "x")], {"level": "ordinal"}, "no number"),
        ([("i", "a", float("nan"))], {"level": "interval"}, "finite"),
        ([("i", "a", float("inf"))], {"level": "interval"}, "finite"),
        ([("i", "a", -1)], {"level": "ratio"}, "must not be negative"),
        ([("i", "a", 6)], {"level": "ordinal", "values": [1, 2, 3, 4, 5]}, "not on the scale"),
        ([("i", "a", "z")], {"level": "nominal", "values": ["x", "y"]}, "'z' is not on the scale"),
        ([("i", "a", 1)], {"level": "ordinal", "values": [1, 1]}, "distinct"),
        ([("i", "a", "x")], {"level": "interval", "values": ["x", "y"]}, "must be numbers"),
        ([(["i"], "a", 1)], {"level": "ordinal"}, "hashable"),
        ([("i", "a", {})], {"level": "nominal"}, "hashable"),
        ([("i", "a", 1, "noon")], {"level": "ordinal"}, "seconds"),
        ([("i", "a", 1, float("inf"))], {"level": "ordinal"}, "finite"),
    ],
)
def test_a_wrong_row_or_scale_is_refused_by_name(rows, options, told):
    with pytest.raises(UsageError, match=told):
        Ratings.from_rows(rows, **options)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(UsageError, match="one length"):
        Ratings.from_columns(["i"], ["a", "b"], [1], level="ordinal")


def test_groups_that_name_no_unit_are_refused():
    with pytest.raises(UsageError, match="names none"):
        Ratings.from_rows(ROWS, level="ordinal").groups({"other": "x"})


def test_groups_keyed_by_numbers_are_sorted_as_numbers():
    ratings = Ratings.from_rows([(u, "a", 1) for u in range(1, 13)], level="ordinal")
    assert ratings.unit_ids == tuple(range(1, 13))
    assert list(ratings.groups({u: u for u in range(1, 13)})) == [str(u) for u in range(1, 13)]


def test_ratings_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        Ratings.from_rows(ROWS, level="ordinal").value[0] = 2
