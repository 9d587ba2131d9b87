"""`load_dataset("assurai", ...)`: in any folder, in either order, and nothing else of `datasets` changes."""

import importlib
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import datasets
import pytest
from datasets import get_dataset_config_names, get_dataset_split_names, load_dataset, load_dataset_builder

import assurai_datasets
from assurai_datasets.errors import UsageError
from assurai_datasets.loading import hook, unhook
from assurai_datasets.loading.bare_name import _wrap

OURS_FIRST = "import assurai_datasets\nfrom datasets import load_dataset\n"
DATASETS_FIRST = "from datasets import load_dataset\nimport assurai_datasets\n"
MAIN_JOB = """
import json
parts = load_dataset("assurai", num_proc=2, name="index")
stream = load_dataset("assurai", "text", split="test", streaming=True, filters=[("risk_factor_id", "==", 9)])
print(json.dumps([parts["test"].num_rows, [row["risk_factor_id"] for row in stream]]))
"""


@pytest.fixture
def chosen(release: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSURAI_RELEASE", str(release))
    return release


@pytest.fixture
def rehooked() -> Iterator[None]:
    yield
    hook()


def in_fresh_process(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("imports", [OURS_FIRST, DATASETS_FIRST], ids=["ours first", "datasets first"])
def test_the_name_works_in_a_fresh_process_in_another_folder(imports: str, chosen: Path, tmp_path: Path):
    done = in_fresh_process(imports + MAIN_JOB, tmp_path)
    assert done.returncode == 0, done.stderr
    rows, factors = json.loads(done.stdout.splitlines()[-1])
    assert rows == load_dataset("assurai", "index", split="test").num_rows
    assert factors
    assert set(factors) == {9}


def test_importing_the_package_finds_datasets_only_when_it_is_imported(tmp_path: Path):
    done = in_fresh_process("import sys, assurai_datasets; print('datasets' in sys.modules)", tmp_path)
    assert done.stdout == "False\n", done.stderr


def test_every_config_and_split_is_listed_and_loads(chosen: Path):
    listed = json.loads((chosen / "release.json").read_text())["configs"]
    assert get_dataset_config_names("assurai") == sorted(listed)
    assert get_dataset_split_names("assurai", "video") == ["test"]
    for config, entry in listed.items():
        assert len(load_dataset("assurai", config, split="test")) == entry["splits"]["test"]["rows"] > 0


def test_columns_filters_and_streaming_pass_through(chosen: Path):
    factor = load_dataset("assurai", "index", split="test")[0]["risk_factor"]
    options = {"columns": ["id", "risk_factor"], "filters": [("risk_factor", "==", factor)]}
    loaded = load_dataset("assurai", "text", split="test", **options)
    streamed = load_dataset("assurai", "text", split="test", streaming=True, **options)
    assert loaded.column_names == ["id", "risk_factor"]
    assert set(loaded["risk_factor"]) == {factor}
    assert list(loaded) == list(streamed)


def test_the_dataset_tells_its_version_and_digest(chosen: Path):
    digest = json.loads((chosen / "release.json").read_text())["configs"]["text"]["splits"]["test"]["digest"]
    info = load_dataset("assurai", "text", split="test").info
    assert (str(info.version), info.dataset_name, info.config_name) == ("1.0.0", "assurai", "text")
    assert info.description == f"assurai 1.0.0, config text, digest sha256:{digest}"
    assert load_dataset_builder("assurai", "text").info.description == info.description


def first_prompt(dataset: datasets.Dataset) -> str:
    return str(dataset[0]["prompt"])


def first_streamed_prompt(stream: datasets.IterableDataset) -> str:
    return str(next(iter(stream))["prompt"])


def test_a_dataset_goes_to_spawned_workers(chosen: Path):
    dataset = load_dataset("assurai", "text", split="test")
    assert first_prompt(pickle.loads(pickle.dumps(dataset))) == first_prompt(dataset)
    stream = load_dataset("assurai", "text", split="test", streaming=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(first_prompt, [dataset]) == [first_prompt(dataset)]
        assert pool.map(first_streamed_prompt, [stream]) == [first_prompt(dataset)]


def test_the_revision_is_that_version_or_an_error(chosen: Path):
    assert len(load_dataset("assurai", "taxonomy", split="test", revision="v1.0.0")) == 35
    with pytest.raises(UsageError, match=r"holds version 1\.0\.0, not 'v1\.1\.0'"):
        load_dataset("assurai", "taxonomy", revision="v1.1.0")


def test_a_folder_in_the_working_folder_wins(chosen: Path, texts: Path):
    Path("assurai").symlink_to(texts)
    assert len(load_dataset("assurai", "text", split="test")) == 3


def test_a_folder_that_is_no_release_is_left_to_datasets(chosen: Path):
    Path("assurai").mkdir()
    Path("assurai", "notes.jsonl").write_text('{"note": "ours"}\n')
    assert load_dataset("assurai", split="train")[0] == {"note": "ours"}


def test_files_of_a_release_cannot_be_chosen(chosen: Path):
    with pytest.raises(UsageError, match="give no data_dir or data_files"):
        load_dataset("assurai", data_files="data/text/*")


def test_without_a_choice_the_error_says_how_to_get_a_release():
    with pytest.raises(UsageError) as caught:
        load_dataset("assurai", "text")
    assert [line.split()[:2] for line in str(caught.value).splitlines()[1:]] == [
        ["assurai", "demo"],
        ["assurai", "use"],
    ]


def test_other_names_are_left_to_datasets(chosen: Path, texts: Path):
    assert len(load_dataset(str(texts), "text", split="test")) == 3
    assert len(load_dataset("parquet", data_files=str(texts / "data" / "text" / "*"), split="train")) == 3


def test_a_second_hook_changes_nothing_and_unhook_leaves_datasets_as_it_was(rehooked: None):
    original = datasets.load.dataset_module_factory.__wrapped__
    hook()
    importlib.reload(assurai_datasets)
    assert datasets.load.dataset_module_factory.__wrapped__ is original
    unhook()
    assert datasets.load.dataset_module_factory is original
    assert datasets.inspect.dataset_module_factory is original
    unhook()


def test_unhook_before_datasets_is_imported_is_enough(chosen: Path, tmp_path: Path):
    code = (
        "import assurai_datasets\nfrom assurai_datasets.loading import unhook\nunhook()\nimport datasets\n"
        "assert not hasattr(datasets.load.dataset_module_factory, '__wrapped__')\n"
        "assert not hasattr(datasets.inspect.dataset_module_factory, '__wrapped__')\n"
    )
    done = in_fresh_process(code, tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_datasets_that_moved_the_hook_is_met_with_advice():
    with pytest.warns(UserWarning, match=r'use assurai_datasets\.load\("text"\), or load_dataset with the path'):
        _wrap(ModuleType("datasets.load"))
