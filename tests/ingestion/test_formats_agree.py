"""One small delivery in every format gives the same release, byte for byte."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assurai_datasets.files.digest import sha256_file
from assurai_datasets.workflow import build_release

INSTANCES: list[dict[str, Any]] = [
    {
        "id": f"a-{n}",
        "modality": "text",
        "risk_factor": 8 if n % 2 else "r10",
        "prompt_type": "MC",
        "prompt": f'{n}번째 질문, "누구에게" 신고하나요?\n두 줄입니다.',
        "choices": ["경찰", "소방서, 119", "모름"],
        "safe_choices": [0, 2],
        "sub_scenario": "신고",
        "stage": "crowd",
        "benign": n == 2,
        "responses": [{"model": "m", "text": "답변"}],
    }
    for n in range(1, 4)
]
ANNOTATIONS: list[dict[str, Any]] = [
    {
        "instance_id": f"a-{n}",
        "annotator_id": str(who),
        "safety_score": 1 + (n + who) % 5,
        "is_valid": True,
        "labels": {"tone": "차분함" if who % 2 else "거침", "clarity": n + who % 3},
        "created_at": f"2024-03-0{who}",
    }
    for n in range(1, 4)
    for who in range(1, 4)
]
SETTINGS = """
format: assurai-delivery/1
name: formats
language: ko
license: mit
labels:
  tone: {level: nominal, values: [차분함, 거침]}
  clarity: {level: interval, min: 0, max: 9}
"""
Writer = Callable[[Path, list[dict[str, Any]]], None]


def flat(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Return header and cells: lists as JSON, objects as dotted columns."""
    spread = []
    for row in rows:
        cells: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, dict):
                cells |= {f"{name}.{key}": item for key, item in value.items()}
            else:
                cells[name] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
        spread.append(cells)
    header = list(spread[0])
    return header, [[cells[name] for name in header] for cells in spread]


def delimited(separator: str, codec: str) -> Writer:
    def write(path: Path, rows: list[dict[str, Any]]) -> None:
        text = io.StringIO(newline="")
        header, cells = flat(rows)
        csv.writer(text, delimiter=separator).writerows([header, *cells])
        path.write_bytes(text.getvalue().encode(codec))

    return write


def json_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def json_array(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-16")


def workbook(path: Path, rows: list[dict[str, Any]]) -> None:
    book = openpyxl.Workbook()
    header, cells = flat(rows)
    for row in (header, *cells):
        book.active.append(row)
    book.save(path)


def parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    one_type = [{**row, "risk_factor": str(row["risk_factor"])} if "risk_factor" in row else row for row in rows]
    pq.write_table(pa.Table.from_pylist(one_type), path)


FORMATS: dict[str, tuple[str, Writer]] = {
    "json": (".json", json_array),
    "csv": (".csv", delimited(",", "utf-8")),
    "csv with a mark": (".csv", delimited(",", "utf-8-sig")),
    "csv of korean windows": (".csv", delimited(",", "cp949")),
    "tsv": (".tsv", delimited("\t", "utf-8")),
    "xlsx": (".xlsx", workbook),
    "parquet": (".parquet", parquet),
}


def deliver(folder: Path, suffix: str, write: Writer) -> Path:
    folder.mkdir()
    write(folder / f"instances{suffix}", INSTANCES)
    write(folder / f"annotations{suffix}", ANNOTATIONS)
    tables = f"instances: instances{suffix}\nannotations: annotations{suffix}\n"
    (folder / "delivery.yaml").write_text(SETTINGS + tables, encoding="utf-8")
    return folder


def digests(delivery: Path, release: Path) -> dict[str, str]:
    built = build_release(delivery, output=release, version="1.0.0", workers=1)
    assert built.report.errors == ()
    return {str(path.relative_to(release)): sha256_file(path) for path in release.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("lines")
    return digests(deliver(folder / "d", ".jsonl", json_lines), folder / "release")


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_of_any_format_gives_the_same_release(tmp_path: Path, expected: dict[str, str], form: str) -> None:
    assert digests(deliver(tmp_path / "d", *FORMATS[form]), tmp_path / "release") == expected


@pytest.mark.parametrize("form", ["zip", "tar", "gztar"])
def test_an_archive_of_the_delivery_gives_the_same_release(tmp_path: Path, expected: dict[str, str], form: str) -> None:
    deliver(tmp_path / "d", ".jsonl", json_lines)
    packed = shutil.make_archive(str(tmp_path / "packed"), form, tmp_path, "d")
    assert digests(Path(packed), tmp_path / "release") == expected
