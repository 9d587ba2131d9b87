"""Build: ingest, validate, gate, pack."""

import logging
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from assurai_datasets import build_release
from assurai_datasets.errors import UsageError
from assurai_datasets.release import read_manifest, verify_release
from assurai_datasets.schema.codes import Code
from assurai_datasets.workflow.sample import make_sample_delivery
from tests.deliveries_made import annotated, make_annotation, make_delivery, make_instance, make_mixed_delivery
from tests.media_files import picture


def configs(release: Path) -> dict[str, int]:
    return {name: config.splits["test"].rows for name, config in read_manifest(release).configs.items()}


def test_a_mixed_delivery_becomes_a_release_that_datasets_reads_typed(tmp_path: Path) -> None:
    delivery = make_mixed_delivery(tmp_path / "delivery")
    built = build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    assert built.report.counts == {}
    assert configs(tmp_path / "assurai") == {
        "annotations": 18,
        "audio": 1,
        "image": 1,
        "index": 6,
        "taxonomy": 35,
        "text": 3,
        "video": 1,
    }
    image = load_dataset(str(tmp_path / "assurai"), "image", split="test")
    assert isinstance(image.features["image"], datasets.Image)
    assert image[0]["image"].size == (64, 48)
    for kind, feature in (("audio", datasets.Audio), ("video", datasets.Video)):
        assert isinstance(load_dataset(str(tmp_path / "assurai"), kind, split="test").features[kind], feature)


def test_the_bytes_of_media_without_private_metadata_are_those_delivered(tmp_path: Path) -> None:
    delivery = make_mixed_delivery(tmp_path / "delivery")
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    for kind, ending in (("image", "png"), ("audio", "wav"), ("video", "mp4")):
        rows = load_dataset(str(tmp_path / "assurai"), kind, split="test").with_format("arrow")[:]
        assert rows[kind][0].as_py()["bytes"] == (delivery / "media" / f"{kind}-1.{ending}").read_bytes()


def test_a_row_carries_the_consensus_of_its_annotations(tmp_path: Path) -> None:
    scores = [make_annotation(annotator_id=who, safety_score=score) for who, score in (("a", 5), ("b", 4), ("c", 3))]
    delivery = make_delivery(tmp_path / "delivery", annotations=scores)
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    row = load_dataset(str(tmp_path / "assurai"), "text", split="test")[0]
    assert (row["safety_score"], row["n_annotations"]) == (4.0, 3)
    assert row["agreement"] == pytest.approx((0.75 + 0.75 + 0.5) / 3)
    assert (row["risk_factor"], row["risk_factor_id"]) == ("Fraud", 21)


def test_raw_annotator_ids_reach_no_byte_of_a_release(tmp_path: Path) -> None:
    judged = [make_annotation(annotator_id=f"kim-minji-{n}", safety_score=n) for n in (3, 4, 5)]
    delivery = make_delivery(tmp_path / "delivery", annotations=judged)
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    names = set(load_dataset(str(tmp_path / "assurai"), "annotations", split="test")["annotator"])
    assert names == {"a001", "a002", "a003"}
    assert not [p for p in (tmp_path / "assurai").rglob("*") if p.is_file() and b"kim-minji" in p.read_bytes()]


