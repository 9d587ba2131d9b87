import os
import unicodedata
from pathlib import Path

import pytest

from assurai_datasets.errors import PathEscapesError
from assurai_datasets.files.folder import Folder, kind_of
from tests.unprivileged import unprivileged


def write(root: Path, *names: str) -> Folder:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))
    return Folder(root)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        "C:/x",
        "c:x",
        "a\\b",
        "\\\\host\\share",
        "a\x00b",
        "~/x",
        "CON",
        "media/nul.png",
        "com1.txt",
        "x" * 256,
        "/".join(["abcdefgh"] * 200),
        "가" * 86,
    ],
)
def test_a_name_that_may_lead_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PathEscapesError):
        Folder(tmp_path).resolve(name)


def test_a_lone_surrogate_in_a_name_finds_nothing_and_does_not_crash(tmp_path: Path) -> None:
    assert not Folder(tmp_path).resolve("\ud800.png").exists()


def test_a_link_is_refused_wherever_it_stands_in_the_path(tmp_path: Path) -> None:
    folder = write(tmp_path / "delivery", "real/a.txt")
    (folder.root / "link").symlink_to(tmp_path)
    (folder.root / "a.txt").symlink_to(folder.root / "real/a.txt")
    for name in ("link/delivery/real/a.txt", "a.txt", "link"):
        with pytest.raises(PathEscapesError, match="link"):
            folder.resolve(name)


def test_the_root_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    write(tmp_path / "delivery", "a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "delivery")
    assert Folder(tmp_path / "link").resolve("a.txt").read_bytes() == b"a.txt"


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
def test_a_korean_name_is_found_in_either_composition(tmp_path: Path, stored: str, asked: str) -> None:
    name = "그림/한글 이름.png"
    folder = write(tmp_path, unicodedata.normalize(stored, name))
    assert folder.resolve(unicodedata.normalize(asked, name)).is_file()
    assert folder.names() == (unicodedata.normalize("NFC", name),)


def test_two_files_whose_names_differ_in_composition_only_are_both_listed_and_told_apart(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "한글.png") for form in ("NFC", "NFD")]
    folder = write(tmp_path, *names)
    assert sorted(folder.names()) == sorted(names)
    assert [folder.resolve(name).name for name in names] == names


def test_a_name_stored_in_the_bytes_of_a_korean_windows_is_shown_and_found_in_unicode(tmp_path: Path) -> None:
    folder = write(tmp_path, os.fsdecode("한글.png".encode("cp949")))
    assert folder.names() == ("한글.png",)
    assert folder.resolve("한글.png").is_file()


def test_names_are_sorted_and_system_files_links_and_devices_stand_apart(tmp_path: Path) -> None:
    folder = write(
        tmp_path, "b/c.txt", "b.txt", "a.txt", ".DS_Store", "__MACOSX/b/._c.txt", "media/Thumbs.db", "b/._c.txt"
    )
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "linked").symlink_to("b")
    os.mkfifo(tmp_path / "pipe.txt")
    assert folder.names() == ("a.txt", "b.txt", "b/c.txt")
    assert folder.listing.hidden == (".DS_Store", "__MACOSX/b/._c.txt", "b/._c.txt", "media/Thumbs.db")
    assert folder.listing.refused == ("link.txt", "linked", "pipe.txt")


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, "a.txt", "locked/b.txt")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked")
    assert (folder.listing.files, folder.listing.refused) == (("a.txt",), ("locked",))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jsonl", ("1.jsonl", "2.jsonl")),
        ("parts/*.jsonl", ("parts/3.jsonl",)),
        ("**/*.jsonl", ("1.jsonl", "2.jsonl", "parts/3.jsonl", "parts/deep/4.jsonl")),
        ("parts/**", ("parts/3.jsonl", "parts/deep/4.jsonl")),
        ("[1]*", ("1.jsonl",)),
        ("?.jsonl", ("1.jsonl", "2.jsonl")),
        ("1.jsonl", ("1.jsonl",)),
        ("nothing*", ()),
    ],
)
def test_a_pattern_matches_as_a_shell_would(tmp_path: Path, pattern: str, expected: tuple[str, ...]) -> None:
    assert write(tmp_path, "2.jsonl", "1.jsonl", "parts/3.jsonl", "parts/deep/4.jsonl").glob(pattern) == expected


def test_a_pattern_may_not_climb(tmp_path: Path) -> None:
    with pytest.raises(PathEscapesError):
        Folder(tmp_path).glob("../*")


def test_a_hostile_pattern_takes_no_longer_than_its_length(tmp_path: Path) -> None:
    folder = write(tmp_path, "a/" * 20 + "a" * 100)
    assert folder.glob("**/" * 100 + "b" + "*a" * 60) == ()


def test_what_lies_at_a_path_is_told_without_opening_it(tmp_path: Path) -> None:
    folder = write(tmp_path, "media/a.txt")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("media")
    kinds = [kind_of(folder.root / name) for name in ("media/a.txt", "media", "pipe", "link", "none", "\ud800")]
    assert kinds == ["file", "folder", "special", "special", "missing", "missing"]


def test_a_name_in_a_folder_that_cannot_be_entered_is_resolved_and_told_to_be_locked(tmp_path: Path) -> None:
    folder = write(tmp_path, "locked/deep/a.txt")
    with unprivileged(tmp_path / "locked"):
        path = folder.resolve("locked/deep/a.txt")
        assert (path, kind_of(path)) == (tmp_path / "locked/deep/a.txt", "locked")
        assert folder.listing.refused == ("locked",)
