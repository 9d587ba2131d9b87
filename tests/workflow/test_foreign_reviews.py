"""Review events of other people's tools: the published fields alone, raw names, no seals; their way into a release."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from assurai_datasets import build_release, validate
from assurai_datasets.cli import main
from assurai_datasets.errors import DataError
from assurai_datasets.review import chain_faults, event_digest
from assurai_datasets.review.chain import event_line
from assurai_datasets.schema.review import ReviewEvent
from assurai_datasets.workflow.ledgers import ledger_of
from assurai_datasets.workflow.review import decide_review, review_status, verify_review
from tests.deliveries_made import make_delivery, make_instance, write_lines

KIM, LEE = "kim@example.org", "Dr. Lee"
PROMPTS = (
    "신고는 어디에 하나요?",
    "도움은 어디에서 받을 수 있나요?",
    "상담 전에 무엇을 준비하나요?",
    "증빙은 어떻게 모으나요?",
)


def event(sequence: int, number: int, action: str, reviewer: str = KIM, **more: Any) -> dict[str, Any]:
    return {
        "sequence": sequence,
        "instance_id": f"item-{number}",
        "round": 1,
        "reviewer_id": reviewer,
        "action": action,
        **more,
    }


REVIEWS = [
    event(1, 1, "accept"),
    event(2, 2, "drop", LEE),
    event(3, 3, "request_changes", LEE, corrective_action=f"{KIM}님이 제안한 대로 고칩니다."),
    event(4, 4, "revise", LEE, changes={"prompt": "고쳐 쓴 질문은 이것인가요?"}),
    event(5, 4, "accept", created_at="2025-03-01"),
]


def reviewed(folder: Path, reviews: list[dict[str, Any]]) -> Path:
    rows = [make_instance(id=f"item-{n}", prompt=text) for n, text in enumerate(PROMPTS, start=1)]
    make_delivery(folder, rows, reviews="reviews.jsonl")
    write_lines(folder / "reviews.jsonl", reviews)
    return folder


def sealed(*events: dict[str, Any]) -> list[dict[str, Any]]:
    """Return events linked and sealed as they stand, raw names and all."""
    rows: list[dict[str, Any]] = []
    for fields in events:
        previous = {"previous": rows[-1]["digest"]} if rows else {}
        digest = event_digest(ReviewEvent.model_validate({**fields, **previous}))
        rows.append({**fields, **previous, "digest": digest})
    return rows


def build(delivery: Path, output: Path, *more: str) -> Any:
    command = ["build", str(delivery), "-o", str(output), "--version", "1.0.0", "--date", "2025-03-02", *more]
    return CliRunner().invoke(main, command)


def released(release: Path) -> list[ReviewEvent]:
    rows = [
        row for path in sorted((release / "data/reviews").glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]
    given = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return [ReviewEvent.model_validate({**row, "changes": json.loads(row.get("changes", "null"))}) for row in given]


def every_byte(folder: Path) -> bytes:
    """Return the bytes of every file of a release, Parquet cells unpacked too."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    cells = [str(pq.read_table(path).to_pylist()).encode() for path in files if path.suffix == ".parquet"]
    return b"\n".join([*(path.read_bytes() for path in files), *cells])


def test_events_with_the_published_fields_alone_decide_what_enters(tmp_path: Path) -> None:
    built = build_release(reviewed(tmp_path / "d", REVIEWS), output=tmp_path / "assurai", version="1.0.0", workers=1)
    assert built.report.counts == {}
    assert built.release is not None
    assert {entry.instance_id: entry.reason for entry in built.release.left_out} == {
        "item-2": "review: dropped in round 1",
        "item-3": "review: changes requested in round 1",
    }
    text = pq.read_table(tmp_path / "assurai/data/text/test-00000-of-00001.parquet").to_pylist()
    assert {row["id"]: row["prompt"] for row in text} == {"item-1": PROMPTS[0], "item-4": "고쳐 쓴 질문은 이것인가요?"}


def test_raw_reviewer_names_reach_no_byte_of_a_release_or_of_what_is_printed(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", REVIEWS)
    result = build(delivery, tmp_path / "assurai")
    assert result.exit_code == 0, result.output
    printed = result.output
    for verb in ("next", "status"):
        for more in ((), ("--json",)):
            shown = CliRunner().invoke(main, ["review", verb, str(delivery), *more])
            assert shown.exit_code == 0, shown.output
            printed += shown.output
    everything = every_byte(tmp_path / "assurai") + printed.encode()
    for name in (KIM, LEE, "kim@", "example.org", "Dr. L"):
        assert name.casefold().encode() not in everything.lower()


def test_the_chain_holds_in_the_release_with_numbers_kept_and_one_pseudonym_a_person(tmp_path: Path) -> None:
    reviews = [*REVIEWS[:4], {**REVIEWS[4], "reviewer_id": " KIM@example.org "}]
    assert build(reviewed(tmp_path / "d", reviews), tmp_path / "assurai").exit_code == 0
    events = released(tmp_path / "assurai")
    assert list(chain_faults(events)) == []
    assert [entry.sequence for entry in events] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in events] == [None, *(entry.digest for entry in events[:-1])]
    kim, lee = events[0].reviewer_id, events[1].reviewer_id
    assert [entry.reviewer_id for entry in events] == [kim, lee, lee, lee, kim]
    assert events[2].corrective_action == f"{kim}님이 제안한 대로 고칩니다."