def test_annotators_have_other_names_under_another_key_and_the_same_under_the_same(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", annotations=annotated("fraud-1"))

    def names(output: str, key: bytes) -> list[str]:
        build_release(delivery, output=tmp_path / output, version="1.0.0", annotator_key=key)
        return sorted(set(load_dataset(str(tmp_path / output), "annotations", split="test")["annotator"]))

    assert names("first", b"key one") == names("second", b"key one") != names("third", b"key two")


def test_errors_keep_a_release_from_being_written(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", [make_instance(prompt=" ")])
    built = build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    assert built.release is None
    assert [issue.code for issue in built.report.errors] == ["instance-prompt-blank"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["delivery"]


def test_an_existing_release_is_replaced_only_when_asked(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    with pytest.raises(UsageError, match="--overwrite"):
        build_release(delivery, output=tmp_path / "assurai", version="1.0.1")
    build_release(delivery, output=tmp_path / "assurai", version="1.0.1", overwrite=True)
    assert read_manifest(tmp_path / "assurai").version == "1.0.1"
    assert verify_release(tmp_path / "assurai").ok


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n", ""])
def test_a_version_that_is_not_three_numbers_is_a_wrong_call(tmp_path: Path, version: str) -> None:
    with pytest.raises(UsageError, match=r"as in 1\.0\.0"):
        build_release(make_delivery(tmp_path / "delivery"), output=tmp_path / "assurai", version=version)


@pytest.mark.parametrize("date", ["2026-13-01", "20260101", "yesterday"])
def test_a_date_that_is_none_is_a_wrong_call(tmp_path: Path, date: str) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        build_release(delivery, output=tmp_path / "assurai", version="1.0.0", date=date)


def test_the_date_is_the_latest_of_the_data_in_utc(tmp_path: Path) -> None:
    times = ("2026-05-04T23:30:00-02:00", "2026-05-05T00:10:00Z", "2026-05-04")
    judged = [make_annotation(annotator_id=str(n), created_at=time) for n, time in enumerate(times)]
    delivery = make_delivery(tmp_path / "delivery", annotations=judged)
    assert build_release(delivery, output=tmp_path / "assurai", version="1.0.0").release.date == "2026-05-05"


def test_source_date_epoch_comes_before_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    delivery = make_delivery(tmp_path / "delivery", annotations=annotated("fraud-1", created_at="2026-05-04"))
    assert build_release(delivery, output=tmp_path / "assurai", version="1.0.0").release.date == "2026-01-01"


def test_a_release_without_any_date_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        built = build_release(make_delivery(tmp_path / "delivery"), output=tmp_path / "assurai", version="1.0.0")
    assert built.release.date is None
    assert "no date" in caplog.text


def test_scores_of_the_opposite_polarity_are_turned(tmp_path: Path) -> None:
    answer = {"model": "sample-model-a", "text": "경찰에 신고하세요.", "safety_score": 1.5}
    instances = [make_instance(responses=[answer])]
    delivery = make_delivery(
        tmp_path / "delivery", instances, annotated("fraud-1", safety_score=2), score_polarity="risk"
    )
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    row = load_dataset(str(tmp_path / "assurai"), "text", split="test")[0]
    assert row["safety_score"] == 4.0
    assert row["responses"][0]["safety_score"] == 4.5


def test_a_medium_a_model_made_stands_beside_its_response(tmp_path: Path) -> None:
    made = [
        {"model": "sample-model-a", "text": "그릴 수 없습니다."},
        {"model": "sample-model-b", "media": {"path": "out.png"}},
    ]
    delivery = make_delivery(tmp_path / "delivery", [make_instance(id="draw-1", modality="image", responses=made)])
    (delivery / "out.png").write_bytes(picture())
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    row = load_dataset(str(tmp_path / "assurai"), "image", split="test")[0]
    assert row["image"] is None
    assert [None if medium is None else medium.size for medium in row["response_images"]] == [None, (64, 48)]


def test_an_instance_that_changed_hands_in_review_stays_out_and_is_listed(tmp_path: Path) -> None:
    delivery = make_sample_delivery(tmp_path / "sample")
    release = build_release(delivery, output=tmp_path / "assurai", version="1.0.0").release
    out = {entry.instance_id: entry.reason for entry in release.left_out}
    assert sorted(name[:8] for name in out) == ["r22_t003", "r28_t004"]
    assert not set(out) & set(load_dataset(str(tmp_path / "assurai"), "index", split="test")["id"])


def test_two_deliveries_become_one_release(tmp_path: Path) -> None:
    one = make_delivery(tmp_path / "one", name="one")
    two = make_delivery(
        tmp_path / "two", [make_instance(id="fraud-2", prompt="사기를 당했다면 무엇부터 할까요?")], name="two"
    )
    release = build_release(one, two, output=tmp_path / "assurai", version="1.0.0").release
    assert [(source.name, source.instances) for source in release.sources] == [("one", 1), ("two", 1)]


def test_a_delivery_is_only_read(tmp_path: Path) -> None:
    delivery = make_mixed_delivery(tmp_path / "delivery")
    before = {path: path.read_bytes() for path in delivery.rglob("*") if path.is_file()}
    build_release(delivery, output=tmp_path / "assurai", version="1.0.0")
    assert {path: path.read_bytes() for path in delivery.rglob("*") if path.is_file()} == before


def test_the_canary_is_the_same_in_every_version_and_in_every_file(tmp_path: Path) -> None:
    delivery = make_mixed_delivery(tmp_path / "delivery")
    first = build_release(delivery, output=tmp_path / "first", version="1.0.0").release
    second = build_release(delivery, output=tmp_path / "second", version="2.0.0").release
    assert first.canary == second.canary
    for path in (tmp_path / "first").rglob("*.parquet"):
        assert first.canary.encode() in pq.read_schema(path).metadata[b"assurai"]


def made_with_comment(folder: Path) -> Path:
    """Return a delivery with one picture that carries a comment."""
    row = make_instance(modality="image", prompt="이 그림은 사실인가요?", media={"path": "a.jpg"})
    delivery = make_delivery(folder, [row])
    (delivery / "a.jpg").write_bytes(picture("JPEG", comment=b"made by me"))
    return delivery


def test_a_release_whose_media_were_not_cleaned_says_so(tmp_path: Path) -> None:
    delivery, output = made_with_comment(tmp_path / "delivery"), tmp_path / "assurai"
    built = build_release(delivery, output=output, version="1.0.0", date="2026-01-01", workers=1, clean=False)
    assert [(i.code, i.hint) for i in built.report if i.code is Code.MEDIA_METADATA_PRIVATE] == [
        (Code.MEDIA_METADATA_PRIVATE, "clean it, or build without --no-clean")
    ]
    manifest = read_manifest(output)
    assert manifest.uncleaned_media is not None
    assert [(medium.instance_id, medium.private) for medium in manifest.uncleaned_media] == [("fraud-1", ("comment",))]
    card = (output / "README.md").read_text(encoding="utf-8")
    assert "Media were not cleaned: 1 are packed with private metadata" in card
    assert "미디어의 개인 메타데이터를 지우지 않았습니다: 1개" in card
    assert verify_release(output).ok


@pytest.mark.parametrize("clean", [True, False])
def test_a_release_whose_media_were_cleaned_or_that_has_none_says_nothing_of_media_left_as_they_were(
    tmp_path: Path, clean: bool
) -> None:
    delivery = made_with_comment(tmp_path / "delivery") if clean else make_delivery(tmp_path / "delivery")
    build_release(delivery, output=tmp_path / "a", version="1.0.0", date="2026-01-01", workers=1, clean=clean)
    assert "uncleaned_media" not in (tmp_path / "a" / "release.json").read_text(encoding="utf-8")
    assert "not cleaned" not in (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
