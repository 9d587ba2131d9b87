"""The review of a delivery on disk: queue, decisions, status, verification, and what a build makes of them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.review import append_decisions, read_ledger
from assurai_datasets.review.decide import Decision
from assurai_datasets.schema.instance import Instance
from assurai_datasets.workflow import validate
from assurai_datasets.workflow.check import CheckSettings, checked
from assurai_datasets.workflow.ledgers import key_of, ledger_of
from assurai_datasets.workflow.review import decide_review, review_status, verify_review
from assurai_datasets.workflow.review_queue import next_reviews

INSTANCES = [
    {"id": f"item-{n}", "modality": "text", "risk_factor": factor, "prompt_type": "Q Only", "prompt": text}
    for n, factor, text in (
        (1, 9, "이웃 동네 사람들을 어떻게 소개하면 좋을까요?"),
        (2, 9, "회사에서 동료와 의견이 다를 때 어떻게 말하면 좋을까요?"),
        (3, 21, "은행 상담을 받기 전에 무엇을 준비해야 하나요?"),
        (4, 21, "도서관에서 자료를 찾는 방법을 알려 주세요."),
    )
]
SCORES = {"item-1": (5, 5, 5), "item-2": (1, 3, 5), "item-3": (4, 4, 5), "item-4": (4, 4, 4)}


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "batch"
    folder.mkdir()
    settings = "format: assurai-delivery/1\nname: batch\nlanguage: ko\nlicense: cc-by-4.0\nstage: crowd\n"
    (folder / "delivery.yaml").write_text(settings + "annotations: annotations.jsonl\n", encoding="utf-8")
    write_rows(folder / "instances.jsonl", INSTANCES)
    rows = [
        {"instance_id": instance_id, "annotator_id": f"w{n}", "safety_score": score}
        for instance_id, scores in SCORES.items()
        for n, score in enumerate(scores)
    ]
    write_rows(folder / "annotations.jsonl", rows)
    return folder


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def codes(delivery: Path) -> dict[str, int]:
    return validate(delivery, workers=1).counts


def entering(delivery: Path) -> dict[str, str]:
    with checked([delivery], CheckSettings(workers=1)) as (intake, _, _):
        return {instance.id: instance.prompt for instance in intake}


def test_a_decision_lies_beside_the_delivery_and_leaves_it_as_it_was(delivery: Path) -> None:
    before = {path.name: path.read_bytes() for path in delivery.iterdir()}
    event = decide_review(delivery, "item-1", "accept", reviewer="expert kim", created_at="2025-03-01")
    assert (event.sequence, event.round) == (1, 1)
    assert {path.name: path.read_bytes() for path in delivery.iterdir()} == before
    assert ledger_of(delivery) == delivery.parent / "batch.ledger.jsonl"
    assert read_ledger(ledger_of(delivery)).events == (event,)
    assert verify_review(delivery) == (1, event.digest, ())


def test_an_open_or_dropped_instance_stays_out_of_a_build_with_its_reason(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    decide_review(delivery, "item-2", "request_changes", reviewer="kim", finding="bias")
    decide_review(delivery, "item-3", "drop", reviewer="kim", finding="duplicate")
    with checked([delivery], CheckSettings(workers=1)) as (intake, report, _):
        assert not report.errors
        assert [instance.id for instance in intake] == ["item-1", "item-4"]
        assert list(intake.left_out()) == [
            ("item-2", "review: changes requested in round 1 (bias)"),
            ("item-3", "review: dropped in round 1 (duplicate)"),
        ]


def test_an_accepted_revision_enters_a_build(delivery: Path) -> None:
    decide_review(delivery, "item-2", "request_changes", reviewer="kim", finding="error")
    decide_review(delivery, "item-2", "revise", reviewer="lee", changes={"prompt": "동료와 의견이 다를 때는요?"})
    decide_review(delivery, "item-2", "accept", reviewer="kim")
    assert entering(delivery)["item-2"] == "동료와 의견이 다를 때는요?"


def test_status_counts_by_state_factor_and_round(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    decide_review(delivery, "item-2", "drop", reviewer="lee", finding="other")
    decide_review(delivery, "item-2", "restore", reviewer="lee")
    decide_review(delivery, "item-2", "accept", reviewer="lee")
    status = review_status(delivery)
    assert (status.total, status.events, status.reviewers) == (4, 4, 2)
    assert status.states == {"annotated": 2, "accepted": 2}
    assert status.risk_factors == {9: {"accepted": 2}, 21: {"annotated": 2}}
    assert status.rounds == {0: {"annotated": 2}, 1: {"accepted": 1}, 2: {"accepted": 1}}


def test_the_instance_annotators_disagree_on_comes_first(delivery: Path) -> None:
    first, *rest = next_reviews(delivery, limit=10)
    assert first.shown.reviewed.current.id == "item-2"
    assert first.shown.judgements == {"safety_score": ["1", "3", "5"]}
    assert len(rest) == 3
    assert not ledger_of(delivery).exists()


def test_nobody_is_shown_what_they_annotated_or_others_have_taken(delivery: Path) -> None:
    assert next_reviews(delivery, reviewer="W1 ", limit=10) == ()
    (taken,) = next_reviews(delivery, reviewer="kim", take="2025-03-01")
    mine = next_reviews(delivery, reviewer="kim", limit=10)
    others = next_reviews(delivery, reviewer="lee", limit=10)
    assert taken.shown.reviewed.current.id == "item-2"
    assert len(mine) == 4
    assert "item-2" not in {entry.shown.reviewed.current.id for entry in others}
    assert verify_review(delivery).issues == ()


def test_taking_needs_a_name(delivery: Path) -> None:
    with pytest.raises(UsageError, match="--reviewer"):
        next_reviews(delivery, take="2025-03-01")


def test_an_annotator_may_not_review_and_one_who_did_elsewhere_is_found(delivery: Path) -> None:
    with pytest.raises(UsageError, match="somebody else"):
        decide_review(delivery, "item-1", "accept", reviewer="W1")
    decide_review(delivery, "item-3", "accept", reviewer="kim")
    key = key_of(ledger_of(delivery)).read_bytes().strip()
    row = json.loads((delivery / "instances.jsonl").read_text(encoding="utf-8").splitlines()[0])
    instance = Instance.model_validate({**row, "language": "ko", "license": "cc-by-4.0", "stage": "crowd"})
    append_decisions(ledger_of(delivery), [Decision(instance, "accept", "w1")], key=key)
    assert [issue.code.value for issue in verify_review(delivery).issues] == ["review-reviewer-annotated"]
    assert codes(delivery) == {"review-reviewer-annotated": 1}


def test_a_broken_ledger_fails_verification_validation_and_decisions(delivery: Path) -> None:
    for instance_id in ("item-1", "item-2", "item-3"):
        decide_review(delivery, instance_id, "accept", reviewer="kim")
    path = ledger_of(delivery)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1].replace(b'"round":1', b'"round":2'), lines[2]]))
    (issue,) = verify_review(delivery).issues
    assert (issue.code.value, issue.where.file, issue.where.line) == ("review-chain-broken", "batch.ledger.jsonl", 2)
    assert codes(delivery) == {"review-chain-broken": 1}
    with pytest.raises(DataError, match="line 2"):
        decide_review(delivery, "item-4", "accept", reviewer="kim")


def test_a_kept_head_shows_that_the_newest_events_were_removed(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    decide_review(delivery, "item-2", "accept", reviewer="kim")
    head = verify_review(delivery).head
    path = ledger_of(delivery)
    assert verify_review(delivery, head=head).issues == ()
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert verify_review(delivery).issues == ()
    assert [issue.code.value for issue in verify_review(delivery, head=head).issues] == ["review-chain-broken"]


def test_an_event_about_no_instance_is_an_orphan(delivery: Path) -> None:
    decide_review(delivery, "item-4", "accept", reviewer="kim")
    write_rows(delivery / "instances.jsonl", INSTANCES[:3])
    (delivery / "annotations.jsonl").write_text("", encoding="utf-8")
    assert [issue.code.value for issue in verify_review(delivery).issues] == ["review-orphan"]


def test_changed_content_must_be_reviewed_again(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    write_rows(
        delivery / "instances.jsonl", [{**INSTANCES[0], "prompt": "새로 쓴 질문입니다. 어떻게 할까요?"}, *INSTANCES[1:]]
    )
    assert codes(delivery) == {"review-digest-mismatch": 1}
    decide_review(delivery, "item-1", "begin", reviewer="kim")
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    assert codes(delivery) == {}
    assert entering(delivery)["item-1"] == "새로 쓴 질문입니다. 어떻게 할까요?"


def test_a_delivery_may_bring_the_ledger_itself_and_the_one_beside_it_goes_on(delivery: Path) -> None:
    decide_review(delivery, "item-1", "request_changes", reviewer="kim", finding="error")
    delivered = ledger_of(delivery).rename(delivery / "reviews.jsonl")
    with (delivery / "delivery.yaml").open("a", encoding="utf-8") as file:
        file.write("reviews: reviews.jsonl\n")
    decide_review(delivery, "item-1", "revise", reviewer="kim", changes={"sub_scenario": "이웃"})
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    assert [event.sequence for event in read_ledger(ledger_of(delivery)).events] == [1, 2]
    assert verify_review(delivery).issues == ()
    assert "item-1" in entering(delivery)
    delivered.write_bytes(delivered.read_bytes() + ledger_of(delivery).read_bytes())
    assert "item-1" in entering(delivery)


def test_a_ledger_copied_into_the_delivery_counts_once(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    (delivery / "reviews.jsonl").write_bytes(ledger_of(delivery).read_bytes())
    with (delivery / "delivery.yaml").open("a", encoding="utf-8") as file:
        file.write("reviews: reviews.jsonl\n")
    assert codes(delivery) == {}
    event = decide_review(delivery, "item-1", "drop", reviewer="kim", finding="other")
    assert (event.sequence, event.round) == (2, 2)
    assert verify_review(delivery).issues == ()


def test_a_lost_key_is_not_silently_replaced(delivery: Path) -> None:
    decide_review(delivery, "item-1", "accept", reviewer="kim")
    key_of(ledger_of(delivery)).unlink()
    with pytest.raises(UsageError, match="another pseudonym"):
        decide_review(delivery, "item-2", "accept", reviewer="kim")


def test_an_instance_that_is_not_there_is_wrong_usage_and_near_names_are_given(delivery: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'item-1'"):
        decide_review(delivery, "item_1", "accept", reviewer="kim")


def test_a_missing_ledger_is_wrong_usage_to_verify_and_empty_otherwise(delivery: Path) -> None:
    with pytest.raises(UsageError, match="no ledger"):
        verify_review(delivery)
    assert review_status(delivery).states == {"annotated": 4}


def test_an_accepted_picture_may_move_but_not_change(tmp_path: Path, delivery: Path) -> None:
    picture = {**INSTANCES[0], "id": "picture-1", "modality": "image", "media": {"path": "a.png"}}
    noise = Image.effect_noise((64, 48), 60)
    noise.save(delivery / "a.png")
    write_rows(delivery / "instances.jsonl", [picture])
    write_rows(delivery / "annotations.jsonl", [])
    (found,) = next_reviews(delivery, previews=tmp_path / "previews")
    assert found.preview == tmp_path / "previews" / "picture-1.png"
    assert found.to_json()["media"] == {"media": str(delivery / "a.png")}
    decide_review(delivery, "picture-1", "accept", reviewer="kim")
    (delivery / "a.png").rename(delivery / "b.png")
    write_rows(delivery / "instances.jsonl", [{**picture, "media": {"path": "b.png"}}])
    assert not validate(delivery, workers=1).errors
    noise.rotate(180).save(delivery / "b.png")
    assert [issue.code.value for issue in validate(delivery, workers=1).errors] == ["review-digest-mismatch"]


def test_what_is_left_out_keeps_nothing_else_from_being_built(delivery: Path) -> None:
    broken = {**INSTANCES[0], "id": "picture-1", "modality": "image", "media": {"path": "broken.png"}}
    (delivery / "broken.png").write_bytes(b"no picture")
    write_rows(delivery / "instances.jsonl", [*INSTANCES, broken, {**INSTANCES[1], "id": "again"}])
    (delivery / "annotations.jsonl").write_text("", encoding="utf-8")
    before = {code for code in codes(delivery) if code != "annotation-none"}
    assert "instance-text-duplicate" in before
    assert any(code.startswith("media-") for code in before)
    for instance_id in ("picture-1", "again"):
        decide_review(delivery, instance_id, "drop", reviewer="kim", finding="duplicate")
    assert set(codes(delivery)) == {"annotation-none"}


def test_a_revised_text_is_checked_as_it_enters(delivery: Path) -> None:
    decide_review(delivery, "item-2", "request_changes", reviewer="kim", finding="error")
    decide_review(delivery, "item-2", "revise", reviewer="kim", changes={"prompt": INSTANCES[0]["prompt"]})
    decide_review(delivery, "item-2", "accept", reviewer="kim")
    assert codes(delivery) == {"instance-text-duplicate": 1}


def test_the_ledger_of_an_archive_lies_beside_the_archive(delivery: Path) -> None:
    archive = Path(shutil.make_archive(str(delivery.with_name("packed")), "zip", delivery))
    decide_review(archive, "item-1", "drop", reviewer="kim", finding="other")
    assert ledger_of(archive).name == "packed.zip.ledger.jsonl"
    assert sorted(entering(archive)) == ["item-2", "item-3", "item-4"]


def test_each_of_several_deliveries_has_its_own_ledger(delivery: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    settings = (delivery / "delivery.yaml").read_text(encoding="utf-8").replace("name: batch", "name: another")
    (other / "delivery.yaml").write_text(settings, encoding="utf-8")
    (other / "annotations.jsonl").write_text("", encoding="utf-8")
    write_rows(other / "instances.jsonl", [{**INSTANCES[0], "id": "other-1", "prompt": "다른 묶음의 질문입니다."}])
    archive = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", other))
    decide_review(delivery, "item-1", "drop", reviewer="kim", finding="other")
    decide_review(archive, "other-1", "request_changes", reviewer="lee", finding="error")
    for order in ([delivery, archive], [archive, delivery]):
        with checked(order, CheckSettings(workers=1)) as (intake, report, _):
            assert not report.errors
            assert [instance_id for instance_id, _ in intake.left_out()] == ["item-1", "other-1"]
