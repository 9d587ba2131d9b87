"""Ratings of bare tables in every form, and of releases."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from assurai_datasets.errors import DataError
from assurai_datasets.workflow.agreement import AgreementSettings, FieldAgreement, agree_on
from assurai_datasets.workflow.build import build_release
from tests.deliveries_made import make_annotation, make_delivery, make_instance

QUICK = AgreementSettings(resamples=0)
PEOPLE = ("kim-minji", "lee-jun", "park-sol")
SCORES = {f"u{k:02d}": [1 + (k + (who == 2 and k % 4 == 0)) % 5 for who in range(3)] for k in range(20)}


def write_table(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([list(head), *rows])
    return path


def long_rows() -> list[tuple[str, str, int]]:
    return [(unit, who, score) for unit, said in SCORES.items() for who, score in zip(PEOPLE, said, strict=True)]


def expected(tmp_path: Path) -> FieldAgreement:
    table = write_table(tmp_path / "long.csv", ("instance_id", "annotator_id", "safety_score"), long_rows())
    return agree_on(table, settings=QUICK)["safety_score"]


@pytest.mark.parametrize("unit", ["instance_id", "id", "item"])
def test_a_table_with_a_column_for_each_annotator_gives_the_figures_of_the_long_one(tmp_path: Path, unit: str) -> None:
    table = write_table(tmp_path / "wide.csv", (unit, *PEOPLE), ([name, *said] for name, said in SCORES.items()))
    assert agree_on(table, settings=QUICK) == {"safety_score": expected(tmp_path)}


def test_lines_of_json_with_a_key_for_each_annotator_give_the_same_figures(tmp_path: Path) -> None:
    rows = [{"instance_id": unit, **dict(zip(PEOPLE, said, strict=True))} for unit, said in SCORES.items()]
    table = tmp_path / "wide.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert agree_on(table, settings=QUICK) == {"safety_score": expected(tmp_path)}


def test_a_blank_cell_of_an_annotator_is_a_missing_judgement(tmp_path: Path) -> None:
    rows = [[unit, *said[:2], "" if unit == "u00" else said[2]] for unit, said in SCORES.items()]
    table = write_table(tmp_path / "wide.csv", ("instance_id", *PEOPLE), rows)
    assert agree_on(table, settings=QUICK)["safety_score"].agreement.n_annotations == 59


def test_words_in_the_columns_of_annotators_need_the_name_of_a_label(tmp_path: Path) -> None:
    rows = [[unit, *("calm" if score > 2 else "harsh" for score in said)] for unit, said in SCORES.items()]
    table = write_table(tmp_path / "wide.csv", ("instance_id", *PEOPLE), rows)
    assert list(agree_on(table, settings=QUICK._replace(label="tone"))) == ["tone"]
    with pytest.raises(DataError, match=r"wide\.csv:2 safety_score.*--label NAME") as error:
        agree_on(table, settings=QUICK)
    assert not any(who in str(error.value) for who in PEOPLE)


def test_what_is_only_a_warning_about_a_table_stops_no_figure(tmp_path: Path) -> None:
    head = ("instance_id", "annotator_id", "safety_score", "comment")
    rows = [(*row, "무난한 답변입니다") for row in long_rows()]
    table = write_table(tmp_path / "korean.csv", head, rows, encoding="cp949")
    assert agree_on(table, settings=QUICK) == {"safety_score": expected(tmp_path)}


def test_a_mapping_reads_a_bare_table_also_where_places_look_like_numbers(tmp_path: Path) -> None:
    table = write_table(tmp_path / "foreign.csv", ("thing", "who", "mark"), long_rows())
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "format: assurai-mapping/1\n"
        "settings: {labels: {mark: {level: ordinal, values: ['1', '2', '3', '4', '5']}}}\n"
        "tables:\n"
        "  - annotations:\n"
        "      - fields: {instance_id: thing, annotator_id: who, labels.mark: mark}\n",
        encoding="utf-8",
    )
    field = agree_on(table, settings=QUICK._replace(mapping=mapping))["mark"].agreement
    known = expected(tmp_path).agreement
    assert (field.level, field.krippendorff_alpha) == ("ordinal", known.krippendorff_alpha)


def test_a_release_gives_the_figures_of_its_delivery_with_groups(tmp_path: Path) -> None:
    instances = [
        make_instance(id=unit, prompt=f"{unit}번 질문에 답해 주세요.", risk_factor=21 + k % 2)
        for k, unit in enumerate(SCORES)
    ]
    said = [make_annotation(instance_id=unit, annotator_id=who, safety_score=n) for unit, who, n in long_rows()]
    delivery = make_delivery(tmp_path / "delivery", instances, said)
    built = build_release(delivery, output=tmp_path / "release", version="1.0.0")
    assert not built.report.errors
    by_factor = QUICK._replace(by="risk_factor")
    assert agree_on(tmp_path / "release", settings=by_factor) == agree_on(delivery, settings=by_factor)
