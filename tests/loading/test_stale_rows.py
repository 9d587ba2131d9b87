"""The cache of `datasets` never answers with the rows of another release, by name, by `load` or by path."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from assurai_datasets.loading import load
from tests.loading.conftest import NEW_PROMPT, build, write_texts

DATA = "data/text/test-00000-of-00001.parquet"
OLD_PROMPT = "버스 도착 시간을 어디서 보나요?"
Prompts = Callable[[Path], list[str]]


def by_path(release: Path) -> list[str]:
    return list(load_dataset(str(release), "text", split="test")["prompt"])


def by_load(release: Path) -> list[str]:
    return list(load("text", release=release)["prompt"])


def by_load_filtered(release: Path) -> list[str]:
    return list(load("text", release=release, risk_factor=[9, 10, 11, 12])["prompt"])


def by_name(release: Path) -> list[str]:
    os.environ["ASSURAI_RELEASE"] = str(release)
    return list(load_dataset("assurai", "text", split="test")["prompt"])


WAYS = pytest.mark.parametrize("prompts", [by_path, by_load, by_load_filtered, by_name])


@pytest.fixture(autouse=True)
def _variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSURAI_RELEASE", "")


@WAYS
def test_two_releases_in_folders_of_one_name_are_told_apart(prompts: Prompts, texts: Path, newer_texts: Path):
    assert texts.name == newer_texts.name
    assert [len(prompts(texts)), len(prompts(newer_texts)), len(prompts(texts))] == [3, 4, 3]


@WAYS
def test_an_upgraded_release_gives_its_new_rows(prompts: Prompts, texts: Path, newer_texts: Path, tmp_path: Path):
    folder = Path(shutil.copytree(texts, tmp_path / "release"))
    assert prompts(folder)[0] == OLD_PROMPT
    shutil.rmtree(folder)
    shutil.copytree(newer_texts, folder)
    assert prompts(folder)[0] == NEW_PROMPT


@WAYS
def test_a_release_built_again_with_other_rows_gives_these(prompts: Prompts, text_delivery: Path, tmp_path: Path):
    delivery = Path(shutil.copytree(text_delivery, tmp_path / "delivery"))
    folder = build(delivery, tmp_path / "release", "1.0.0")
    assert prompts(folder)[0] == OLD_PROMPT
    write_texts(delivery, [NEW_PROMPT])
    build(delivery, folder, "1.0.0", overwrite=True)
    assert prompts(folder) == [NEW_PROMPT]


@pytest.mark.parametrize("prompts", [by_load, by_load_filtered, by_name])
def test_parquet_changed_by_hand_under_one_manifest_is_noticed(prompts: Prompts, texts: Path, tmp_path: Path):
    folder = Path(shutil.copytree(texts, tmp_path / "release"))
    assert len(prompts(folder)) == 3
    before = (folder / DATA).stat()
    table = pq.read_table(folder / DATA)
    pq.write_table(table.slice(0, 1), folder / DATA)
    os.utime(folder / DATA, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert len(prompts(folder)) == 1
