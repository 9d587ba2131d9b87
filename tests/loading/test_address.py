"""Which release is meant."""

import json
from pathlib import Path

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.loading.address import (
    ReleaseAddress,
    chosen_address,
    configuration_path,
    parse_address,
    record_address,
)


def test_a_folder_is_a_folder(tmp_path: Path):
    assert parse_address(str(tmp_path)) == ReleaseAddress(tmp_path, None)
    assert parse_address(tmp_path) == ReleaseAddress(tmp_path, None)
    assert parse_address(f"{tmp_path}@1.0.0") == ReleaseAddress(tmp_path, None, "1.0.0")


def test_a_folder_wins_over_a_repository_of_the_same_name():
    Path("org/name").mkdir(parents=True)
    assert parse_address("org/name").folder == Path("org/name").absolute()


def test_a_folder_with_an_at_sign_is_found(tmp_path: Path):
    (tmp_path / "a@b").mkdir()
    assert parse_address(str(tmp_path / "a@b")) == ReleaseAddress(tmp_path / "a@b", None)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("org/name", None), ("org/name@1.2.0", "v1.2.0"), ("org/name@v1.2.0", "v1.2.0"), ("org/name@main", "main")],
)
def test_a_repository_and_its_version(text: str, tag: str | None):
    address = parse_address(text)
    assert (address.repo, address.tag, str(address)) == ("org/name", tag, text)


@pytest.mark.parametrize(
    "text",
    ["", "name", "org/name/more", "org/name@", "@1.0.0", "../org/name", "/nowhere/at/all", "org/na me", "org//x"],
)
def test_what_is_neither_is_refused(text: str):
    with pytest.raises(UsageError, match="neither a folder that exists nor a repository"):
        parse_address(text)


def test_the_folder_here_then_the_variable_then_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    record_address(ReleaseAddress(None, "org/recorded", "1.0.0"))
    assert chosen_address() == ReleaseAddress(None, "org/recorded", "1.0.0")
    monkeypatch.setenv("ASSURAI_RELEASE", "org/variable@2.0.0")
    assert chosen_address() == ReleaseAddress(None, "org/variable", "2.0.0")
    Path("assurai").mkdir()
    assert chosen_address() == ReleaseAddress(Path("assurai").absolute(), None)


def test_nothing_chosen_says_how_to_choose():
    with pytest.raises(UsageError, match=r"(?s)no release is chosen\..*assurai demo.*assurai use"):
        chosen_address()


def test_a_variable_that_names_nothing_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSURAI_RELEASE", "/no/such/folder")
    with pytest.raises(UsageError, match=r"the variable ASSURAI_RELEASE names the release: '/no/such/folder'"):
        chosen_address()


@pytest.mark.parametrize("content", ["", "[]", "{}", "nonsense", '{"release": ', "\udcff"])
def test_a_damaged_record_is_told_from_none(content: str):
    path = configuration_path()
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="run assurai use again"):
        chosen_address()


def test_the_record_is_a_line_people_can_read():
    path = record_address(ReleaseAddress(Path("/data/안전"), None))
    assert json.loads(path.read_text(encoding="utf-8")) == {"release": "/data/안전"}
    assert "안전" in path.read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_wrong_usage(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot record the choice"):
        record_address(ReleaseAddress(None, "org/name"), {"XDG_CONFIG_HOME": str(tmp_path / "file")})


def test_the_record_lies_in_the_home_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert configuration_path({}) == tmp_path / ".config" / "assurai" / "release.json"
