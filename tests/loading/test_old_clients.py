"""A release needs nothing of ours: old and new versions of `datasets` read it typed and whole."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

from tests.environments import CLIENTS, client_python

pytestmark = pytest.mark.slow
CONFIGS = ("text", "image", "video", "audio", "index", "annotations", "reviews", "taxonomy")
SCRIPT = Path(__file__).with_name("read_release.py")
VERSIONS = (*(client.datasets for client in CLIENTS), datasets.__version__)
NO_VIDEO = ("2.21.0",)
Matrix = dict[str, dict[str, dict[str, Any]]]


def pythons() -> Iterator[tuple[str, str]]:
    for client in CLIENTS:
        yield client.datasets, client_python(client)
    yield datasets.__version__, sys.executable


@pytest.fixture(scope="module")
def matrix(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    found: Matrix = {}
    for version, python in pythons():
        environment = {**os.environ, "HF_HOME": str(tmp_path_factory.mktemp("home")), "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [python, str(SCRIPT), str(release), *CONFIGS], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        answer = json.loads(done.stdout.splitlines()[-1])
        assert answer["datasets"] == version
        found[version] = answer["configs"]
    return found


def rows_of(release: Path, config: str) -> list[dict[str, Any]]:
    return pq.read_table(release / "data" / config, columns=None).to_pylist()


def readable() -> list[tuple[str, str]]:
    return [(v, c) for v in VERSIONS for c in CONFIGS if not (v in NO_VIDEO and c == "video")]


def cell(found: dict[str, Any]) -> str:
    if "error" in found:
        return "no Video type" if "Video" in found["error"] else found["error"]
    media = f", {found['media']} media" if "media" in found else ""
    return f"{found['rows']} rows{media}"


def test_the_matrix_of_clients_is_shown(matrix: Matrix, capsys: pytest.CaptureFixture[str]):
    rows = [("datasets", *CONFIGS), *((v, *(cell(found[c]) for c in CONFIGS)) for v, found in matrix.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    with capsys.disabled():
        sys.stdout.write("\nWhat load_dataset alone reads from a release:\n")
        for row in rows:
            sys.stdout.write("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + "\n")
    assert list(matrix) == list(VERSIONS)


@pytest.mark.parametrize(("version", "config"), readable())
def test_every_row_is_read_and_streamed(matrix: Matrix, release: Path, version: str, config: str):
    found, rows = matrix[version][config], rows_of(release, config)
    assert "error" not in found
    assert found["rows"] == found["streamed"] == len(rows) > 0
    if "prompt" in rows[0]:
        assert found["digests"] == [row["digest"] for row in rows]
        assert found["prompts"] == [row["prompt"] for row in rows]


@pytest.mark.parametrize(("version", "config"), [(v, c) for v, c in readable() if c in ("image", "video", "audio")])
def test_media_are_typed_and_hold_the_packed_bytes(matrix: Matrix, version: str, config: str):
    found = matrix[version][config]
    assert found["columns"][config] == config.capitalize()
    assert found["media"] > 0
    assert found["media_sound"] is True


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_have_the_same_kinds_in_every_client(matrix: Matrix, version: str):
    newest = matrix[datasets.__version__]["text"]["columns"]
    lists = {"Sequence": "List", "list": "List"}
    assert {name: lists.get(kind, kind) for name, kind in matrix[version]["text"]["columns"].items()} == newest


@pytest.mark.parametrize("version", NO_VIDEO)
def test_a_client_without_videos_loses_that_config_alone(matrix: Matrix, version: str):
    failed = [config for config, found in matrix[version].items() if "error" in found]
    assert failed == ["video"]
