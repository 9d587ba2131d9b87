"""The form: locked where it shows, open where it asks, the same bytes every time, and nobody's answers in it."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assurai_datasets.annotation import Item, make_form
from assurai_datasets.annotation.form import FIRST_ROW, MAX_CELL_CHARS
from assurai_datasets.errors import LimitError
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.taxonomy import load_taxonomy
from tests.annotation.annotated_delivery import LABELS

DECLARED = {name: LabelDeclaration.model_validate(label) for name, label in LABELS.items()}


def opened(items: list[Item], annotator: str = "annotator-1") -> Any:
    return openpyxl.load_workbook(io.BytesIO(make_form(items, annotator=annotator, labels=DECLARED)))


def rows(workbook: Any) -> list[dict[str, Any]]:
    sheet = workbook["annotate"]
    keys = [cell.value for cell in sheet[1]]
    return [dict(zip(keys, row, strict=True)) for row in sheet.iter_rows(min_row=FIRST_ROW, values_only=True)]


def test_there_is_a_row_for_each_item_in_an_order_of_the_annotator(items: list[Item]) -> None:
    one, two = (rows(opened(items, name)) for name in ("annotator-1", "annotator-2"))
    keys = [[(row["instance_id"], row["response"]) for row in form] for form in (one, two)]
    assert (
        sorted(keys[0], key=str)
        == sorted(keys[1], key=str)
        == sorted(((i.instance_id, i.response) for i in items), key=str)
    )
    assert keys[0] != keys[1]


def test_warning_name_and_headings_stand_on_top(items: list[Item]) -> None:
    sheet = opened(items)["annotate"]
    assert sheet.row_dimensions[1].hidden
    assert "주의:" in sheet["B2"].value
    assert "Content warning:" in sheet["B2"].value
    assert sheet["C3"].value == "annotator-1"
    assert sheet["B4"].value == "사례 / instance"


def test_the_second_sheet_holds_the_guidelines_in_both_languages(items: list[Item]) -> None:
    sheet = opened(items).worksheets[1]
    texts = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    for factor in load_taxonomy().risk_factors:
        assert f"{factor.number}. {factor.name}" in texts
        assert f"{factor.number}. {factor.name_ko}" in texts


def test_drop_downs_offer_scores_risk_factors_and_labels(items: list[Item]) -> None:
    workbook = opened(items)
    sheet, lists = workbook["annotate"], workbook["lists"]
    keys = {cell.value: cell.column_letter for cell in sheet[1]}
    rules = {str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation}
    offered = {}
    for key, letter in keys.items():
        rule = rules.get(letter)
        if rule is not None and rule.type == "list":
            offered[key] = [cell[0].value for cell in lists[rule.formula1.removeprefix("lists!").replace("$", "")]]
    assert offered["safety_score"] == [1, 2, 3, 4, 5]
    assert len(offered["risk_factor"]) == 35
    assert offered["risk_factor"][20] == "r21 사기 / Fraud"
    assert offered["is_valid"] == ["예 / yes", "아니요 / no"]
    assert offered["label-text:acceptable"] == ["acceptable", "=not", "1"]
    number = rules[keys["label-number:닮은 정도"]]
    assert (number.type, number.formula1, number.formula2) == ("decimal", "0", "5")
    assert all(str(rule.sqref).endswith(str(FIRST_ROW + len(items) - 1)) for rule in rules.values())


def test_only_the_judgements_and_the_name_can_be_changed(items: list[Item]) -> None:
    sheet = opened(items)["annotate"]
    assert sheet.protection.sheet
    open_cells = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert "C3" in open_cells
    keys = {cell.column_letter: cell.value for cell in sheet[1]}
    asked = {keys[name.rstrip("0123456789")] for name in open_cells - {"C3"}}
    assert asked == {
        "safety_score",
        "risk_factor",
        "is_valid",
        "comment",
        "label-text:acceptable",
        "label-number:닮은 정도",
    }


def test_no_text_becomes_a_formula_and_control_characters_are_shown(items: list[Item]) -> None:
    sheet = opened(items)["annotate"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    answers = {row["answer"] for row in rows(opened(items))}
    assert {"=경찰청 112에 신고하세요.", "두 번째 응답␈입니다."} <= answers


def test_media_are_named_by_path(items: list[Item]) -> None:
    found = {row["instance_id"]: row for row in rows(opened(items))}
    medium = next(item.medium for item in items if item.key == "video")
    assert medium is not None
    assert found["video"]["medium"] == f"media/{medium.name}"
    assert Path(found["drawn"]["answer_medium"]).suffix == ".png"


def test_the_same_form_has_the_same_bytes_at_any_time(items: list[Item], monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_form(items, annotator="one", labels=DECLARED)
    import datetime as dt

    import openpyxl.packaging.core as core
    import openpyxl.writer.excel as excel

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Later":
            return cls(2031, 5, 6, 7, 8, 9, tzinfo=tz)

    later = type("later", (), {"datetime": Later, "timezone": dt.timezone, "date": dt.date})
    monkeypatch.setattr(excel, "datetime", later)
    monkeypatch.setattr(core, "datetime", later)
    assert make_form(items[::-1], annotator="one", labels=DECLARED) == first


def test_what_a_cell_cannot_hold_is_refused_and_not_cut() -> None:
    item = Item("long", None, "가" * (MAX_CELL_CHARS + 1))
    with pytest.raises(LimitError, match="label-studio"):
        make_form([item], annotator="one", labels={})
