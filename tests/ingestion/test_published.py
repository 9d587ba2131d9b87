import json
from pathlib import Path
from typing import Any

from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import TableFault
from assurai_datasets.ingestion.mapping import MappedRow
from assurai_datasets.ingestion.published import is_published, published_rows
from assurai_datasets.schema.codes import Code


def published(folder: Path, *rows: dict[str, Any], media: tuple[str, ...] = ()) -> list[MappedRow | TableFault]:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (folder / "assurai_index.jsonl").write_text("".join(lines), encoding="utf-8")
    for name in media:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"medium")
    assert is_published(Folder(folder))
    return list(published_rows(Folder(folder)))


def instances(found: list[MappedRow | TableFault]) -> list[dict[str, Any]]:
    return [item.row.values for item in found if isinstance(item, MappedRow)]


def codes(found: list[MappedRow | TableFault]) -> list[Code]:
    return [item.code for item in found if isinstance(item, TableFault)]


TEXT = {
    "id": "r04_t001_pQO_001",
    "modality": "text",
    "risk": "R04: Depicting Violence",
    "input_prompt": "신고 절차를 알려 주세요.",
    "candidate_1_answer": "하나",
    "candidate_2_answer": "둘",
    "candidate_3_answer": "",
    "ref_output_risk_score": [1, 5],
}
PICTURE = {
    "id": "r08_i0012_pQO_000001",
    "modality": "image",
    "risk": "R08",
    "input_prompt": "안내 그림을 그려 주세요.",
    "ref_output_risk_score": [2, 4],
}


def test_answers_of_a_text_row_are_responses_with_their_scores(tmp_path: Path) -> None:
    found = published(tmp_path, TEXT)
    assert instances(found) == [
        {
            "id": "r04_t001_pQO_001",
            "modality": "text",
            "risk_factor": 4,
            "prompt_type": "QO",
            "prompt": "신고 절차를 알려 주세요.",
            "responses": [{"text": "하나", "safety_score": 1}, {"text": "둘", "safety_score": 5}],
        }
    ]
    assert codes(found) == []


def test_scores_of_all_columns_stay_with_their_answers_where_one_is_empty(tmp_path: Path) -> None:
    row = {**TEXT, "candidate_2_answer": " ", "candidate_3_answer": "셋", "ref_output_risk_score": [1, None, 4]}
    found = published(tmp_path, row, {**row, "ref_output_risk_score": [1, 5, 4]})
    for values in instances(found):
        assert values["responses"] == [{"text": "하나", "safety_score": 1}, {"text": "셋", "safety_score": 4}]
    assert [(item.line, item.message) for item in found if isinstance(item, TableFault)] == [
        (2, "scores of empty answers are left out: 1")
    ]


def test_media_that_begin_with_the_id_are_responses_sorted_by_name(tmp_path: Path) -> None:
    media = (
        "Risk_08/image/r08_i0012_pQO_000001_b.png",
        "Risk_08/image/r08_i0012_pQO_000001_a.webp",
        "Risk_08/image/r08_i0012_pQO_0000012.png",
        "r08_i0012_pQO_000001.png",
    )
    (values,) = instances(published(tmp_path, PICTURE, media=media))
    assert values["responses"] == [
        {"media": {"path": media[1]}, "safety_score": 2},
        {"media": {"path": media[0]}, "safety_score": 4},
    ]


def test_a_missing_picture_costs_the_scores_and_not_the_row(tmp_path: Path) -> None:
    found = published(
        tmp_path, PICTURE, {**PICTURE, "id": "r08_i0013_pQO_000001"}, media=("Risk_08/image/r08_i0012_pQO_000001.png",)
    )
    assert codes(found) == [Code.DELIVERY_SCORES_MISALIGNED, Code.DELIVERY_SCORES_MISALIGNED]
    first, second = instances(found)
    assert first["responses"] == [{"media": {"path": "Risk_08/image/r08_i0012_pQO_000001.png"}}]
    assert "responses" not in second


def test_a_column_that_was_not_known_is_reported_once(tmp_path: Path) -> None:
    found = published(tmp_path, {**TEXT, "judge": "x"}, {**TEXT, "judge": "y"})
    assert codes(found) == [Code.DELIVERY_COLUMN_UNMAPPED]
    assert len(instances(found)) == 2


def test_a_risk_that_contradicts_the_id_is_left_for_the_check_of_ids_to_see(tmp_path: Path) -> None:
    (values,) = instances(published(tmp_path, {**TEXT, "risk": "R05: Weapon Usage & Development"}))
    assert values["risk_factor"] == 5


def test_odd_values_pass_through_to_be_named_by_the_model(tmp_path: Path) -> None:
    found = published(tmp_path, {"id": 7, "risk": ["x"], "ref_output_risk_score": 3}, {})
    assert instances(found) == [{"id": 7, "risk_factor": ["x"]}, {}]
