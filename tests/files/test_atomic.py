import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.files import atomic
from assurai_datasets.files.atomic import building_folder, write_atomically


def build(target: Path, content: str, *, overwrite: bool = False) -> None:
    with building_folder(target, overwrite=overwrite) as folder:
        (folder / "release.json").write_text(content)


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_written_file_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.json", "옛것")
    write_atomically(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert entries(tmp_path) == ["a.json"]


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomically(tmp_path / "a.json", "old")

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "a.json", "new")
    assert (tmp_path / "a.json").read_text() == "old"
    assert entries(tmp_path) == ["a.json"]


@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_appears_whole_at_a_new_or_empty_target(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "release").mkdir()
    build(tmp_path / "release", "one")
    assert (tmp_path / "release/release.json").read_text() == "one"
    assert entries(tmp_path) == ["release"]


def test_an_exception_leaves_the_old_release_and_no_temporary_folder(tmp_path: Path) -> None:
    build(tmp_path / "release", "old")
    building = building_folder(tmp_path / "release", overwrite=True)
    (building.__enter__() / "half").write_text("x")
    assert building.__exit__(KeyError, KeyError(), None) is not True
    assert (tmp_path / "release/release.json").read_text() == "old"
    assert entries(tmp_path) == ["release"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_release_is_replaced_only_when_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    build(tmp_path / "release", "old")
    with pytest.raises(UsageError, match="--overwrite"):
        build(tmp_path / "release", "new")
    assert (tmp_path / "release/release.json").read_text() == "old"
    build(tmp_path / "release", "new", overwrite=True)
    assert (tmp_path / "release/release.json").read_text() == "new"
    assert entries(tmp_path) == ["release"]


def test_a_folder_that_is_not_a_release_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.md").write_text("years of work")
    with pytest.raises(UsageError, match=r"not a release"):
        build(tmp_path / "thesis", "x", overwrite=True)
    assert entries(tmp_path / "thesis") == ["chapter.md"]


def test_a_file_in_the_way_and_a_missing_parent_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="a file of that name"):
        build(tmp_path / "file", "x", overwrite=True)
    with pytest.raises(UsageError, match="does not exist"):
        build(tmp_path / "none/release", "x")


def test_the_working_directory_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="runs inside"):
        build(Path(), "x", overwrite=True)


KILLED = """
import os, signal, sys
from pathlib import Path
from assurai_datasets.files import atomic
if sys.argv[2] == "moved":
    atomic._exchange = lambda one, other: False
    rename = Path.rename
    def die_after_moving_aside(self, target):
        rename(self, target)
        os.kill(os.getpid(), signal.SIGKILL)
    Path.rename = die_after_moving_aside
with atomic.building_folder(Path(sys.argv[1]), overwrite=True) as folder:
    (folder / "release.json").write_text("new")
    if sys.argv[2] == "building":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["building", "moved"])
def test_a_kill_leaves_the_old_release_and_the_next_run_clears_the_rest(tmp_path: Path, moment: str) -> None:
    build(tmp_path / "release", "old")
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), tmp_path / "release", moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(entries(tmp_path)) == 2
    with pytest.raises(UsageError, match="--overwrite"):
        build(tmp_path / "release", "never")
    assert (tmp_path / "release/release.json").read_text() == "old"
    assert entries(tmp_path) == ["release"]


def test_a_build_that_still_runs_is_not_cleared_away_by_another(tmp_path: Path) -> None:
    with building_folder(tmp_path / "release", overwrite=False) as folder:
        (folder / "release.json").write_text("slow")
        with building_folder(tmp_path / "release", overwrite=True) as other:
            (other / "release.json").write_text("quick")
        assert folder.is_dir()
        assert (tmp_path / "release/release.json").read_text() == "quick"
        (tmp_path / "release/release.json").unlink()
    assert (tmp_path / "release/release.json").read_text() == "slow"
