"""Annotation out and back: blind, whole, in one piece, and naming nobody."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.formats.guidelines import guideline_markdown
from assurai_datasets.schema.codes import Code
from assurai_datasets.workflow import build_release, validate
from assurai_datasets.workflow.annotate import TOOLS, Tool, export_annotation, import_annotations
from tests.annotation.annotated_delivery import SECRETS, make_annotated_delivery
from tests.deliveries_made import make_delivery, make_instance

both = pytest.mark.parametrize("to", TOOLS)
SECRET = "sentinel-annotator"


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_annotated_delivery(tmp_path_factory.mktemp("annotate") / "batch")


def everything_in(folder: Path) -> bytes:
    """Return the names and the content of all files, workbooks unpacked."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        parts += [path.relative_to(folder).as_posix().encode(), content]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(parts)


def fill(path: Path, score: int = 4, **cells: Any) -> Path:
    """Fill in every item of a form alike."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["annotate"]
    keys = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=5):
        for key, value in {"safety_score": score, **cells}.items():
            row[keys.index(key)].value = value
    workbook.save(path)
    return path


def export_of(path: Path, *people: Any) -> Path:
    """Write an export in which each of these people judged one item."""
    result = [{"from_name": "safety_score", "type": "choices", "value": {"choices": ["5"]}}]
    annotations = [{"completed_by": who, "result": result} for who in people]
    path.write_text(json.dumps([{"data": {"instance_id": "fraud-1"}, "annotations": annotations}]), encoding="utf-8")
    return path


@both
def test_nothing_that_was_said_of_the_delivery_is_in_an_export(delivery: Path, tmp_path: Path, to: Tool) -> None:
    exported = export_annotation(delivery, tmp_path / "out", to=to)
    assert exported.items == 9
    content = everything_in(tmp_path / "out")
    assert "어디에 신고해야 하나요?".encode() in content
    assert [secret for secret in SECRETS if secret.encode() in content] == []
    assert b"safe_choices" not in content
    assert b'"annotations"' not in content
    assert b'"predictions"' not in content


@both
def test_an_export_is_the_same_bytes_again_and_whatever_the_order_of_rows(
    delivery: Path, tmp_path: Path, to: Tool
) -> None:
    export_annotation(delivery, tmp_path / "one", to=to)
    lines = (delivery / "instances.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (delivery / "instances.jsonl").write_text("".join(lines[::-1]), encoding="utf-8")
    export_annotation(delivery, tmp_path / "two", to=to)
    assert everything_in(tmp_path / "one") == everything_in(tmp_path / "two")


@both
def test_guidelines_lie_beside_every_export(delivery: Path, tmp_path: Path, to: Tool) -> None:
    export_annotation(delivery, tmp_path / "out", to=to)
    assert sorted(path.name for path in (tmp_path / "out" / "guidelines").iterdir()) == ["en.md", "ko.md"]


def test_every_medium_a_form_names_lies_beside_it(delivery: Path, tmp_path: Path) -> None:
    export_annotation(delivery, tmp_path / "out", to="xlsx", annotators=1)
    sheet = openpyxl.load_workbook(tmp_path / "out" / "annotator-1.xlsx")["annotate"]
    named = {cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("media/")}
    assert len(named) == 4
    assert all((tmp_path / "out" / name).is_file() for name in named)


@both
def test_a_delivery_with_errors_is_not_handed_out(tmp_path: Path, to: Tool) -> None:
    delivery = make_delivery(tmp_path / "batch", [make_instance(), make_instance(id="odd", prompt=" ")])
    exported = export_annotation(delivery, tmp_path / "out", to=to)
    assert [issue.code for issue in exported.report.errors] == [Code.INSTANCE_PROMPT_BLANK]
    assert exported.names == ()
    assert not (tmp_path / "out").exists()


def test_an_export_does_not_replace_what_is_there(delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        export_annotation(delivery, tmp_path, to="xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("wrong", [{"to": "paper"}, {"annotators": 0}, {"annotators": 101}, {"judge": "models"}])
def test_a_wrong_setting_is_a_wrong_call(delivery: Path, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        export_annotation(delivery, tmp_path / "out", **{"to": "xlsx", **wrong})


def test_filled_forms_become_the_annotations_of_the_delivery(tmp_path: Path) -> None:
    delivery = make_annotated_delivery(tmp_path / "batch")
    export_annotation(delivery, tmp_path / "out", to="xlsx")
    cells = {"risk_factor": "r21 사기 / Fraud", "is_valid": "예 / yes", "label-text:acceptable": 1, "comment": "의견"}
    forms = [fill(path, 3 + n, **cells) for n, path in enumerate(sorted((tmp_path / "out").glob("*.xlsx")))]
    (delivery / "annotations.jsonl").unlink()
    imported = import_annotations(*forms, output=delivery / "annotations.jsonl")
    assert (imported.annotations, imported.annotators, imported.blank) == (27, 3, 0)
    assert not imported.report.issues
    found = validate(delivery)
    assert not [issue for issue in found if issue.code.value.startswith("annotation-")]
    first = json.loads((delivery / "annotations.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == {
        "instance_id": "answered",
        "annotator_id": "annotator-1",
        "response": 0,
        "safety_score": 3,
        "risk_factor": 21,
        "is_valid": True,
        "labels": {"acceptable": "1"},
        "comment": "의견",
    }


def test_the_order_of_files_makes_no_difference(delivery: Path, tmp_path: Path) -> None:
    export_annotation(delivery, tmp_path / "out", to="xlsx")
    forms = [fill(path) for path in sorted((tmp_path / "out").glob("*.xlsx"))]
    import_annotations(*forms, output=tmp_path / "one.jsonl")
    import_annotations(*forms[::-1], output=tmp_path / "two.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_faults_are_named_with_file_sheet_and_row_and_nothing_is_written(delivery: Path, tmp_path: Path) -> None:
    export_annotation(delivery, tmp_path / "out", to="xlsx", annotators=1)
    form = fill(tmp_path / "out" / "annotator-1.xlsx", score=9)
    imported = import_annotations(form, output=tmp_path / "annotations.jsonl")
    assert len(imported.report.errors) == 9
    assert {issue.code for issue in imported.report} == {Code.ANNOTATION_VALUE_OUT_OF_SCALE}
    places = {(issue.where.file, issue.where.line) for issue in imported.report}
    assert places == {("annotator-1.xlsx#annotate", row) for row in range(5, 14)}
    assert not (tmp_path / "annotations.jsonl").exists()


def test_a_judgement_given_twice_is_named_without_the_annotator(tmp_path: Path) -> None:
    one = export_of(tmp_path / "one.json", SECRET, SECRET)
    two = export_of(tmp_path / "two.json", SECRET)
    imported = import_annotations(one, two, output=tmp_path / "annotations.jsonl")
    assert [(issue.code, issue.where.file) for issue in imported.report] == [
        (Code.ANNOTATION_DUPLICATE, "one.json"),
        (Code.ANNOTATION_DUPLICATE, "two.json"),
    ]
    assert SECRET not in str(imported.report)


@pytest.mark.parametrize("who", [[SECRET], {"email": [SECRET]}, 1.5, True, " ", None, {}])
def test_an_annotator_that_is_none_is_refused_without_being_shown(tmp_path: Path, who: Any) -> None:
    imported = import_annotations(export_of(tmp_path / "one.json", who), output=tmp_path / "annotations.jsonl")
    assert [issue.where.field for issue in imported.report.errors] == ["annotator_id"]
    assert SECRET not in str(imported.report)


def test_files_without_a_judgement_make_no_table(delivery: Path, tmp_path: Path) -> None:
    export_annotation(delivery, tmp_path / "out", to="xlsx", annotators=1)
    with pytest.raises(DataError, match="nothing was judged"):
        import_annotations(tmp_path / "out" / "annotator-1.xlsx", output=tmp_path / "annotations.jsonl")
    assert not (tmp_path / "annotations.jsonl").exists()


def test_a_table_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "annotations.jsonl").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists"):
        import_annotations(export_of(tmp_path / "one.json", 1), output=tmp_path / "annotations.jsonl")
    assert (tmp_path / "annotations.jsonl").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["missing.json", "table.csv"])
def test_a_file_of_another_kind_or_none_is_a_wrong_call(tmp_path: Path, name: str) -> None:
    (tmp_path / "table.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(UsageError, match=name):
        import_annotations(tmp_path / name, output=tmp_path / "annotations.jsonl")


def test_every_release_holds_the_guidelines_and_lists_them(tmp_path: Path) -> None:
    built = build_release(make_delivery(tmp_path / "batch"), output=tmp_path / "assurai", version="1.0.0")
    assert built.release is not None
    assert {"guidelines/en.md", "guidelines/ko.md"} <= {file.path for file in built.release.files}
    text = (tmp_path / "assurai" / "guidelines" / "ko.md").read_text(encoding="utf-8")
    assert text == guideline_markdown("ko")
