"""Filled forms: every field read back, and every fault named with file, sheet and row."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assurai_datasets.annotation import Blank, Draft, Item, filled_form, make_form, read_form
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.schema.issue import Issue
from tests.annotation.annotated_delivery import LABELS

DECLARED = {name: LabelDeclaration.model_validate(label) for name, label in LABELS.items()}
ITEMS = [Item("fraud-1", None, "어디에 신고하나요?"), Item("fraud-2", 1, "무엇을 확인하나요?", answer="응답")]
JUDGED = {
    "safety_score": 4,
    "risk_factor": "r21 사기 / Fraud",
    "is_valid": "아니요 / no",
    "label-text:acceptable": 1,
    "label-number:닮은 정도": 2.5,
    "comment": "=출처가 불분명합니다.",
}


class Form:
    """A form being filled in, by the key of a column and the id of an instance."""

    def __init__(self) -> None:
        self.workbook = openpyxl.load_workbook(io.BytesIO(make_form(ITEMS, annotator="annotator-1", labels=DECLARED)))
        self.sheet: Any = self.workbook["annotate"]

    def cell(self, instance_id: str, key: str) -> Any:
        column = next(cell.column for cell in self.sheet[1] if cell.value == key)
        return self.sheet.cell(self.row(instance_id), column)

    def row(self, instance_id: str) -> int:
        return next(row[1].row for row in self.sheet.iter_rows(min_row=5) if row[1].value == instance_id)

    def fill(self, instance_id: str, **judged: Any) -> None:
        for key, value in judged.items():
            cell = self.cell(instance_id, key)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"

    def read(self, folder: Path) -> list[Draft | Blank | Issue]:
        self.workbook.save(folder / "filled.xlsx")
        return list(read_form(folder / "filled.xlsx"))


def issue_of(found: list[Draft | Blank | Issue]) -> Issue:
    (issue,) = [entry for entry in found if isinstance(entry, Issue)]
    return issue


def test_every_field_comes_back(tmp_path: Path) -> None:
    form = Form()
    form.fill("fraud-2", **JUDGED)
    blank, draft = sorted(form.read(tmp_path), key=lambda entry: isinstance(entry, Draft))
    assert isinstance(blank, Blank)
    assert isinstance(draft, Draft)
    assert (draft.file, draft.line) == ("filled.xlsx#annotate", form.row("fraud-2"))
    assert draft.values == {
        "instance_id": "fraud-2",
        "response": 1,
        "annotator_id": "annotator-1",
        "safety_score": 4,
        "risk_factor": "r21",
        "is_valid": False,
        "labels": {"acceptable": "1", "닮은 정도": 2.5},
        "comment": "=출처가 불분명합니다.",
    }


@pytest.mark.parametrize(
    ("key", "typed", "field", "value"),
    [
        ("risk_factor", 21, "risk_factor", 21),
        ("risk_factor", "R21", "risk_factor", "r21"),
        ("risk_factor", "사기", "risk_factor", "사기"),
        ("is_valid", True, "is_valid", True),
        ("is_valid", "예", "is_valid", True),
        ("is_valid", "No", "is_valid", False),
        ("safety_score", "3", "safety_score", 3),
        ("safety_score", 3.0, "safety_score", 3),
    ],
)
def test_what_people_type_instead_of_choosing_is_understood(
    tmp_path: Path, key: str, typed: Any, field: str, value: Any
) -> None:
    form = Form()
    form.fill("fraud-1", **{key: typed})
    (draft,) = [entry for entry in form.read(tmp_path) if isinstance(entry, Draft)]
    assert draft.values[field] == value


def test_the_name_may_be_another_one_and_rows_may_be_sorted(tmp_path: Path) -> None:
    form = Form()
    form.fill("fraud-1", safety_score=5)
    form.sheet["C3"] = "김평가"
    form.sheet.move_range("A3:C3", rows=20)
    (draft,) = [entry for entry in form.read(tmp_path) if isinstance(entry, Draft)]
    assert draft.values["annotator_id"] == "김평가"


def test_a_form_without_a_name_is_named(tmp_path: Path) -> None:
    form = Form()
    form.fill("fraud-1", safety_score=5)
    form.sheet["C3"] = " "
    found = form.read(tmp_path)
    issue = issue_of(found)
    assert issue.code is Code.ANNOTATION_FIELD_MISSING
    assert (issue.where.file, issue.where.line) == ("filled.xlsx#annotate", 3)
    assert len(found) == 1


def test_a_formula_in_a_row_is_named_with_its_cell(tmp_path: Path) -> None:
    form = Form()
    form.cell("fraud-1", "safety_score").value = "=1+4"
    issue = issue_of(form.read(tmp_path))
    assert issue.code is Code.DELIVERY_CELL_FORMULA
    assert issue.where.line == form.row("fraud-1")


def test_a_row_that_was_added_is_named(tmp_path: Path) -> None:
    form = Form()
    form.sheet["B12"] = "fraud-3"
    form.sheet["H12"] = 5
    issue = issue_of(form.read(tmp_path))
    assert issue.code is Code.ANNOTATION_FIELD_UNKNOWN
    assert issue.where.line == 12


def remove_a_column(form: Form) -> None:
    form.sheet.delete_cols(8)


def remove_the_keys(form: Form) -> None:
    form.sheet.delete_rows(1)


def rename_the_sheet(form: Form) -> None:
    form.sheet.title = "other"


@pytest.mark.parametrize("change", [remove_a_column, remove_the_keys, rename_the_sheet])
def test_a_rebuilt_form_is_refused_whole(tmp_path: Path, change: Callable[[Form], None]) -> None:
    form = Form()
    form.fill("fraud-1", **JUDGED)
    change(form)
    found = form.read(tmp_path)
    assert issue_of(found).code in (Code.DELIVERY_COLUMN_MISSING, Code.DELIVERY_FILE_UNREADABLE)
    assert len(found) == 1


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"instance_id,safety_score\n", bytes.fromhex("d0cf11e0a1b11ae1")]
)
def test_what_is_no_workbook_ends_in_an_issue(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "form.xlsx").write_bytes(content)
    assert [entry.code for entry in read_form(tmp_path / "form.xlsx") if isinstance(entry, Issue)] == [
        Code.DELIVERY_FILE_UNREADABLE
    ]


def test_a_workbook_that_would_unpack_without_end_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled_form, "LIMITS", filled_form.TableLimits(unpacked_bytes=2**20))
    with zipfile.ZipFile(tmp_path / "form.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (2**20 + 1))
    assert [entry.code for entry in read_form(tmp_path / "form.xlsx") if isinstance(entry, Issue)] == [
        Code.DELIVERY_LIMIT_EXCEEDED
    ]
