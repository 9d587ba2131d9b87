"""The main job on real input: Korean texts of three published sets, raw judgements, media of many formats."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import load_dataset

from assurai_datasets import build_release
from assurai_datasets.files import sha256_bytes, sha256_file
from assurai_datasets.release import read_manifest
from assurai_datasets.workflow import Built


@pytest.fixture(scope="module")
def delivery(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "delivery"
    script = shared_folder / "tools" / "make_real_delivery.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def built(delivery: Path) -> Built:
    return build_release(delivery, output=delivery.parent / "assurai", version="1.0.0")


@pytest.fixture(scope="module")
def release(delivery: Path, built: Built) -> Path:
    assert built.release is not None
    return delivery.parent / "assurai"


def test_real_input_has_no_errors_and_its_repeated_texts_are_warnings(built: Built) -> None:
    assert built.report.errors == ()
    assert built.report.counts["instance-text-duplicate"] >= 12


@pytest.mark.parametrize(
    ("config", "rows"),
    [("text", 6183), ("image", 25), ("audio", 33), ("video", 14), ("index", 6255), ("annotations", 1440)],
)
def test_every_config_loads_back_with_its_rows(release: Path, config: str, rows: int) -> None:
    assert load_dataset(str(release), config, split="test").num_rows == rows


@pytest.mark.parametrize("modality", ["image", "audio", "video"])
def test_the_bytes_of_media_are_those_delivered_or_the_manifest_says_what_was_removed(
    delivery: Path, release: Path, modality: str
) -> None:
    cleaned = {medium.instance_id: medium for medium in read_manifest(release).cleaned_media}
    for row in load_dataset(str(release), modality, split="test").with_format("arrow")[:].to_pylist():
        delivered, packed = sha256_file(delivery / row["media"]["path"]), sha256_bytes(row[modality]["bytes"])
        assert packed == row["media"]["sha256"]
        if row["id"] in cleaned:
            assert (cleaned[row["id"]].delivered_sha256, cleaned[row["id"]].sha256) == (delivered, packed)
            assert cleaned[row["id"]].removed
        else:
            assert packed == delivered


def test_without_cleaning_every_medium_is_the_one_delivered(delivery: Path, tmp_path: Path) -> None:
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0", clean=False)
    assert read_manifest(tmp_path / "assurai").cleaned_media == ()
    for modality in ("image", "audio", "video"):
        for row in load_dataset(str(tmp_path / "assurai"), modality, split="test").with_format("arrow")[:].to_pylist():
            assert row[modality]["bytes"] == (delivery / row["media"]["path"]).read_bytes()


def test_a_response_carries_what_its_annotators_said(delivery: Path, release: Path) -> None:
    said = [json.loads(line) for line in (delivery / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = load_dataset(str(release), "annotations", split="test").filter(
        lambda i: i == said[0]["instance_id"], input_columns=["instance_id"]
    )
    assert sorted(rows["value"]) == sorted(
        a["labels"]["acceptable"] for a in said if a["instance_id"] == said[0]["instance_id"]
    )
