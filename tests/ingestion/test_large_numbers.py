"""Whole numbers beyond 64 bits, which neither a database nor Arrow holds, are faults and end nothing."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assurai_datasets.ingestion import ingest
from assurai_datasets.schema.codes import Code
from tests.deliveries_made import make_annotation, make_delivery, make_instance

LABELS = {"similarity": {"level": "interval", "min": 0, "max": 5}}


def codes(delivery: Path) -> list[Code]:
    with ingest(delivery) as intake:
        return [issue.code for issue in intake.issues]


@pytest.mark.parametrize(
    "values",
    [{"response": 10**30}, {"response": -(2**63) - 1}, {"lead_time_s": 10**320}, {"labels": {"similarity": 2**63}}],
)
def test_in_json_lines(tmp_path: Path, values: dict[str, Any]) -> None:
    delivery = make_delivery(tmp_path, [make_instance()], [make_annotation(**values)], labels=LABELS)
    assert codes(delivery) == [Code.DELIVERY_NUMBER_NOT_FINITE]


@pytest.mark.parametrize("response", ["1e30", "1e300"])
def test_written_otherwise_in_json_lines(tmp_path: Path, response: str) -> None:
    delivery = make_delivery(tmp_path, [make_instance()], [make_annotation()])
    row = json.dumps(make_annotation()).replace("}", f', "response": {response}}}')
    (delivery / "annotations.jsonl").write_text(row, encoding="utf-8")
    assert codes(delivery) == [Code.ANNOTATION_VALUE_INVALID]


def test_in_a_workbook(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path, [make_instance()])
    settings = json.loads((delivery / "delivery.yaml").read_text(encoding="utf-8"))
    (delivery / "delivery.yaml").write_text(json.dumps({**settings, "annotations": "ratings.xlsx"}), encoding="utf-8")
    workbook = openpyxl.Workbook()
    workbook.active.append(["instance_id", "annotator_id", "safety_score", "response"])
    workbook.active.append(["fraud-1", "one", 5, 1e30])
    workbook.save(delivery / "ratings.xlsx")
    assert codes(delivery) == [Code.ANNOTATION_VALUE_INVALID]
