"""What the documents of a release say in numbers is what the data give by other ways."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assurai_datasets import build_release
from assurai_datasets.agreement import Ratings, measure_agreement
from assurai_datasets.release import read_manifest
from assurai_datasets.release.facts import RESAMPLES, Facts, gather_facts
from tests.deliveries_made import make_annotation, make_delivery, make_instance
from tests.release.tampering import change_rows, parquet

LEVELS = {"safety_score": "ordinal", "risk_factor": "nominal", "is_valid": "nominal"}


def facts_of(release: Path) -> Facts:
    return gather_facts(release, read_manifest(release))


@pytest.mark.parametrize("label", LEVELS)
def test_agreement_is_what_measuring_the_rows_one_by_one_gives(sample_release: Path, label: str) -> None:
    rows = [row for row in pq.read_table(parquet(sample_release, "annotations")).to_pylist() if row["label"] == label]
    values = [row["score"] if label == "safety_score" else row["value"] for row in rows]
    ratings = Ratings.from_columns(
        [(row["instance_id"], -1 if row["response"] is None else row["response"]) for row in rows],
        [row["annotator"] for row in rows],
        values,
        level=LEVELS[label],
        values=(1, 2, 3, 4, 5) if label == "safety_score" else None,
    )
    expected = measure_agreement(ratings, resamples=0)
    found = facts_of(sample_release).agreement[label]
    assert found.resamples == RESAMPLES
    for name in ("krippendorff_alpha", "fleiss_kappa", "cohen_kappa", "gwet_ac1", "gwet_ac2"):
        assert getattr(found, name).value == pytest.approx(getattr(expected, name).value, abs=1e-9)
    assert (found.n_instances, found.n_annotations) == (expected.n_instances, expected.n_annotations)


def test_no_fact_depends_on_the_order_of_rows(sample_release: Path, tmp_path: Path) -> None:
    release = Path(shutil.copytree(sample_release, tmp_path / "assurai"))
    for config in ("annotations", "index", "reviews", "image"):
        change_rows(release, config, lambda rows: rows.reverse(), row_group_size=7)
    assert facts_of(release) == facts_of(sample_release)


def test_media_are_counted_by_column_with_their_bytes(sample_release: Path) -> None:
    found = {facts.column: facts for facts in facts_of(sample_release).media}
    rows = pq.read_table(parquet(sample_release, "image")).to_pylist()
    sizes = [len(row["image"]["bytes"]) for row in rows if row["image"]]
    made = [len(medium["bytes"]) for row in rows for medium in row["response_images"] or () if medium]
    assert (found["image"].number, found["image"].bytes) == (len(sizes), sum(sizes))
    assert (found["image"].smallest, found["image"].largest) == (min(sizes), max(sizes))
    assert (found["response_images"].number, found["response_images"].bytes) == (len(made), sum(made))
    assert facts_of(sample_release).asks_for_media["image"] == len(rows) - len(sizes)


def test_reviews_are_counted(sample_release: Path) -> None:
    rows = pq.read_table(parquet(sample_release, "reviews")).to_pylist()
    reviews = facts_of(sample_release).reviews
    assert (reviews.events, reviews.instances) == (len(rows), len({row["instance_id"] for row in rows}))
    assert sum(reviews.actions.values()) == len(rows)
    assert reviews.actions["drop"] == sum(row["action"] == "drop" for row in rows)


def test_declared_labels_keep_their_level(tmp_path: Path) -> None:
    declared = {
        "tone": {"level": "ordinal", "values": ["low", "middle", "high"]},
        "likeness": {"level": "interval", "min": 0, "max": 5},
        "topic": {"level": "nominal", "values": ["a", "b", "c"]},
    }
    ids = [f"fraud-{n}" for n in range(12)]
    words = ["low", "middle", "high"]
    judged = [
        make_annotation(
            instance_id=name,
            annotator_id=who,
            labels={"tone": words[(n + k % 2) % 3], "likeness": (n + k) / 4, "topic": "ab"[n % 2]},
        )
        for n, name in enumerate(ids)
        for k, who in enumerate("xyz")
    ]
    rows = [make_instance(id=name, prompt=f"{name}은 무엇을 묻나요?") for name in ids]
    delivery = make_delivery(tmp_path / "delivery", rows, judged, labels=declared)
    release = tmp_path / "assurai"
    assert build_release(delivery, output=release, version="1.0.0").report.errors == ()
    agreement = facts_of(release).agreement
    assert {name: agreement[name].level for name in declared} == {
        "tone": "ordinal",
        "likeness": "interval",
        "topic": "nominal",
    }
    assert agreement["topic"].krippendorff_alpha.value == 1.0
    scale = Ratings.from_columns(
        [row["instance_id"] for row in judged],
        [row["annotator_id"] for row in judged],
        [row["labels"]["tone"] for row in judged],
        level="ordinal",
        values=words,
    )
    expected = measure_agreement(scale, resamples=0).krippendorff_alpha.value
    assert agreement["tone"].krippendorff_alpha.value == pytest.approx(expected, abs=1e-9)


def test_a_release_without_annotations_and_reviews_says_so(tmp_path: Path) -> None:
    build_release(make_delivery(tmp_path / "delivery"), output=tmp_path / "assurai", version="1.0.0")
    facts = facts_of(tmp_path / "assurai")
    assert (facts.agreement, facts.reviews, facts.media, facts.annotators) == ({}, None, (), 0)
    card = (tmp_path / "assurai" / "README.md").read_text(encoding="utf-8")
    for said in ("All instances are text.", "This release has no annotations.", "This release has no review events."):
        assert said in card
