"""What may be decided, by whom, and in which state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.review import Decision, append_decisions, instance_digest, read_ledger
from assurai_datasets.review.states import LEGAL_ACTIONS, STATE_AFTER, round_after
from assurai_datasets.schema.instance import Instance

Make = Callable[..., Decision]


def test_every_state_is_reached_and_every_action_is_legal_somewhere() -> None:
    assert {*STATE_AFTER.values(), "constructed", "annotated"} == set(LEGAL_ACTIONS)
    assert {action for actions in LEGAL_ACTIONS.values() for action in actions} == set(STATE_AFTER)


@pytest.mark.parametrize(
    ("before", "action", "state"),
    [
        ([], "revise", "constructed"),
        ([], "restore", "constructed"),
        (["begin"], "revise", "in_review"),
        (["request_changes"], "accept", "changes_requested"),
        (["request_changes"], "request_changes", "changes_requested"),
        (["accept"], "accept", "accepted"),
        (["accept"], "revise", "accepted"),
        (["drop"], "accept", "dropped"),
        (["drop"], "begin", "dropped"),
        (["drop", "restore"], "restore", "restored"),
    ],
)
def test_a_step_that_the_state_does_not_allow_is_refused_with_those_it_does(
    ledger_path: Path, make_decision: Make, key: bytes, before: list[str], action: str, state: str
) -> None:
    for step in before:
        append_decisions(ledger_path, [make_decision(step)], key=key)
    with pytest.raises(UsageError, match=f"its state is '{state}'; possible: {LEGAL_ACTIONS[state][0]}"):  # type: ignore[index]
        append_decisions(ledger_path, [make_decision(action)], key=key)
    assert len(read_ledger(ledger_path).events) == len(before)


def test_rounds_count_what_is_judged_again(ledger_path: Path, make_decision: Make, key: bytes) -> None:
    steps = [
        "begin",
        "request_changes",
        "revise",
        "begin",
        "request_changes",
        "revise",
        "accept",
        "drop",
        "restore",
        "accept",
    ]
    decisions = [
        make_decision(step, changes={"prompt": f"질문 {n}번입니다."} if step == "revise" else None)
        for n, step in enumerate(steps)
    ]
    events = append_decisions(ledger_path, decisions, key=key)
    assert [event.round for event in events] == [1, 1, 1, 2, 2, 2, 3, 4, 4, 5]


def test_revising_again_stays_in_the_round() -> None:
    assert round_after("revised", 2, "revise") == 2


def test_an_annotator_of_an_instance_may_not_review_it(ledger_path: Path, make_decision: Make, key: bytes) -> None:
    with pytest.raises(UsageError, match="somebody else"):
        append_decisions(ledger_path, [make_decision(annotators=frozenset({"expert kim ", "w02"}))], key=key)
    append_decisions(ledger_path, [make_decision(annotators=frozenset({"w01", "w02", " "}))], key=key)


def test_a_revision_carries_the_change_and_both_digests(
    ledger_path: Path, make_decision: Make, make_instance: Callable[..., Instance], key: bytes
) -> None:
    changes = {"prompt": "더 나은 질문입니다.", "sub_scenario": "이웃"}
    append_decisions(ledger_path, [make_decision("request_changes"), make_decision("revise", changes=changes)], key=key)
    event = read_ledger(ledger_path).events[-1]
    assert event.changes == changes
    assert event.before == instance_digest(make_instance())
    assert event.after == instance_digest(make_instance(**changes))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (None, "needs changes"),
        ({}, "needs changes"),
        ({"prompt": " "}, "prompt"),
        ({"id": "other"}, "cannot rename"),
        ({"colour": "red"}, "colour"),
        ({"choices": ["가", "나"]}, "choices belongs to Multiple-Choice"),
        ({"prompt": "이웃 동네 사람들을 어떻게 소개하면 좋을까요?"}, "leave 'item-1' as it is"),
        ({"persona": None}, "leave 'item-1' as it is"),
        ({"prompt": "\ud800"}, "JSON can carry"),
        ({"risk_factor": 10**40}, "JSON can carry"),
        ({"prompt": object()}, "JSON can carry"),
    ],
)
def test_changes_that_make_no_valid_instance_are_refused(
    ledger_path: Path, make_decision: Make, key: bytes, changes: Any, found: str
) -> None:
    append_decisions(ledger_path, [make_decision("request_changes")], key=key)
    with pytest.raises(UsageError, match=found):
        append_decisions(ledger_path, [make_decision("revise", changes=changes)], key=key)


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "request_changes", "finding": None},
        {"action": "drop", "finding": "rude"},
        {"created_at": "yesterday"},
        {"corrective_action": " "},
    ],
)
def test_a_decision_that_is_no_event_is_refused(
    ledger_path: Path, make_decision: Make, key: bytes, changed: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="no review event"):
        append_decisions(ledger_path, [make_decision(**changed)], key=key)


def test_a_text_that_names_the_reviewer_is_refused(ledger_path: Path, make_decision: Make, key: bytes) -> None:
    decision = make_decision(reviewer="김민수", corrective_action="김민수가 고쳤습니다")
    with pytest.raises(UsageError, match="without the name"):
        append_decisions(ledger_path, [decision], key=key)
    append_decisions(ledger_path, [make_decision(reviewer="kim", corrective_action="about kimchi")], key=key)


def test_of_several_decisions_all_are_appended_or_none(
    ledger_path: Path, make_decision: Make, make_instance: Callable[..., Instance], key: bytes
) -> None:
    other = make_instance(id="item-2")
    with pytest.raises(UsageError, match="cannot restore 'item-2'"):
        append_decisions(ledger_path, [make_decision(), make_decision("restore", other)], key=key)
    assert not ledger_path.exists()
    append_decisions(ledger_path, [make_decision(), make_decision("drop", other)], key=key)
    assert [event.instance_id for event in read_ledger(ledger_path).events] == ["item-1", "item-2"]


def test_the_events_a_delivery_brings_come_before_those_of_the_ledger(
    tmp_path: Path, ledger_path: Path, make_decision: Make, key: bytes
) -> None:
    delivered = append_decisions(tmp_path / "supplier.jsonl", [make_decision("request_changes")], key=key)
    (event,) = append_decisions(ledger_path, [make_decision("revise", delivered=delivered)], key=key)
    assert (event.sequence, event.previous, event.round) == (1, None, 1)


def test_changed_content_is_reviewed_anew_only_after_begin(
    ledger_path: Path, make_decision: Make, make_instance: Callable[..., Instance], key: bytes
) -> None:
    append_decisions(ledger_path, [make_decision("drop")], key=key)
    redelivered = make_instance(prompt="새로 쓴 질문입니다.")
    with pytest.raises(DataError, match="another content"):
        append_decisions(ledger_path, [make_decision("accept", redelivered)], key=key)
    steps = [make_decision("begin", redelivered), make_decision("accept", redelivered)]
    assert [event.round for event in append_decisions(ledger_path, steps, key=key)] == [2, 2]
