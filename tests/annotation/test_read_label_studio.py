"""Exports of Label Studio: every field read, every oddity named with its place, nobody named."""

import json
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.annotation import Blank, Draft, read_label_studio, read_label_studio_export
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue

SECRET = "sentinel-annotator@example.org"


def choice(name: str, *values: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "prompt", "type": "choices", "value": {"choices": list(values)}}


def annotation(*results: Any, **overrides: Any) -> dict[str, Any]:
    return {
        "completed_by": 7,
        "result": list(results) or [choice("safety_score", "5")],
        "was_cancelled": False,
        "created_at": "2026-05-04T03:02:01.123456Z",
        "lead_time": 12.5,
        **overrides,
    }


def task(*annotations: Any, **data: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"instance_id": "fraud-1", "response": None, **data}, "annotations": list(annotations)}


def read(folder: Path, content: Any) -> list[Draft | Blank | Issue]:
    path = folder / "export.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return list(read_label_studio_export(path))


def test_every_field_is_read(tmp_path: Path) -> None:
    results = [
        choice("safety_score", "4"),
        choice("risk_factor", "r21"),
        choice("is_valid", "false"),
        choice("label:acceptable", "=not"),
        {"from_name": "label:%EB%8B%AE%EC%9D%80%20%EC%A0%95%EB%8F%84", "type": "number", "value": {"number": 2}},
        {"from_name": "comment", "type": "textarea", "value": {"text": ["출처가", "불분명합니다."]}},
    ]
    (found,) = read(tmp_path, [task(annotation(*results), response=1)])
    assert isinstance(found, Draft)
    assert (found.file, found.line) == ("export.json", 1)
    assert found.values == {
        "instance_id": "fraud-1",
        "response": 1,
        "annotator_id": "7",
        "safety_score": 4,
        "risk_factor": "r21",
        "is_valid": False,
        "labels": {"acceptable": "=not", "닮은 정도": 2.0},
        "comment": "출처가\n불분명합니다.",
        "created_at": "2026-05-04T03:02:01.123456Z",
        "lead_time_s": 12.5,
    }


@pytest.mark.parametrize(
    ("completed_by", "expected"), [(7, "7"), ({"id": 7, "email": SECRET}, SECRET), ({"id": 7}, "7"), ("seven", "seven")]
)
def test_the_annotator_is_read_in_every_form_that_exports_have(
    tmp_path: Path, completed_by: Any, expected: str
) -> None:
    (found,) = read(tmp_path, [task(annotation(completed_by=completed_by))])
    assert isinstance(found, Draft)
    assert found.values["annotator_id"] == expected


def test_skipped_and_unjudged_tasks_are_counted_and_drafts_and_predictions_are_not_answers(tmp_path: Path) -> None:
    unfinished = {"result": [choice("safety_score", "1")]}
    tasks = [
        task(annotation(was_cancelled=True, result=[])),
        {**task(), "drafts": [unfinished], "predictions": [unfinished]},
    ]
    assert all(isinstance(found, Blank) for found in read(tmp_path, tasks))


ODD = {
    "an annotation that is no object": annotation,
    "no results": lambda: annotation(result=None),
    "results that are an object": lambda: annotation(result={"a": 1}),
    "a result that is text": lambda: annotation("x"),
    "a result without a value": lambda: annotation({"from_name": "comment", "type": "textarea"}),
    "a value that is a list": lambda: annotation({"from_name": "comment", "type": "textarea", "value": []}),
    "two choices": lambda: annotation(choice("safety_score", "1", "5")),
    "no choice": lambda: annotation(choice("safety_score")),
    "a choice that is a number": lambda: annotation({**choice("safety_score"), "value": {"choices": [5]}}),
    "a field given twice": lambda: annotation(choice("safety_score", "1"), choice("safety_score", "5")),
    "a label given twice": lambda: annotation(choice("label:a", "1"), choice("label:%61", "5")),
    "a comment of numbers": lambda: annotation({"from_name": "comment", "type": "textarea", "value": {"text": [1]}}),
    "a label that is true": lambda: annotation({"from_name": "label:a", "type": "number", "value": {"number": True}}),
    "a label that is beyond numbers": lambda: annotation(
        {"from_name": "label:a", "type": "number", "value": {"number": 2**62}}
    ),
    "results without end": lambda: annotation(*[choice(f"label:{n}", "1") for n in range(501)]),
}


@pytest.mark.parametrize("name", ODD)
def test_an_annotation_that_is_odd_is_named_with_its_place_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    odd: Any = 5 if name == "an annotation that is no object" else ODD[name]()
    good, found = read(
        tmp_path, [task(annotation(), {**odd, "completed_by": SECRET} if isinstance(odd, dict) else odd)]
    )
    assert isinstance(good, Draft)
    assert isinstance(found, Issue)
    assert found.code is Code.ANNOTATION_VALUE_INVALID
    assert (found.where.file, found.where.line, found.where.instance_id) == ("export.json", 1, "fraud-1")
    assert (found.where.field or "").startswith("annotations.1")
    assert len(found.message) < 200
    assert SECRET not in str(found)


def test_a_field_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    (found,) = read(tmp_path, [task(annotation(choice("mood", "calm")))])
    assert isinstance(found, Issue)
    assert found.code is Code.ANNOTATION_FIELD_UNKNOWN
    assert "'mood'" in found.message


@pytest.mark.parametrize(
    "content",
    [
        [{"instance_id": "fraud-1", "safety_score": "5", "annotator": 7}],
        [{"data": {}, "annotations": {"0": {}}}],
        [{"data": [], "annotations": []}],
    ],
)
def test_an_export_of_another_format_says_which_to_choose(tmp_path: Path, content: Any) -> None:
    (found,) = read(tmp_path, content)
    assert isinstance(found, Issue)
    assert "not as JSON-MIN" in found.hint


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[" * 100_000,
        '[{"data": {}, "annotations": ' + "[" * 50_000,
        '[{"id": 1',
        '[{"data": {}, "data": {}, "annotations": []}]',
        '[{"data": {"instance_id": "\\ud800"}, "annotations": []}]',
        '[{"data": {}, "annotations": [], "x": NaN}]',
        "[1, 2]",
        "\x00\x01",
        '{"tasks": 5}',
    ],
)
def test_a_hostile_file_ends_in_issues(tmp_path: Path, content: str) -> None:
    found = read(tmp_path, content)
    assert not [entry for entry in found if isinstance(entry, Draft)]
    assert all(isinstance(entry, Issue) for entry in found)
    assert found or not content


def test_what_would_grow_without_end_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_label_studio, "MAX_ANNOTATIONS", 3)
    monkeypatch.setattr(read_label_studio, "LIMITS", read_label_studio.TableLimits(rows=2))
    found = read(tmp_path, [task(*[annotation()] * 4), task(annotation()), task(annotation())])
    codes = [entry.code for entry in found if isinstance(entry, Issue)]
    assert codes == [Code.DELIVERY_LIMIT_EXCEEDED, Code.DELIVERY_LIMIT_EXCEEDED]
    assert sum(isinstance(entry, Draft) for entry in found) == 1
