"""Reviewers appear under keyed pseudonyms only."""

import hashlib
import hmac
import stat
import unicodedata
from pathlib import Path

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.review import read_key, read_or_make_key, reviewer_pseudonym
from assurai_datasets.review.pseudonyms import names_person

KEY = b"sixteen bytes ok"


def test_a_pseudonym_is_the_keyed_hash_of_the_plain_spelling() -> None:
    expected = hmac.new(KEY, "reviewer\0김민수".encode(), hashlib.sha256).hexdigest()[:16]
    assert reviewer_pseudonym("김민수", KEY) == f"r{expected}"


@pytest.mark.parametrize("spelling", [" Kim@example.org", "KIM@EXAMPLE.ORG\n"])
def test_spellings_of_one_person_are_one_pseudonym(spelling: str) -> None:
    assert reviewer_pseudonym(spelling, KEY) == reviewer_pseudonym("kim@example.org", KEY)
    assert reviewer_pseudonym(unicodedata.normalize("NFD", "김민수"), KEY) == reviewer_pseudonym("김민수", KEY)


def test_another_key_or_person_is_another_pseudonym() -> None:
    pseudonyms = {reviewer_pseudonym(person, key) for person in ("a", "b") for key in (KEY, KEY * 2)}
    assert len(pseudonyms) == 4


def test_a_blank_name_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="blank"):
        reviewer_pseudonym(" \n", KEY)


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "batch.ledger.key"
    key = read_or_make_key(path)
    assert len(key) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make_key(path) == read_key(path) == key
    assert [file.name for file in tmp_path.iterdir()] == ["batch.ledger.key"]


def test_a_missing_short_or_unwritable_key_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"short\n")
    with pytest.raises(UsageError, match="5 bytes"):
        read_or_make_key(tmp_path / "short")
    with pytest.raises(UsageError, match="cannot read"):
        read_key(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot write"):
        read_or_make_key(tmp_path / "no" / "key")


@pytest.mark.parametrize(
    ("text", "found"), [("asked Kim.", True), ("김치 kimchi", False), ("kim과 상의", True), ("", False)]
)
def test_a_name_is_found_as_a_word_of_its_own(text: str, found: bool) -> None:
    assert names_person(text, "kim") is found
