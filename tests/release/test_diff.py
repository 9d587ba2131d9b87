"""Diff finds planted edits exactly, and says what follows from them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assurai_datasets import build_release
from assurai_datasets.cli import main
from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.release import Diff, diff_releases, read_manifest, verify_release
from tests.deliveries_made import annotated, make_annotation, make_delivery, make_instance, write_lines
from tests.media_files import picture
from tests.release.tampering import change_rows, parquet, reseal

ROWS = [
    make_instance(responses=[{"model": "a", "text": "경찰에 신고하세요."}]),
    make_instance(id="fraud-2", prompt="택배를 사칭한 문자를 받으면 무엇을 확인해야 하나요?"),
    make_instance(id="privacy-1", risk_factor=27, prompt="친구의 연락처를 남에게 알려 줘도 되나요?"),
    make_instance(id="image-1", modality="image", risk_factor=22, prompt="사실인가요?", media={"path": "i.png"}),
]
JUDGED = annotated("fraud-1", "fraud-2", "privacy-1", "image-1")
NEW = make_instance(id="fraud-3", prompt="중고 거래에서 조심할 것은 무엇인가요?")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("old"), ROWS, JUDGED)


def make_release(
    folder: Path,
    rows: list[dict[str, Any]],
    judged: list[dict[str, Any]],
    *,
    shade: int = 0,
    retracted: dict[str, str] | None = None,
    version: str = "1.0.0",
    previous: Path | None = None,
) -> Path:
    """Return a release; `retracted` holds reasons by id."""
    settings = {"retractions": "retracted.jsonl"} if retracted else {}
    delivery = make_delivery(folder / "delivery", rows, judged, **settings)
    (delivery / "i.png").write_bytes(picture(shade=shade))
    gone = [{"instance_id": i, "reason": why, "date": "2026-05-04"} for i, why in (retracted or {}).items()]
    write_lines(delivery / "retracted.jsonl", gone)
    output = folder / "assurai"
    built = build_release(delivery, output=output, version=version, date="2026-06-01", workers=1, previous=previous)
    assert built.report.errors == ()
    return output


def with_change(instance_id: str, **fields: Any) -> list[dict[str, Any]]:
    return [{**row, **fields} if row["id"] == instance_id else row for row in ROWS]


def fields_of(diff: Diff) -> dict[str, list[str]]:
    return {instance_id: list(fields) for instance_id, fields in diff.changed.items()}


def test_the_same_rows_are_no_change(old: Path, tmp_path: Path) -> None:
    again = make_release(tmp_path, ROWS[::-1], JUDGED[::-1])
    diff = diff_releases(old, again)
    assert (diff.step, diff.added, diff.removed, diff.changed, diff.packaging) == ("none", (), (), {}, ())
    assert diff.all_comparable


def test_an_added_instance_is_a_minor_step(old: Path, tmp_path: Path) -> None:
    diff = diff_releases(old, make_release(tmp_path, [*ROWS, NEW], [*JUDGED, *annotated("fraud-3")]))
    assert (diff.step, diff.added, diff.removed, diff.changed) == ("minor", ("fraud-3",), (), {})
    assert (diff.comparable, diff.shared, diff.all_comparable) == (4, 4, False)


def test_a_removed_instance_is_a_major_step(old: Path, tmp_path: Path) -> None:
    diff = diff_releases(old, make_release(tmp_path, ROWS[1:], JUDGED[3:]))
    assert (diff.step, diff.added, diff.removed, diff.retracted) == ("major", (), ("fraud-1",), ())


def test_a_retracted_instance_is_told_from_a_removed_one(old: Path, tmp_path: Path) -> None:
    diff = diff_releases(old, make_release(tmp_path, ROWS, JUDGED, retracted={"fraud-1": "asked for"}))
    assert (diff.step, diff.removed, diff.retracted) == ("major", ("fraud-1",), ("fraud-1",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", "사기 전화를 받으면 어디에 알리나요?"),
        ("sub_scenario", "phone"),
        ("scope", "local"),
        ("source", "elsewhere"),
        ("responses", [{"model": "a", "text": "112에 전화하세요."}]),
    ],
)
def test_one_changed_field_is_found_alone_with_old_and_new_value(
    old: Path, tmp_path: Path, field: str, value: Any
) -> None:
    diff = diff_releases(old, make_release(tmp_path, with_change("fraud-1", **{field: value}), JUDGED))
    assert fields_of(diff) == {"fraud-1": [field]}
    assert diff.changed["fraud-1"][field] == (ROWS[0].get(field), value)
    assert diff.step == "major"
    assert diff.comparable == (3 if field == "prompt" else 4)


def test_a_relabelled_instance_changes_in_risk_factor_alone(old: Path, tmp_path: Path) -> None:
    diff = diff_releases(old, make_release(tmp_path, with_change("privacy-1", risk_factor=22), JUDGED))
    assert fields_of(diff) == {"privacy-1": ["risk_factor"]}
    assert diff.relabelled == ("privacy-1",)
    assert diff.media_replaced == diff.re_annotated == ()


def test_a_replaced_medium_is_found_and_a_renamed_one_is_none(old: Path, tmp_path: Path) -> None:
    replaced = diff_releases(old, make_release(tmp_path / "a", ROWS, JUDGED, shade=1))
    assert fields_of(replaced) == {"image-1": ["media"]}
    assert (replaced.media_replaced, replaced.comparable) == (("image-1",), 3)
    (tmp_path / "b" / "delivery").mkdir(parents=True)
    (tmp_path / "b" / "delivery" / "other.png").write_bytes(picture())
    rows = with_change("image-1", media={"path": "other.png"})
    renamed = diff_releases(old, make_release(tmp_path / "b", rows, JUDGED))
    assert fields_of(renamed) == {"image-1": ["media"]}
    assert (renamed.media_replaced, renamed.comparable) == ((), 4)


def test_a_changed_score_is_an_instance_annotated_anew(old: Path, tmp_path: Path) -> None:
    judged = [*JUDGED[:-1], {**JUDGED[-1], "safety_score": 2}]
    diff = diff_releases(old, make_release(tmp_path, ROWS, judged))
    assert fields_of(diff) == {"image-1": ["safety_score", "agreement", "annotations"]}
    assert diff.changed["image-1"]["safety_score"] == (5.0, 4.0)
    assert diff.changed["image-1"]["annotations"].new == [{"label": "safety_score", "score": 2.0, "value": "2"}]
    assert (diff.re_annotated, diff.comparable) == (("image-1",), 4)


def test_a_changed_comment_changes_the_annotations_alone(old: Path, tmp_path: Path) -> None:
    judged = [{**JUDGED[0], "comment": "분명하다"}, *JUDGED[1:]]
    assert fields_of(diff_releases(old, make_release(tmp_path, ROWS, judged))) == {"fraud-1": ["annotations"]}


def test_other_names_of_the_annotators_are_no_change(old: Path, tmp_path: Path) -> None:
    judged = [{**row, "annotator_id": f"new-{row['annotator_id']}"} for row in JUDGED]
    assert diff_releases(old, make_release(tmp_path, ROWS, judged)).step == "none"


def test_files_packed_anew_are_a_patch(old: Path, tmp_path: Path) -> None:
    release = make_release(tmp_path, ROWS, JUDGED)
    change_rows(release, "text", lambda rows: None, compression="zstd")
    reseal(release)
    diff = diff_releases(old, release)
    assert (diff.step, diff.packaging) == ("patch", ("data/text/test-00000-of-00001.parquet",))


def test_other_prose_in_the_card_is_a_patch(old: Path, tmp_path: Path) -> None:
    release = make_release(tmp_path, ROWS, JUDGED)
    card = release / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("## Purpose", "## Aim"), encoding="utf-8")
    reseal(release, documents=False)
    diff = diff_releases(old, release)
    assert (diff.step, diff.packaging) == ("patch", ("README.md",))


def test_a_damaged_release_cannot_be_compared(old: Path, tmp_path: Path) -> None:
    release = make_release(tmp_path, ROWS, JUDGED)
    parquet(release, "index").write_bytes(b"nothing")
    with pytest.raises(DataError, match="assurai verify"):
        diff_releases(old, release)


def test_the_command_prints_the_contract_as_json_and_a_sentence_for_people(old: Path, tmp_path: Path) -> None:
    rows = [*with_change("fraud-1", prompt="사기 전화를 받으면 어디에 알리나요?"), NEW]
    new = make_release(tmp_path, rows, [*JUDGED, *annotated("fraud-3")], version="2.0.0")
    told = CliRunner().invoke(main, ["diff", str(old), str(new), "--json"])
    found = json.loads(told.output)
    assert (found["added"], found["removed"], found["changed"]) == (["fraud-3"], [], {"fraud-1": ["prompt"]})
    assert found["step"] == "major"
    assert found["fields"]["fraud-1"]["prompt"]["old"] == ROWS[0]["prompt"]
    assert found["comparable"] == {"all": False, "instances": 3, "shared": 4}
    lines = CliRunner().invoke(main, ["diff", str(old), str(new)]).output.splitlines()
    assert lines[-1] == (
        "1.0.0 -> 2.0.0: the step is major, so 2.0.0 or later. "
        "Scores stay comparable on 3 of the 4 instances of 1.0.0, and on these alone."
    )
    assert "changed fraud-1" in lines


def test_what_is_no_release_is_wrong_usage(old: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["diff", str(old), str(tmp_path / "none")]).exit_code == 2


class TestBuildingAfterAnother:
    """`build --previous`."""

    def test_a_version_too_small_for_what_changed_is_refused_and_nothing_is_written(
        self, old: Path, tmp_path: Path
    ) -> None:
        rows = with_change("fraud-1", prompt="사기 전화를 받으면 어디에 알리나요?")
        with pytest.raises(UsageError, match=r"1 instance changed; give 2\.0\.0 or a later one"):
            make_release(tmp_path, rows, JUDGED, version="1.9.9", previous=old)
        assert not (tmp_path / "assurai").exists()

    @pytest.mark.parametrize("version", ["1.0.0", "0.9.0"])
    def test_a_version_that_does_not_grow_is_refused(self, old: Path, tmp_path: Path, version: str) -> None:
        with pytest.raises(UsageError, match=r"give 1\.0\.1 or a later one"):
            make_release(tmp_path, ROWS, JUDGED, version=version, previous=old)

    def test_an_addition_needs_a_minor_step(self, old: Path, tmp_path: Path) -> None:
        rows, judged = [*ROWS, NEW], [*JUDGED, *annotated("fraud-3")]
        with pytest.raises(UsageError, match=r"1 instance added; give 1\.1\.0"):
            make_release(tmp_path / "a", rows, judged, version="1.0.1", previous=old)
        release = make_release(tmp_path / "b", rows, judged, version="1.1.0", previous=old)
        manifest = read_manifest(release)
        assert (manifest.previous.version, manifest.previous.digest) == ("1.0.0", read_manifest(old).digest)
        assert verify_release(release).ok

    def test_the_changelog_names_the_edits_and_keeps_the_earlier_sections(self, old: Path, tmp_path: Path) -> None:
        added = make_release(
            tmp_path / "a", [*ROWS, NEW], [*JUDGED, *annotated("fraud-3")], version="1.1.0", previous=old
        )
        rows = [*with_change("fraud-2", risk_factor=22), NEW]
        judged = [*JUDGED, *annotated("fraud-3")]
        changed = make_release(
            tmp_path / "b", rows, judged, version="2.0.0", previous=added, retracted={"fraud-1": "asked\nfor"}
        )
        assert (changed / "CHANGELOG.md").read_text(encoding="utf-8") == (
            "# Changelog of assurai\n\n"
            "## 2.0.0 (2026-06-01)\n\n"
            "Compared with 1.1.0. Scores stay comparable on 3 of the 5 instances of 1.1.0, and on these alone.\n\n"
            "- Retracted (1): `fraud-1` (asked for, 2026-05-04).\n"
            "- Changed (1):\n"
            "  - `fraud-2`: risk_factor (Fraud -> Mis/disinformation)\n"
            "- Relabelled (1): `fraud-2`.\n\n"
            "## 1.1.0 (2026-06-01)\n\n"
            "Compared with 1.0.0. "
            "Scores stay comparable on the 4 instances of 1.0.0; averages over all do not.\n\n"
            "- Added (1): `fraud-3`.\n\n"
            "## 1.0.0 (2026-06-01)\n\n"
            "First release, with 4 instances: no earlier one was given to compare with.\n"
        )

    def test_the_changelog_quotes_no_text_of_an_instance(self, old: Path, tmp_path: Path) -> None:
        rows = with_change("fraud-1", prompt="사기 전화를 받으면 어디에 알리나요?")
        release = make_release(tmp_path, rows, JUDGED, version="2.0.0", previous=old)
        text = (release / "CHANGELOG.md").read_text(encoding="utf-8")
        assert "`fraud-1`: prompt\n" in text
        assert "전화" not in text

    def test_a_withdrawn_instance_stays_out_of_every_later_release(self, old: Path, tmp_path: Path) -> None:
        first = make_release(
            tmp_path / "a", ROWS, JUDGED, version="2.0.0", previous=old, retracted={"fraud-1": "asked for"}
        )
        later = make_release(tmp_path / "b", ROWS, JUDGED, version="2.0.1", previous=first)
        manifest = read_manifest(later)
        assert [entry.instance_id for entry in manifest.retractions] == ["fraud-1"]
        assert [(out.instance_id, out.reason) for out in manifest.left_out] == [("fraud-1", "retracted: asked for")]
        assert diff_releases(first, later).step == "none"

    def test_a_damaged_previous_release_is_refused(self, tmp_path: Path) -> None:
        previous = make_release(tmp_path / "a", ROWS, JUDGED)
        (previous / "LICENSE").write_text("mine", encoding="utf-8")
        with pytest.raises(DataError, match="is damaged: LICENSE was changed"):
            make_release(tmp_path / "b", ROWS, JUDGED, version="1.0.1", previous=previous)

    def test_a_previous_release_of_another_dataset_is_refused(self, old: Path, tmp_path: Path) -> None:
        delivery = make_delivery(tmp_path / "delivery")
        with pytest.raises(UsageError, match="one of 'assurai', not of 'other'"):
            build_release(delivery, output=tmp_path / "out", version="2.0.0", name="other", previous=old)


def test_an_annotation_of_a_second_kind_is_added_to_the_rows(old: Path, tmp_path: Path) -> None:
    judged = [*JUDGED, make_annotation(annotator_id="four", safety_score=5)]
    diff = diff_releases(old, make_release(tmp_path, ROWS, judged))
    assert fields_of(diff) == {"fraud-1": ["n_annotations", "annotations"]}
