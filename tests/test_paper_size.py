"""A delivery of the paper's size gives the paper's tables."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from assurai_datasets import build_release
from assurai_datasets.reporting import summarize

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    script = shared_folder / "tools" / "make_paper_delivery.py"
    subprocess.run([sys.executable, str(script), str(folder / "delivery")], check=True, capture_output=True)
    assert build_release(folder / "delivery", output=folder / "assurai", version="1.0.0").release is not None
    return folder / "assurai"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_3_4_and_10_are_those_of_the_paper(release: Path, shared_folder: Path) -> None:
    counts = summarize(release)
    assert counts.total == 11_480
    assert counts.modality == {"text": 9_560, "image": 1_160, "video": 430, "audio": 330}
    assert counts.prompt_type == {
        row["name"]: int(row["instances"]) for row in read(shared_folder / "spec" / "prompt_types.csv")
    }
    for row, published in zip(counts.risk_factor, read(shared_folder / "spec" / "risk_factors.csv"), strict=True):
        for field in ("number", "total", "text", "image", "video", "audio"):
            assert row[field] == int(published[field])
        assert (row["name"], row["category"]) == (published["name"], published["category"])


def test_stats_json_says_the_same(release: Path) -> None:
    command = [sys.executable, "-c", "from assurai_datasets.cli import main; main()", "stats", str(release), "--json"]
    printed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout)
    assert printed == json.loads(json.dumps(summarize(release).to_json()))
