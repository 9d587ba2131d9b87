"""Replaying the events rebuilds the state exactly."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assurai_datasets.review import (
    Decision,
    Reviewed,
    append_decisions,
    current_state,
    instance_digest,
    read_ledger,
    replay,
)
from assurai_datasets.review.chain import Head, seal_event
from assurai_datasets.review.decide import _decide
from assurai_datasets.review.states import LEGAL_ACTIONS, round_after
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.review import ReviewEvent

Make = Callable[..., Decision]


@pytest.fixture
def events_of(tmp_path: Path, make_decision: Make, key: bytes) -> Callable[..., tuple[ReviewEvent, ...]]:
    def append(*steps: str) -> tuple[ReviewEvent, ...]:
        return append_decisions(tmp_path / "steps.jsonl", [make_decision(step) for step in steps], key=key)

    return append


def test_an_instance_without_events_enters_as_delivered(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance()
    assert current_state(instance, ()) == Reviewed(instance, "constructed")
    assert current_state(instance, (), annotated=True).state == "annotated"
    assert current_state(instance, ()).instance == instance


@pytest.mark.parametrize(
    ("steps", "state", "reason"),
    [
        (["begin"], "in_review", "review: taken into review and not decided in round 1"),
        (["request_changes"], "changes_requested", "review: changes requested in round 1 (bias)"),
        (["request_changes", "revise"], "revised", "review: revised and not accepted in round 1"),
        (["drop"], "dropped", "review: dropped in round 1 (duplicate)"),
        (["accept", "drop", "restore"], "restored", "review: restored and not accepted in round 2"),
        (["accept"], "accepted", None),
    ],
)
def test_only_an_accepted_instance_enters_and_the_others_have_a_reason(
    make_instance: Callable[..., Instance], events_of: Any, steps: list[str], state: str, reason: str | None
) -> None:
    reviewed = current_state(make_instance(), events_of(*steps))
    assert (reviewed.state, reviewed.reason) == (state, reason)
    assert (reviewed.instance is None) == (reason is not None)


def test_an_accepted_revision_enters_with_its_changes(make_instance: Callable[..., Instance], events_of: Any) -> None:
    reviewed = current_state(make_instance(), events_of("request_changes", "revise", "accept"))
    assert reviewed.instance == make_instance(prompt="이웃 동네를 어떻게 소개하면 좋을까요?")
    assert (reviewed.round, reviewed.revised_fields) == (2, ("prompt",))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_replay_of_any_legal_history_is_the_state_the_steps_led_to(
    data: st.DataObject, make_instance: Callable[..., Instance], make_decision: Make
) -> None:
    reached, head, events = current_state(make_instance(), ()), Head(), []
    for number in range(data.draw(st.integers(0, 12))):
        action = data.draw(st.sampled_from(LEGAL_ACTIONS[reached.state]))
        changes = {
            "prompt": f"질문 {number}번입니다.",
            "sub_scenario": data.draw(st.sampled_from([None, f"상황 {number}"])),
        }
        decision = make_decision(action, changes=changes if action == "revise" else None)
        draft, reached = _decide(decision, reached, "r0123456789abcdef")
        events.append(seal_event(draft, head))
        head = Head(events[-1].sequence, events[-1].digest)
    (rebuilt,) = replay([make_instance()], [ReviewEvent.model_validate_json(e.model_dump_json()) for e in events])
    assert (rebuilt.current, rebuilt.state, rebuilt.round) == (reached.current, reached.state, reached.round)
    assert rebuilt.faults == ()


def test_replay_keeps_instances_apart(
    tmp_path: Path, make_instance: Callable[..., Instance], make_decision: Make, key: bytes
) -> None:
    one, two, three = (make_instance(id=f"item-{n}") for n in (1, 2, 3))
    append_decisions(tmp_path / "l.jsonl", [make_decision("accept", one), make_decision("drop", two)], key=key)
    states = [reviewed.state for reviewed in replay([three, two, one], read_ledger(tmp_path / "l.jsonl").events)]
    assert states == ["constructed", "dropped", "accepted"]


def changed(event: ReviewEvent, **fields: Any) -> ReviewEvent:
    return event.model_copy(update=fields)


def test_a_step_the_state_does_not_allow_is_a_fault(make_instance: Callable[..., Instance], events_of: Any) -> None:
    first, second = events_of("request_changes", "revise")
    reviewed = current_state(make_instance(), [changed(first, action="accept", finding=None), second])
    assert [fault.code.value for fault in reviewed.faults] == ["review-transition-illegal"]
    assert (reviewed.state, reviewed.instance) == ("accepted", None)


def test_a_round_that_does_not_follow_is_a_fault(make_instance: Callable[..., Instance], events_of: Any) -> None:
    (event,) = events_of("accept")
    reviewed = current_state(make_instance(), [changed(event, round=2)])
    assert [(fault.code.value, fault.field) for fault in reviewed.faults] == [("review-value-invalid", "round")]


def test_a_review_of_another_content_is_a_fault(make_instance: Callable[..., Instance], events_of: Any) -> None:
    reviewed = current_state(make_instance(prompt="다른 질문입니다."), events_of("accept"))
    assert [(fault.code.value, fault.field) for fault in reviewed.faults] == [("review-digest-mismatch", "before")]
    assert reviewed.instance is None


def test_changes_that_lead_elsewhere_than_stated_are_a_fault(
    make_instance: Callable[..., Instance], events_of: Any
) -> None:
    first, second = events_of("request_changes", "revise")
    reviewed = current_state(make_instance(), [first, changed(second, changes={"prompt": "몰래 바꾼 질문입니다."})])
    assert [(fault.code.value, fault.field) for fault in reviewed.faults] == [("review-digest-mismatch", "after")]
    reviewed = current_state(make_instance(), [first, changed(second, changes={"prompt": ""})])
    assert [(fault.code.value, fault.field) for fault in reviewed.faults] == [("review-value-invalid", "changes")]


def test_redelivered_content_starts_from_its_own_begin(
    tmp_path: Path, make_instance: Callable[..., Instance], make_decision: Make, key: bytes
) -> None:
    redelivered = make_instance(prompt="새로 쓴 질문입니다.")
    path = tmp_path / "l.jsonl"
    append_decisions(path, [make_decision("request_changes"), make_decision("revise"), make_decision()], key=key)
    append_decisions(path, [make_decision("begin", redelivered)], key=key)
    append_decisions(path, [make_decision("accept", redelivered)], key=key)
    reviewed = current_state(redelivered, read_ledger(path).events)
    assert (reviewed.instance, reviewed.round, reviewed.revised_fields) == (redelivered, 3, ())


def test_ten_thousand_changes_of_content_are_replayed_without_deep_recursion(
    make_instance: Callable[..., Instance],
) -> None:
    instance = make_instance()
    revised = make_instance(prompt="둘째 질문입니다.")
    one, two = instance_digest(instance), instance_digest(revised)
    common = {"instance_id": "item-1", "reviewer_id": "r0123456789abcdef", "round": 1}
    cycle = [
        {"action": "begin", "before": one},
        {"action": "request_changes", "finding": "error", "before": one},
        {"action": "revise", "changes": {"prompt": revised.prompt}, "before": one, "after": two},
    ]
    events = [ReviewEvent.model_construct(sequence=n, **common, **cycle[n % 3]) for n in range(3000)]
    assert current_state(instance, events).state == "revised"


def test_a_revision_may_remove_a_field(
    make_instance: Callable[..., Instance], make_decision: Make, tmp_path: Path
) -> None:
    instance = make_instance(sub_scenario="이웃")
    steps = [
        make_decision("request_changes", instance),
        make_decision("revise", instance, changes={"sub_scenario": None}),
    ]
    append_decisions(tmp_path / "l.jsonl", steps, key=b"k" * 16)
    assert current_state(instance, read_ledger(tmp_path / "l.jsonl").events).current == make_instance()


def test_the_round_of_a_first_event_is_one() -> None:
    assert round_after("constructed", 0, "begin") == round_after("annotated", 0, "accept") == 1
