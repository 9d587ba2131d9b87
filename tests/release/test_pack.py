"""Data files of a release: one config each, sorted, in groups that let one risk factor be read alone."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from assurai_datasets import build_release
from assurai_datasets.formats.digest import fold_digests, row_digest
from assurai_datasets.release import canary_of, read_manifest
from tests.deliveries_made import annotated, make_annotation, make_delivery, make_instance, write_lines
from tests.release.tampering import parquet


def rows_of(release: Path, config: str) -> list[dict[str, Any]]:
    return pq.read_table(parquet(release, config)).to_pylist()


@pytest.mark.parametrize("config", ["text", "image", "index", "annotations"])
def test_each_row_group_holds_one_risk_factor(sound_release: Path, config: str) -> None:
    file = pq.ParquetFile(parquet(sound_release, config))
    index = {row["id"]: row["risk_factor_id"] for row in rows_of(sound_release, "index")}
    groups = [file.read_row_group(n).to_pylist() for n in range(file.num_row_groups)]
    factors = [{row.get("risk_factor_id") or index[row["instance_id"]] for row in group} for group in groups]
    assert all(len(found) == 1 for found in factors)
    assert [min(found) for found in factors] == sorted(min(found) for found in factors)


def test_rows_are_sorted_by_risk_factor_and_id(sound_release: Path) -> None:
    for config in ("text", "image", "index"):
        order = [(row["risk_factor_id"], row["id"]) for row in rows_of(sound_release, config)]
        assert order == sorted(order)


def test_statistics_let_a_reader_skip_what_it_does_not_want(sound_release: Path) -> None:
    found = pq.read_table(parquet(sound_release, "index"), filters=[("risk_factor", "==", "Fraud")])
    assert set(found["id"].to_pylist()) == {"fraud-1", "fraud-2"}
    metadata = pq.read_metadata(parquet(sound_release, "index"))
    place = metadata.schema.names.index("risk_factor")
    told = [metadata.row_group(n).column(place).statistics for n in range(metadata.num_row_groups)]
    assert all(statistics.min == statistics.max for statistics in told)


def test_the_index_holds_every_instance_and_no_media(sound_release: Path) -> None:
    index = rows_of(sound_release, "index")
    assert [row["id"] for row in index] == ["fraud-1", "fraud-2", "image-1", "image-2", "privacy-1"]
    assert not {"image", "video", "audio", "response_images"} & set(index[0])
    for config in ("text", "image"):
        known = {row["id"]: row for row in index}
        for row in rows_of(sound_release, config):
            assert {name: row[name] for name in row if name in known[row["id"]]} == {
                name: known[row["id"]][name] for name in row if name in known[row["id"]]
            }


def test_the_digest_of_a_row_and_the_root_of_a_config_are_what_anyone_can_compute(sound_release: Path) -> None:
    media = ("image", "response_images")
    manifest = read_manifest(sound_release)
    for name, config in manifest.configs.items():
        rows = [{k: v for k, v in row.items() if k not in media} for row in rows_of(sound_release, name)]
        digests = [row_digest(row) for row in rows]
        assert config.splits["test"].digest == fold_digests(digests)
        assert config.splits["test"].rows == len(rows)
        if "digest" in rows[0]:
            assert [row["digest"] for row in rows] == digests


def test_media_of_responses_are_aligned_with_the_responses(sound_release: Path) -> None:
    row = rows_of(sound_release, "image")[-1]
    assert [response["model"] for response in row["responses"]] == ["a", "b"]
    assert [medium and medium["path"] for medium in row["response_images"]] == ["one.png", None]
    assert [response["safety_score"] for response in row["responses"]] == [4.0, 2.0]


def test_the_annotations_are_one_row_for_each_judgement(tmp_path: Path) -> None:
    judged = [
        make_annotation(
            annotator_id=who, safety_score=n, risk_factor=21, is_valid=True, labels={"tone": 2.5}, comment="왜"
        )
        for n, who in enumerate("abc", start=3)
    ]
    declared = {"tone": {"level": "interval", "min": 0, "max": 5}}
    delivery = make_delivery(tmp_path / "delivery", annotations=judged, labels=declared)
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    rows = rows_of(tmp_path / "assurai", "annotations")
    assert [(row["label"], row["value"], row["score"]) for row in rows if row["label"] != "safety_score"] == [
        *[("is_valid", "true", None)] * 3,
        *[("risk_factor", "Fraud", None)] * 3,
        *[("tone", "2.5", 2.5)] * 3,
    ]
    assert sorted(row["score"] for row in rows if row["label"] == "safety_score") == [3.0, 4.0, 5.0]
    assert {row["comment"] for row in rows} == {"왜"}
    assert len({row["annotator"] for row in rows}) == 3
    assert read_manifest(tmp_path / "assurai").labels["tone"].level == "interval"


def test_the_taxonomy_has_every_risk_factor_with_its_crosswalks(sound_release: Path) -> None:
    rows = rows_of(sound_release, "taxonomy")
    assert [row["number"] for row in rows] == list(range(1, 36))
    assert all(row["definition"] and row["definition_ko"] and row["crosswalks"] for row in rows)


def test_the_canary_stands_in_card_manifest_croissant_and_every_data_file(sound_release: Path) -> None:
    """`contamination can be searched for`: the same in every version, another for every dataset."""
    canary = canary_of("assurai")
    assert canary != canary_of("other")
    assert read_manifest(sound_release).canary == canary
    for name in ("README.md", "release.json", "croissant.json"):
        assert canary in (sound_release / name).read_text(encoding="utf-8")
    for path in sound_release.rglob("*.parquet"):
        assert canary.encode() in pq.read_schema(path).metadata[b"assurai"]
        assert canary.encode() in path.read_bytes()


def test_review_events_of_a_withdrawn_instance_lose_what_may_quote_it(tmp_path: Path) -> None:
    event = {
        "sequence": 1,
        "round": 1,
        "reviewer_id": "r0123456789abcdef",
        "action": "request_changes",
        "finding": "privacy",
        "corrective_action": "가나다라마바사 지우기",
    }
    rows = [make_instance(), make_instance(id="fraud-2", prompt="사기를 당했다면 무엇부터 할까요?")]
    delivery = make_delivery(
        tmp_path / "delivery", rows, annotated("fraud-2"), reviews="reviews.jsonl", retractions="gone.jsonl"
    )
    write_lines(delivery / "reviews.jsonl", [{**event, "instance_id": "fraud-1"}])
    write_lines(delivery / "gone.jsonl", [{"instance_id": "fraud-1", "reason": "asked for", "date": "2026-05-04"}])
    report = build_release(delivery, output=tmp_path / "assurai", version="1.0.0").report
    assert report.errors == ()
    (kept,) = rows_of(tmp_path / "assurai", "reviews")
    assert (kept["instance_id"], kept["finding"], kept["corrective_action"]) == ("fraud-1", "privacy", None)
    assert not [
        p for p in (tmp_path / "assurai").rglob("*") if p.is_file() and "가나다라마바사".encode() in p.read_bytes()
    ]
