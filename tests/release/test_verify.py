"""Verify names what is wrong with a release, whoever changed it."""

import os
import random
from pathlib import Path

import pytest
from datasets import load_dataset

from assurai_datasets.errors import UsageError
from assurai_datasets.release import MANIFEST, Problem, read_manifest, verify_release
from tests.release.tampering import change_rows, flip_bit, parquet, reseal


def problems(release: Path) -> dict[str, str]:
    return {problem.file: problem.what for problem in verify_release(release).problems}


def test_an_untouched_release_is_sound(sound_release: Path) -> None:
    assert verify_release(sound_release).to_json() == {"ok": True, "problems": [], "notes": []}


def test_one_flipped_bit_in_any_file_is_named_with_its_path(release: Path) -> None:
    chance = random.Random(7)
    files = [path for path in release.rglob("*") if path.is_file()]
    assert len(files) >= 8
    for path in files:
        kept = path.read_bytes()
        for position in {0, len(kept) - 1, *(chance.randrange(len(kept)) for _ in range(2))}:
            flip_bit(path, position)
            assert path.relative_to(release).as_posix() in problems(release), (path, position)
            path.write_bytes(kept)
    assert verify_release(release).ok


def test_every_byte_of_the_manifest_counts(release: Path) -> None:
    path = release / MANIFEST
    kept = path.read_bytes()
    for position in range(0, len(kept), 97):
        flip_bit(path, position)
        assert MANIFEST in problems(release), position
        path.write_bytes(kept)


def test_white_space_in_the_manifest_counts(release: Path) -> None:
    path = release / MANIFEST
    path.write_bytes(path.read_bytes() + b"\n")
    assert problems(release) == {MANIFEST: "was changed: it is not written as manifests are"}


def test_a_missing_file_is_named(release: Path) -> None:
    (release / "LICENSE").unlink()
    assert verify_release(release).problems == (Problem("LICENSE", "is missing"),)


def test_a_missing_data_file_is_named_once(release: Path) -> None:
    path = parquet(release, "text")
    path.unlink()
    assert problems(release) == {path.relative_to(release).as_posix(): "is missing"}


@pytest.mark.parametrize("kind", ["file", "link to a file", "link to a folder"])
def test_what_is_not_listed_is_named(release: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("hello", encoding="utf-8")
    if kind == "file":
        (release / "data" / "text" / "notes.txt").write_text("hello", encoding="utf-8")
    else:
        target = tmp_path / "elsewhere"
        (release / "data" / "text" / "notes.txt").symlink_to(target if "folder" in kind else target / "file")
    assert problems(release) == {
        "data/text/notes.txt": "is not listed in the manifest, so it is not part of the release"
    }


def test_a_listed_file_that_became_a_link_is_named(release: Path, tmp_path: Path) -> None:
    (release / "LICENSE").rename(tmp_path / "LICENSE")
    (release / "LICENSE").symlink_to(tmp_path / "LICENSE")
    assert problems(release) == {"LICENSE": "is not a regular file"}


def test_a_planted_shard_is_neither_loaded_nor_passes(release: Path) -> None:
    planted = parquet(release, "text").with_name("test-00001-of-00002.parquet")
    planted.write_bytes(parquet(release, "text").read_bytes())
    assert load_dataset(str(release), "text", split="test").num_rows == 3
    assert list(problems(release)) == ["data/text/test-00001-of-00002.parquet"]


def test_a_manifest_that_names_a_data_file_it_does_not_list_is_refused(release: Path) -> None:
    manifest = read_manifest(release)
    text = manifest.configs["text"].splits["test"].model_copy(update={"files": ("../secret.parquet",)})
    config = manifest.configs["text"].model_copy(update={"splits": {"test": text}})
    reseal(release, configs={**manifest.configs, "text": config})
    assert problems(release) == {MANIFEST: "config 'text' names the file '../secret.parquet', which it does not list"}


def test_what_is_no_release_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        verify_release(tmp_path / "nothing")
    with pytest.raises(UsageError, match=r"has no release\.json"):
        verify_release(tmp_path)


def test_a_manifest_that_is_none_is_a_problem(release: Path) -> None:
    (release / MANIFEST).write_text("{}", encoding="utf-8")
    assert list(problems(release)) == [MANIFEST]


@pytest.mark.parametrize("name", ["README.md", "data/text/test-00000-of-00001.parquet"])
def test_what_became_a_pipe_or_a_link_is_named_and_never_opened(release: Path, name: str) -> None:
    (release / name).unlink()
    os.mkfifo(release / name)
    assert problems(release) == {name: "is not a regular file"}
    (release / name).unlink()
    (release / name).symlink_to("/dev/zero")
    assert problems(release) == {name: "is not a regular file"}


def test_rows_are_proved_though_another_file_is_missing(release: Path) -> None:
    (release / "LICENSE").unlink()
    change_rows(release, "text", lambda rows: rows[0].update(prompt="다른 질문"))
    found = {problem.what for problem in verify_release(release).problems}
    assert {"is missing", "row 'fraud-1': its fields do not give its digest"} <= found