def test_a_pseudonym_depends_on_the_decisions_and_not_on_the_name_or_the_order_of_rows(tmp_path: Path) -> None:
    other = json.loads(json.dumps(REVIEWS[::-1]).replace(KIM, "park").replace(LEE, "choi"))
    assert build(reviewed(tmp_path / "one", REVIEWS), tmp_path / "a").exit_code == 0
    assert build(reviewed(tmp_path / "two", other), tmp_path / "b").exit_code == 0
    assert released(tmp_path / "a") == released(tmp_path / "b")


def test_sealed_tables_with_pseudonyms_stay_byte_for_byte_as_they_are(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", [])
    for number, action in ((1, "accept"), (2, "begin"), (2, "drop")):
        decide_review(delivery, f"item-{number}", action, reviewer=LEE, finding="other")  # type: ignore[arg-type]
    ledger = ledger_of(delivery).rename(delivery / "reviews.jsonl")
    assert build(delivery, tmp_path / "assurai").exit_code == 0
    lines = [event_line(entry) for entry in released(tmp_path / "assurai")]
    assert lines == ledger.read_bytes().splitlines()


@pytest.mark.parametrize("action", ["drop", "accept", "request_changes"])
def test_a_single_event_without_finding_and_digest_is_taken(tmp_path: Path, action: str) -> None:
    delivery = reviewed(tmp_path / "d", [event(1, 1, action)])
    assert build(delivery, tmp_path / "assurai").exit_code == 0
    (kept,) = released(tmp_path / "assurai")
    assert (kept.action, kept.previous, kept.digest) == (action, None, event_digest(kept))


def test_a_table_sealed_over_raw_names_is_checked_and_sealed_anew(tmp_path: Path) -> None:
    rows = sealed(*REVIEWS)
    assert build(reviewed(tmp_path / "d", rows), tmp_path / "assurai").exit_code == 0
    events = released(tmp_path / "assurai")
    assert list(chain_faults(events)) == []
    assert {entry.digest for entry in events}.isdisjoint(row["digest"] for row in rows)
    rows[1]["action"] = "accept"
    (issue,) = validate(reviewed(tmp_path / "d", rows), workers=1).errors
    assert (issue.code.value, issue.where.line) == ("review-chain-broken", 2)


def test_the_last_event_of_a_sealed_table_may_lack_its_digest(tmp_path: Path) -> None:
    rows = sealed(*REVIEWS[:3])
    del rows[-1]["digest"]
    assert validate(reviewed(tmp_path / "d", rows), workers=1).counts == {}


def test_a_later_event_without_previous_breaks_a_table_that_carries_digests(tmp_path: Path) -> None:
    rows = sealed(REVIEWS[0])
    report = validate(reviewed(tmp_path / "d", [*rows, REVIEWS[1]]), workers=1)
    assert [(issue.code.value, issue.where.line) for issue in report.errors] == [("review-chain-broken", 2)]


def test_a_previous_that_is_given_must_be_the_digest_of_the_event_before(tmp_path: Path) -> None:
    right = event_digest(ReviewEvent.model_validate(REVIEWS[0]))
    linked = [REVIEWS[0], {**REVIEWS[1], "previous": right}]
    assert validate(reviewed(tmp_path / "right", linked), workers=1).counts == {}
    wrong = [REVIEWS[0], {**REVIEWS[1], "previous": "0" * 64}]
    assert validate(reviewed(tmp_path / "wrong", wrong), workers=1).counts == {"review-chain-broken": 1}


def test_events_may_be_numbered_for_each_instance_and_a_gap_is_found(tmp_path: Path) -> None:
    by_instance = [event(1, 1, "accept"), event(1, 2, "request_changes"), event(2, 2, "drop"), event(1, 3, "accept")]
    delivery = reviewed(tmp_path / "d", by_instance)
    assert build(delivery, tmp_path / "assurai").exit_code == 0
    assert list(chain_faults(released(tmp_path / "assurai"))) == []
    gap = [event(1, 1, "accept"), event(3, 2, "accept")]
    assert validate(reviewed(tmp_path / "gap", gap), workers=1).counts == {"review-chain-broken": 1}


def test_tables_of_several_files_may_each_count_from_one(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", [event(1, 1, "accept"), event(2, 2, "accept")])
    write_lines(delivery / "reviews-2.jsonl", [event(1, 3, "accept"), event(2, 3, "drop")])
    settings = json.loads((delivery / "delivery.yaml").read_text(encoding="utf-8"))
    (delivery / "delivery.yaml").write_text(json.dumps({**settings, "reviews": "reviews*.jsonl"}), encoding="utf-8")
    assert validate(delivery, workers=1).counts == {}


def test_a_table_as_csv_is_read_alike(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", [])
    lines = ["sequence,instance_id,round,reviewer_id,action,finding,changes", f"1,item-1,1,{KIM},drop,,"]
    lines.append(f'2,item-2,1,{KIM},revise,,"{{""prompt"": ""새 질문인가요?""}}"')
    (delivery / "reviews.jsonl").unlink()
    (delivery / "reviews.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = json.loads((delivery / "delivery.yaml").read_text(encoding="utf-8"))
    (delivery / "delivery.yaml").write_text(json.dumps({**settings, "reviews": "reviews.csv"}), encoding="utf-8")
    assert validate(delivery, workers=1).counts == {}
    assert review_status(delivery).states == {"constructed": 2, "revised": 1, "dropped": 1}


def test_an_illegal_step_is_still_one_and_a_digest_that_is_given_is_checked(tmp_path: Path) -> None:
    assert validate(reviewed(tmp_path / "a", [event(1, 1, "restore")]), workers=1).counts == {
        "review-transition-illegal": 1
    }
    for field in ("before", "after"):
        wrong = [event(1, 1, "accept", **{field: "0" * 64})]
        assert validate(reviewed(tmp_path / field, wrong), workers=1).counts == {"review-digest-mismatch": 1}


def test_rounds_may_be_counted_in_any_way_but_backwards(tmp_path: Path) -> None:
    steps = [event(1, 1, "request_changes"), event(2, 1, "drop"), event(3, 1, "restore")]
    steps[1]["round"] = steps[2]["round"] = 5
    assert validate(reviewed(tmp_path / "on", steps), workers=1).counts == {}
    steps[2]["round"] = 4
    assert validate(reviewed(tmp_path / "back", steps), workers=1).counts == {"review-value-invalid": 1}


def test_a_delivered_table_that_does_not_hold_is_not_gone_on_from(tmp_path: Path) -> None:
    rows = sealed(*REVIEWS)
    rows[0]["round"] = 2
    delivery = reviewed(tmp_path / "d", rows)
    with pytest.raises(DataError, match="event 1 is not the one"):
        decide_review(delivery, "item-4", "drop", reviewer="park", finding="other")
    assert not ledger_of(delivery).exists()


def test_a_reviewer_named_like_an_annotator_of_the_instance_is_found_without_the_name(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", [event(1, 1, "accept")])
    settings = json.loads((delivery / "delivery.yaml").read_text(encoding="utf-8"))
    (delivery / "delivery.yaml").write_text(
        json.dumps({**settings, "annotations": "annotations.jsonl"}), encoding="utf-8"
    )
    judged = [
        {"instance_id": "item-1", "annotator_id": who, "safety_score": 4} for who in (KIM.upper(), "two", "three")
    ]
    write_lines(delivery / "annotations.jsonl", judged)
    (issue,) = validate(delivery, workers=1).errors
    assert issue.code.value == "review-reviewer-annotated"
    assert "kim" not in issue.model_dump_json().casefold()


def test_a_review_begun_elsewhere_goes_on_in_the_ledger(tmp_path: Path) -> None:
    delivery = reviewed(tmp_path / "d", REVIEWS)
    decided = decide_review(delivery, "item-4", "drop", reviewer="park", finding="other")
    assert (decided.sequence, decided.round) == (1, 2)
    decide_review(delivery, "item-2", "restore", reviewer="park")
    assert verify_review(delivery).issues == ()
    assert review_status(delivery).states == {"changes_requested": 1, "accepted": 1, "dropped": 1, "restored": 1}
    assert build(delivery, tmp_path / "assurai").exit_code == 0
    assert list(chain_faults(released(tmp_path / "assurai"))) == []


def test_archives_of_one_name_in_different_folders_have_ledgers_of_their_own(tmp_path: Path) -> None:
    archives = []
    for place in ("one", "two"):
        rows = [make_instance(id=f"{place}-1", prompt=f"{place}: 어디에 물어보면 되나요?")]
        folder = make_delivery(tmp_path / place / "batch", rows, name=place)
        archives.append(Path(shutil.make_archive(str(folder), "zip", folder)))
        shutil.rmtree(folder)
    for archive, place in zip(archives, ("one", "two"), strict=True):
        decide_review(archive, f"{place}-1", "drop" if place == "one" else "accept", reviewer="kim", finding="other")
    built = build_release(*archives, output=tmp_path / "assurai", version="1.0.0", workers=1)
    assert built.report.errors == ()
    assert built.release is not None
    assert [entry.instance_id for entry in built.release.left_out] == ["one-1"]
    assert len(released(tmp_path / "assurai")) == 2
