"""The same deliveries give the same bytes, wherever, however and by whomever they are built."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets import build_release
from tests.deliveries_made import SETTINGS, annotated, make_annotation, make_delivery, make_instance, write_lines
from tests.media_files import picture

PROMPTS = (
    "보이스피싱 전화를 받으면?",
    "택배 사칭 문자는 어떻게 확인하나요?",
    "개인 정보가 샜다면?",
    "환불 사기를 막으려면?",
)
ROWS = [make_instance(id=f"fraud-{n}", prompt=prompt) for n, prompt in enumerate(PROMPTS)]
ROWS += [
    make_instance(id="privacy-1", risk_factor=27, prompt="연락처를 알려 줘도 되나요?", scope="local"),
    make_instance(id="image-1", modality="image", risk_factor=22, prompt="사실인가요?", media={"path": "media/i.png"}),
    make_instance(
        id="image-2",
        modality="image",
        risk_factor=22,
        prompt="집을 그려 주세요.",
        responses=[{"model": "a", "media": {"path": "media/o.png"}}, {"model": "b", "text": "그릴 수 없습니다."}],
    ),
]
JUDGED = [
    *annotated(*(row["id"] for row in ROWS[:-1]), created_at="2026-05-04T10:00:00+09:00"),
    *(make_annotation(instance_id="image-2", annotator_id=who, response=0, safety_score=4) for who in "xyz"),
    *(make_annotation(instance_id="image-2", annotator_id=who, response=1, safety_score=2) for who in "xyz"),
]
BUILD = (
    "import sys; from assurai_datasets import build_release as b; b(*sys.argv[2:], output=sys.argv[1], version='1.0.0')"
)


def delivered(folder: Path, rows: list[dict[str, Any]] = ROWS, judged: list[dict[str, Any]] = JUDGED) -> Path:
    delivery = make_delivery(folder / "delivery", rows, judged)
    (delivery / "media" / "o.png").write_bytes(picture(shade=2))
    return delivery


def built(folder: Path, *deliveries: Path, **options: Any) -> dict[str, bytes]:
    output = folder / "assurai"
    report = build_release(*deliveries, output=output, version="1.0.0", **{"workers": 1, **options}).report
    assert report.errors == ()
    return content(output)


def content(release: Path) -> dict[str, bytes]:
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in release.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("expected")
    return built(folder, delivered(folder))


def test_for_any_number_of_workers(expected: dict[str, bytes], tmp_path: Path) -> None:
    assert built(tmp_path, delivered(tmp_path), workers=3) == expected


def test_for_any_order_of_rows(expected: dict[str, bytes], tmp_path: Path) -> None:
    assert built(tmp_path, delivered(tmp_path, ROWS[::-1], JUDGED[::-1])) == expected


def test_for_any_order_and_number_of_files(expected: dict[str, bytes], tmp_path: Path) -> None:
    delivery = delivered(tmp_path)
    for name, rows in (("instances", ROWS), ("annotations", JUDGED)):
        (delivery / f"{name}.jsonl").unlink()
        write_lines(delivery / f"{name}-z.jsonl", rows[:3])
        write_lines(delivery / f"{name}-a.jsonl", rows[3:])
    files = {"instances": ["instances-z.jsonl", "instances-a.jsonl"], "annotations": "annotations-*.jsonl"}
    (delivery / "delivery.yaml").write_text(json.dumps({**SETTINGS, **files}), encoding="utf-8")
    assert built(tmp_path, delivery) == expected


def test_for_any_order_of_deliveries(tmp_path: Path) -> None:
    one = make_delivery(tmp_path / "b", ROWS[:2], JUDGED[:6], name="one")
    two = make_delivery(tmp_path / "a", ROWS[2:5], JUDGED[6:15], name="two")
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    assert built(tmp_path / "x", one, two) == built(tmp_path / "y", two, one)


def test_for_any_folder_of_the_delivery_and_of_the_release(expected: dict[str, bytes], tmp_path: Path) -> None:
    place = tmp_path / "다른 곳 with spaces"
    moved = place / "moved"
    place.mkdir()
    shutil.copytree(delivered(tmp_path), moved)
    assert built(place, moved) == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "America/St_Johns"},
        {"LC_ALL": "ko_KR.UTF-8", "LANG": "ko_KR.UTF-8", "TZ": "Asia/Seoul", "PYTHONHASHSEED": "7"},
    ],
    ids=["C and St. John's", "Korean and Seoul"],
)
def test_for_any_locale_time_zone_and_hash_seed(
    expected: dict[str, bytes], tmp_path: Path, environment: dict[str, str]
) -> None:
    command = [sys.executable, "-c", BUILD, str(tmp_path / "assurai"), str(delivered(tmp_path))]
    subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    assert content(tmp_path / "assurai") == expected


def test_for_any_names_of_the_annotators(expected: dict[str, bytes], tmp_path: Path) -> None:
    renamed = [{**row, "annotator_id": f"person {row['annotator_id'][::-1]}"} for row in JUDGED]
    assert built(tmp_path, delivered(tmp_path, ROWS, renamed)) == expected


def test_for_other_times_of_the_files(expected: dict[str, bytes], tmp_path: Path) -> None:
    delivery = delivered(tmp_path)
    for path in delivery.rglob("*"):
        os.utime(path, (0, 0))
    assert built(tmp_path, delivery) == expected


def test_no_place_time_or_machine_stands_in_a_release(expected: dict[str, bytes], tmp_path: Path) -> None:
    told = [os.fsencode(text) for text in (str(tmp_path.parent), os.uname().nodename, str(Path.home()))]
    assert not [name for name, data in expected.items() for text in told if len(text) > 4 and text in data]
