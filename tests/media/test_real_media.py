"""Real files: the broken ones as sorted by hand in `broken_media.csv`, and the others, of which none may be refused."""

import csv
from pathlib import Path

import pytest

from assurai_datasets.media import MediaTask, prepare_in_workers, probe_media

KINDS = {"images": "image", "audio": "audio", "video": "video"}
with Path(__file__).with_name("broken_media.csv").open(encoding="utf-8", newline="") as _table:
    SORTED = list(csv.DictReader(_table))


@pytest.fixture(scope="module")
def media_folder(real_folder):
    return real_folder / "media"


@pytest.fixture(scope="module")
def probed(media_folder):
    """Every real file, decoded whole by two workers."""
    paths = sorted(path for path in media_folder.rglob("*") if path.is_file() and path.parent.name in KINDS)
    tasks = (MediaTask(path, expected=KINDS[path.parent.name]) for path in paths)
    results = prepare_in_workers(tasks, workers=2)
    return {
        path.relative_to(media_folder).as_posix(): result.media_file
        for path, result in zip(paths, results, strict=True)
    }


@pytest.mark.parametrize("row", SORTED, ids=lambda row: row["file"])
def test_a_broken_file_gets_the_verdict_it_was_given_by_hand(probed, row):
    media_file = probed[f"broken/{row['file']}"]
    assert [fault.code.value for fault in media_file.faults] == row["codes"].split()
    verdict = "refuse" if media_file.is_refused else "warn" if media_file.faults else "fine"
    assert verdict == row["verdict"]


def test_every_broken_file_was_sorted(probed):
    assert {f"broken/{row['file']}" for row in SORTED} == {name for name in probed if name.startswith("broken/")}


def test_no_sound_file_is_refused(probed):
    refused = {name: f.faults for name, f in probed.items() if not name.startswith("broken/") and f.is_refused}
    assert refused == {}


def test_near_silence_is_a_warning(probed):
    silent = {name for name, file in probed.items() if file.is_silent and file.kind == "audio"}
    assert {"audio/tinytag_32bit_float.wav", "audio/tinytag_8khz_5s.opus", "audio/tinytag_classical.ogg"} == silent


def test_headers_alone_refuse_no_sound_file(media_folder, probed):
    names = [name for name in probed if not name.startswith("broken/")]
    refused = [name for name in names if probe_media(media_folder / name, fast=True).is_refused]
    assert refused == []
