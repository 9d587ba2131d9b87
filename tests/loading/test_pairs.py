"""Derived instances beside their parents."""

from pathlib import Path

import pytest
from datasets import Dataset

from assurai_datasets.errors import UsageError
from assurai_datasets.loading import benign_twins, derived_pairs, load


@pytest.fixture
def rows() -> Dataset:
    return Dataset.from_dict(
        {
            "id": ["a", "b", "b-variant", "b-twin", "a-variant", "orphan"],
            "parent_id": [None, None, "b", "b", "a", "gone"],
            "benign": [None, None, None, True, False, None],
        }
    )


def names(pairs: tuple[Dataset, Dataset]) -> list[tuple[str, str]]:
    derived, parents = pairs
    return list(zip(derived["id"], parents["id"], strict=True))


def test_variants_stand_beside_their_parents(rows: Dataset):
    assert names(derived_pairs(rows)) == [("b-variant", "b"), ("a-variant", "a")]


def test_benign_twins_stand_beside_the_risky_ones(rows: Dataset):
    assert names(benign_twins(rows)) == [("b-twin", "b")]


def test_parents_may_be_in_another_dataset_and_order_follows_the_derived(rows: Dataset):
    shuffled = rows.select([4, 2, 3])
    assert names(derived_pairs(shuffled, rows.select([1, 0]))) == [("a-variant", "a"), ("b-variant", "b")]
    assert names(derived_pairs(shuffled)) == []


def test_a_release_has_both(release: Path):
    index = load("index", release=release)
    for pairs in (derived_pairs(index), benign_twins(index)):
        assert len(pairs.derived) == len(pairs.parents) > 0
        assert list(pairs.derived["parent_id"]) == list(pairs.parents["id"])


def test_a_missing_column_is_named(rows: Dataset):
    with pytest.raises(UsageError, match="no column 'benign'; its columns are id, parent_id"):
        benign_twins(rows.remove_columns("benign"))
