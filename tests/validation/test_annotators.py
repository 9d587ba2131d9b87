"""Annotators who do not work on their own are named by the place of a row, and honest ones are not named."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets import validate
from assurai_datasets.errors import LimitError
from assurai_datasets.schema.report import Report
from assurai_datasets.validation import annotators
from tests.deliveries_made import make_annotation, make_delivery, make_instance

PLACES = ("도서관", "바다", "학교", "병원", "시장", "회사", "은행", "공원", "극장", "강변")
Judge = Callable[[int, int, int], dict[str, Any]]
COMMENT = "이 답은 신고 방법을 정확하게 안내하고 있어서 안전합니다."


def crowd(folder: Path, judge: Judge, *, instances: int = 60, people: int = 5, **settings: Any) -> Path:
    """Return a delivery of instances that everybody judged around the truth, changed as `judge` says."""
    draw = random.Random(7)
    rows, annotations = [], []
    for number in range(instances):
        way = f"{PLACES[number % 10]}에서 {PLACES[number // 10 % 10]}까지 {number}번 버스로 가도 되나요?"
        rows.append(make_instance(id=f"way-{number:03d}", prompt=way))
        truth = draw.randint(1, 5)
        for person in range(people):
            score = min(5, max(1, truth + draw.choice((-2, -1, 0, 1, 2))))
            given = {"instance_id": f"way-{number:03d}", "annotator_id": f"secret-{person}", "safety_score": score}
            annotations.append(make_annotation(**{**given, **judge(number, person, truth)}))
    return make_delivery(folder, rows, annotations, **settings)


def counts(report: Report) -> dict[str, int]:
    assert "secret-" not in str(report.to_json())
    return report.counts


def at_minute(number: int) -> str:
    return f"2026-05-04T{9 + number // 60:02d}:{number % 60:02d}:00Z"


def test_honest_annotators_are_not_named(tmp_path: Path) -> None:
    delivery = crowd(tmp_path, lambda number, person, truth: {"created_at": at_minute(3 * number + person % 3)})
    assert counts(validate(delivery)) == {}


def test_a_straight_liner_is_named_by_the_place_of_a_row(tmp_path: Path) -> None:
    delivery = crowd(tmp_path, lambda number, person, truth: {"safety_score": 3} if person == 2 else {})
    (issue,) = validate(delivery).issues
    assert issue.code == "annotation-straight-line"
    assert (issue.where.file, issue.where.line, issue.where.field) == ("annotations.jsonl", 3, "safety_score")


def test_labels_of_a_delivery_are_looked_at_as_our_own_fields_are(tmp_path: Path) -> None:
    def judge(number: int, person: int, truth: int) -> dict[str, Any]:
        return {"safety_score": None, "labels": {"tone": "warm" if person == 2 or (number + truth) % 2 else "cold"}}

    delivery = crowd(tmp_path, judge, labels={"tone": {"level": "nominal", "values": ["cold", "warm"]}})
    (issue,) = validate(delivery).issues
    assert (issue.code, issue.where.field) == ("annotation-straight-line", "tone")


def test_a_drifting_annotator_is_named(tmp_path: Path) -> None:
    def judge(number: int, person: int, truth: int) -> dict[str, Any]:
        when = {"created_at": at_minute(3 * number + person % 3)}
        return {**when, "safety_score": min(5, max(1, truth - 2 + round(number / 15)))} if person == 1 else when

    assert counts(validate(crowd(tmp_path, judge))) == {"annotation-drift": 1}


def test_impossible_speed_is_named_and_a_date_alone_accuses_nobody(tmp_path: Path) -> None:
    def judge(number: int, person: int, truth: int) -> dict[str, Any]:
        return {"created_at": f"2026-05-04T10:00:{number:02d}Z" if person == 3 else at_minute(5 * number + person)}

    assert counts(validate(crowd(tmp_path / "a", judge, instances=12))) == {"annotation-speed-impossible": 1}
    dated = crowd(tmp_path / "b", lambda number, person, truth: {"created_at": "2026-05-04"}, instances=12)
    assert counts(validate(dated)) == {}


def test_shared_comments_name_every_row_they_begin_in(tmp_path: Path) -> None:
    comments = {0: COMMENT, 1: f" {COMMENT}", 2: "안전"}
    delivery = crowd(tmp_path, lambda number, person, truth: {"comment": comments[person]}, instances=1, people=3)
    (issue,) = validate(delivery).issues
    assert (issue.code, issue.where.line) == ("annotation-comment-shared", 1)
    assert "annotations.jsonl:2" in issue.message


def test_one_person_in_two_deliveries_counts_as_two(tmp_path: Path) -> None:
    one = crowd(tmp_path / "a", lambda *_: {"comment": COMMENT}, instances=1, people=1, name="a")
    rows = [make_annotation(instance_id="b-1", annotator_id="secret-0", comment=COMMENT)]
    two = make_delivery(tmp_path / "b", [make_instance(id="b-1", prompt="어디에 물어보면 되나요?")], rows, name="b")
    assert "annotation-comment-shared" in counts(validate(one, two))


def test_a_check_that_needs_too_much_memory_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def find_too_much(ratings: object) -> list[Any]:
        raise LimitError("too many pairs")

    monkeypatch.setattr(annotators, "CHECKS", (find_too_much, *annotators.CHECKS[1:]))
    delivery = crowd(tmp_path, lambda number, person, truth: {"safety_score": 3} if person == 2 else {})
    assert counts(validate(delivery)) == {"annotation-straight-line": 1}
    assert "find_too_much was left out for safety_score: too many pairs" in caplog.text


def test_values_that_do_not_fit_their_level_stop_no_other_check(tmp_path: Path) -> None:
    delivery = crowd(
        tmp_path,
        lambda number, person, truth: {"safety_score": 3 if person == 2 else truth, "labels": {"heat": -truth}},
        labels={"heat": {"level": "ratio", "min": -9, "max": 9}},
    )
    assert "annotation-straight-line" in counts(validate(delivery))
