"""Canonical digests: of a value, of a row, and of many whatever their order."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurai_datasets.formats.digest import DigestFold, canonical_json, digest_of, fold_digests, row_digest

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
NOTHING = hashlib.sha256(b"").hexdigest()


@given(PLAIN)
def test_canonical_json_is_what_the_standard_library_writes_sorted_and_compact(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical_json(value).decode() == text
    assert digest_of(value) == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), PLAIN, max_size=5))
def test_the_order_of_keys_changes_nothing(value: dict[str, object]) -> None:
    assert digest_of(dict(reversed(value.items()))) == digest_of(value)


@given(st.lists(st.integers(0, 99), max_size=30))
def test_a_fold_does_not_depend_on_order_and_counts_repeats(values: list[int]) -> None:
    digests = [digest_of(value) for value in values]
    shuffled = random.Random(1).sample(digests, len(digests))
    ordered = hashlib.sha256(b"".join(bytes.fromhex(digest) for digest in sorted(digests))).hexdigest()
    assert fold_digests(digests) == fold_digests(shuffled) == ordered
    assert not digests or fold_digests([*digests, digests[0]]) != ordered


def test_a_fold_of_digests_that_end_in_zeros_keeps_them() -> None:
    ends = ["00" * 31 + "01", "01" + "00" * 31, "00" * 32]
    expected = hashlib.sha256(b"".join(bytes.fromhex(digest) for digest in sorted(ends))).hexdigest()
    assert fold_digests(ends) == expected


def test_one_by_one_and_all_at_once_are_the_same() -> None:
    digests = [digest_of(value) for value in range(5)]
    one, many = DigestFold(), DigestFold()
    for digest in digests:
        one.add(digest)
    many.extend(digests)
    assert (one.digest(), one.count) == (many.digest(), many.count)
    assert DigestFold().digest() == fold_digests([]) == NOTHING


@pytest.mark.parametrize("name", ["annotator", "reviewer_id", "previous", "digest"])
def test_pseudonyms_and_what_is_made_of_them_do_not_enter_the_digest_of_a_row(name: str) -> None:
    assert (
        row_digest({"label": "x", name: "a001"})
        == row_digest({"label": "x", name: "a002"})
        == row_digest({"label": "x"})
    )


def test_everything_else_enters_the_digest_of_a_row() -> None:
    row = {"id": "a", "score": 1.0, "turns": [{"role": "user", "content": None}], "safe": [0]}
    for changed in ({"score": 1.5}, {"turns": []}, {"safe": [1]}, {"id": "b"}, {"turns": [{"role": "assistant"}]}):
        assert row_digest({**row, **changed}) != row_digest(row)
    assert row_digest({**row, "turns": [{"role": "user"}], "scope": None}) == row_digest(row)
