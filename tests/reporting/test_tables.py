"""Counts as tables: Tables 3, 4 and 10 of the paper for given instances."""

import csv
import io

import pytest

from assurai_datasets.release import Counts, count_instances
from assurai_datasets.reporting.tables import align, counts_csv, counts_text

KINDS = [*[(21, "text", "Q Only")] * 1200, (21, "image", "Rail"), (4, "audio", "Multiple-Choice")]


@pytest.fixture
def counts() -> Counts:
    return count_instances(KINDS)


def test_counts_are_those_of_the_instances_and_every_kind_is_there(counts: Counts) -> None:
    assert counts.total == 1202
    assert counts.modality == {"text": 1200, "image": 1, "video": 0, "audio": 1}
    assert counts.prompt_type["Q Only"] == 1200
    assert len(counts.prompt_type) == 8
    assert counts.category["Misinformation & Manipulation"] == 1201
    assert sum(counts.category.values()) == 1202
    assert len(counts.category) == 6
    assert [row["number"] for row in counts.risk_factor] == list(range(1, 36))
    fraud = counts.risk_factor[20]
    assert (fraud["name"], fraud["total"], fraud["text"], fraud["image"]) == ("Fraud", 1201, 1200, 1)
    assert counts.cells == {(4, "Multiple-Choice"): 1, (21, "Q Only"): 1200, (21, "Rail"): 1}


def test_json_has_the_keys_programs_rely_on(counts: Counts) -> None:
    content = counts.to_json()
    assert list(content) == ["total", "modality", "prompt_type", "category", "risk_factor"]
    keys = ["number", "name", "category", "total", "text", "image", "video", "audio"]
    assert all(list(row) == keys for row in content["risk_factor"])


def test_the_text_has_each_table_with_its_title_and_the_total(counts: Counts) -> None:
    text = counts_text(counts)
    for title in ("(Table 3)", "(Table 4)", "by category", "(Table 10)"):
        assert title in text
    assert text.endswith("Total: 1,202")
    assert "21  Fraud " in text


def test_the_csv_gives_every_count_back(counts: Counts) -> None:
    rows = list(csv.DictReader(io.StringIO(counts_csv(counts))))
    found = {(row["table"], row["key"]): int(row["total"]) for row in rows}
    assert found["modality", "text"] == 1200
    assert found["prompt_type", "Rail"] == 1
    assert found["risk_factor", "21"] == 1201
    assert sum(n for (table, _), n in found.items() if table == "risk_factor") == 1202
    assert {row["audio"] for row in rows if row["table"] == "modality"} == {""}


def test_korean_names_take_two_columns_each() -> None:
    assert align([("사기", 1), ("fraud", 12_345)]) == "사기        1\nfraud  12,345"


def test_no_instances_are_counted_as_nothing() -> None:
    counts = count_instances([])
    assert counts.total == 0
    assert "Total: 0" in counts_text(counts)
