"""What validation says of rows: each at its place, all in one run, and the rest goes on."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assurai_datasets import validate
from assurai_datasets.cli import main
from assurai_datasets.schema.report import Report
from tests.deliveries_made import annotated, make_annotation, make_delivery, make_instance, write_lines

OTHER = {"id": "privacy-1", "risk_factor": 27, "prompt": "친구의 연락처를 남에게 알려 줘도 되나요?"}


def found(report: Report) -> list[tuple[str, str | None, int | None]]:
    return [(issue.code.value, issue.where.file, issue.where.line) for issue in report]


def test_a_clean_delivery_has_no_issue(tmp_path: Path) -> None:
    rows = [make_instance(), make_instance(**OTHER)]
    assert validate(make_delivery(tmp_path, rows, annotated("fraud-1", "privacy-1"))).issues == ()


def test_every_issue_of_a_run_is_said_at_once_each_at_its_file_and_line(tmp_path: Path) -> None:
    rows = [make_instance(), make_instance(id="a b"), make_instance(risk_factor=99), make_instance(**OTHER, colour=1)]
    annotations = [*annotated("fraud-1"), make_annotation(instance_id="nobody"), make_annotation(annotator_id=None)]
    assert found(validate(make_delivery(tmp_path, rows, annotations))) == [
        ("annotation-orphan", "annotations.jsonl", 4),
        ("annotation-field-missing", "annotations.jsonl", 5),
        ("instance-id-malformed", "instances.jsonl", 2),
        ("instance-risk-factor-unknown", "instances.jsonl", 3),
        ("instance-field-unknown", "instances.jsonl", 4),
    ]


def test_a_torn_line_and_an_unknown_key_do_not_stop_the_rows_after_them(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path, [make_instance()])
    good, later = json.dumps(make_instance()), json.dumps(make_instance(**{**OTHER, "id": "bad id"}))
    unknown = json.dumps(make_instance(id="fraud-3", prompt="다른 질문은 어디에 하나요?", mood="good"))
    (delivery / "instances.jsonl").write_text(f'{good}\n{{"id": "to\n{unknown}\n{later}\n', encoding="utf-8")
    report = validate(delivery)
    assert found(report) == [
        ("delivery-line-torn", "instances.jsonl", 2),
        ("instance-field-unknown", "instances.jsonl", 3),
        ("instance-id-malformed", "instances.jsonl", 4),
    ]
    assert report.instances == 4


def test_several_deliveries_are_one_and_name_their_folder(tmp_path: Path) -> None:
    first = make_delivery(tmp_path / "seed", [make_instance()], name="seed")
    second = make_delivery(tmp_path / "crowd", [make_instance(**OTHER), make_instance()], name="crowd")
    (issue,) = validate(first, second).issues
    assert (issue.code, issue.where.file, issue.where.line) == ("instance-id-duplicate", "seed/instances.jsonl", 1)
    assert "crowd/instances.jsonl:2" in issue.message


def test_the_order_in_which_deliveries_are_given_changes_nothing(tmp_path: Path) -> None:
    first = make_delivery(tmp_path / "a", [make_instance()], name="a")
    second = make_delivery(tmp_path / "b", [make_instance(id="fraud-2")], name="b")
    assert validate(first, second) == validate(second, first)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"prompt": " \u200b"}, "instance-prompt-blank"),
        ({"prompt": None}, "instance-field-missing"),
        ({"prompt": 7}, "instance-value-invalid"),
        ({"prompt_type": "Poem"}, "instance-prompt-type-unknown"),
        ({"choices": ["예", "아니오"]}, "instance-field-misplaced"),
        ({"media": {"path": "a.png"}}, "instance-field-misplaced"),
        ({"prompt_type": "MC"}, "instance-choices-missing"),
        ({"prompt_type": "MC", "choices": ["예"]}, "instance-choices-invalid"),
        ({"prompt_type": "MC", "choices": ["예", "아니오"], "safe_choices": [2]}, "instance-safe-choices-invalid"),
        ({"prompt_type": "MS"}, "instance-turns-missing"),
        ({"prompt_type": "MS", "turns": [{"role": "user", "content": "안녕"}]}, "instance-turns-invalid"),
        ({"id": "r09_t001_pQO_001"}, "instance-id-disagrees"),
        ({"parent_id": "nowhere"}, "instance-parent-unknown"),
        ({"responses": [{"model": "m"}]}, "instance-response-empty"),
    ],
)
def test_each_rule_of_an_instance_has_its_code(tmp_path: Path, overrides: dict[str, Any], code: str) -> None:
    report = validate(make_delivery(tmp_path, [make_instance(**overrides)]))
    assert list(report.counts) == [code]
    assert {(issue.where.file, issue.where.line) for issue in report} == {("instances.jsonl", 1)}


@pytest.mark.parametrize(
    ("annotations", "code"),
    [
        (annotated("fraud-1")[:2], "annotation-too-few"),
        ([*annotated("fraud-1"), make_annotation()], "annotation-duplicate"),
        ([*annotated("fraud-1"), make_annotation(annotator_id="four", response=0)], "annotation-response-unknown"),
        ([*annotated("fraud-1"), make_annotation(annotator_id="x", safety_score=0)], "annotation-value-out-of-scale"),
        ([*annotated("fraud-1"), make_annotation(annotator_id="x", labels={"t": 1})], "annotation-label-undeclared"),
        ([], "annotation-none"),
    ],
)
def test_each_rule_of_annotations_has_its_code(tmp_path: Path, annotations: list[dict[str, Any]], code: str) -> None:
    counts = validate(make_delivery(tmp_path, [make_instance()], annotations)).counts
    assert code in counts
    assert set(counts) <= {code, "annotation-too-few"}


def test_an_annotator_may_judge_another_field_in_another_row(tmp_path: Path) -> None:
    more = [make_annotation(annotator_id=who, safety_score=None, is_valid=True) for who in ("one", "two", "three")]
    assert validate(make_delivery(tmp_path, [make_instance()], [*annotated("fraud-1"), *more])).issues == ()


def test_an_annotation_of_a_refused_instance_is_no_orphan(tmp_path: Path) -> None:
    rows = [make_instance(), make_instance(**{**OTHER, "prompt_type": "Poem"})]
    report = validate(make_delivery(tmp_path, rows, annotated("fraud-1", "privacy-1")))
    assert list(report.counts) == ["instance-prompt-type-unknown"]


def test_no_issue_shows_who_annotated(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [{"safety_score": 9}, {"is_valid": "x"}, {"annotator_id": 7123}, {"mood": 1}, {}]
    rows = [make_annotation(**{"annotator_id": "kim.7123@x", **overrides}) for overrides in wrong]
    rows += [make_annotation(annotator_id="kim.7123@x", comment="같은 말을 그대로 옮겨 적은 아주 긴 의견입니다.")] * 2
    delivery = make_delivery(tmp_path, [make_instance()], rows)
    with (delivery / "annotations.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"safety_score": 5, "annotator_id": "kim.7123@x')
    report = validate(delivery)
    assert len(report.issues) > 5
    assert "7123" not in json.dumps(report.to_json(), ensure_ascii=False)


def test_refused_rows_are_written_with_their_reason_and_without_annotators(tmp_path: Path) -> None:
    rows = [make_instance(), make_instance(id="fraud-2", risk_factor="nothing", colour="blue")]
    annotations = [*annotated("fraud-1"), make_annotation(annotator_id="kim.7123", safety_score=9)]
    delivery, refused = make_delivery(tmp_path / "delivery", rows, annotations), tmp_path / "refused.jsonl"
    with (delivery / "instances.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "to')
    result = CliRunner().invoke(main, ["validate", str(delivery), "--refused", str(refused)])
    assert result.exit_code == 1
    text = refused.read_text(encoding="utf-8")
    annotation, instance, torn = [json.loads(line) for line in text.splitlines()]
    assert (torn["line"], torn["codes"], torn["row"]) == (3, ["delivery-line-torn"], {})
    assert (instance["file"], instance["line"], instance["subject"]) == ("instances.jsonl", 2, "instance")
    assert instance["codes"] == ["instance-field-unknown", "instance-risk-factor-unknown"]
    assert instance["row"]["colour"] == "blue"
    assert (annotation["codes"], annotation["row"]["safety_score"]) == (["annotation-value-out-of-scale"], 9)
    assert "7123" not in text


def test_a_file_for_refused_rows_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", [make_instance()])
    result = CliRunner().invoke(main, ["validate", str(delivery), "--refused", str(tmp_path / "no" / "where")])
    assert result.exit_code == 2
    assert "cannot write" in result.output


def test_a_delivery_without_refused_rows_writes_an_empty_file(tmp_path: Path) -> None:
    delivery, refused = make_delivery(tmp_path / "delivery", [make_instance()]), tmp_path / "refused.jsonl"
    assert validate(delivery, refused=refused).issues == ()
    assert refused.read_bytes() == b""


def test_the_report_on_the_terminal_is_grouped_counted_and_says_what_to_do(tmp_path: Path) -> None:
    rows = [make_instance(id=f"bad {n}", prompt=f"{n}번 질문은 어디에 하나요?") for n in range(5)]
    result = CliRunner().invoke(main, ["validate", str(make_delivery(tmp_path, rows))])
    assert result.exit_code == 1
    assert "error instance-id-malformed (5)" in result.output
    assert "... and 2 more; --json lists all" in result.output
    assert result.output.endswith("5 instances, 5 errors, 0 warnings\n")


def test_json_lists_every_issue_with_the_keys_programs_read(tmp_path: Path) -> None:
    write_lines(make_delivery(tmp_path) / "instances.jsonl", [make_instance(id="a b"), {"id": "x"}])
    result = CliRunner().invoke(main, ["validate", str(tmp_path), "--json"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["instances"], report["errors"], report["warnings"]) == (1, 2, 5, 0)
    assert report["counts"] == {"instance-field-missing": 4, "instance-id-malformed": 1}
    first = report["issues"][0]
    assert sorted(first) == ["code", "hint", "message", "severity", "where"]
    assert first["where"] == {"file": "instances.jsonl", "line": 1, "instance_id": "a b", "field": "id"}
