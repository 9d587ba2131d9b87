"""Decisions of reviewers, checked against the state of the instance and appended to the ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.review.ledger import Draft, Events, append_to_ledger
from assurai_datasets.review.pseudonyms import names_person, reviewer_pseudonym
from assurai_datasets.review.replay import Reviewed, current_state
from assurai_datasets.review.revision import instance_digest, revise_instance
from assurai_datasets.review.states import LEGAL_ACTIONS, STATE_AFTER, round_after
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.review import Finding, ReviewAction, ReviewEvent


class Decision(NamedTuple):
    """What a person decides about one instance.

    Attributes:
        instance: The instance as delivered, its media with their digests.
        action: What is done.
        reviewer: Who does it, by name; only a keyed pseudonym is ever written.
        finding: What was found; required to request changes and to drop.
        corrective_action: What is to be done or was done about it, in free text.
        changes: New values by field, None to remove a field; for `revise`.
        created_at: When, in ISO 8601.
        annotators: Who annotated the instance, by the names in the delivery; none of them may review it.
        delivered: The review events that the delivery itself brings for this instance, before those of the ledger.
        foreign: Digests of those that another tool recorded, as for `current_state`.
    """

    instance: Instance
    action: ReviewAction
    reviewer: str
    finding: Finding | None = None
    corrective_action: str | None = None
    changes: Mapping[str, Any] | None = None
    created_at: str | None = None
    annotators: frozenset[str] = frozenset()
    delivered: tuple[ReviewEvent, ...] = ()
    foreign: frozenset[str] = frozenset()


def append_decisions(path: Path, decisions: Iterable[Decision], *, key: bytes) -> tuple[ReviewEvent, ...]:
    """Return the events of decisions once they are safely in the ledger: all of them, or none if one is not allowed.

    Args:
        path: The ledger; it begins with the first event.
        decisions: What is decided, in order.
        key: The secret that turns names into pseudonyms (`pseudonyms.read_key`).

    Raises:
        UsageError: A decision is not allowed: by the state of the instance, because the reviewer annotated it, because
            its changes make no valid instance, or because its text names the reviewer.
        DataError: The ledger, or the history of an instance in it, is broken.
        LimitError: Other processes held the ledger for too long.
    """
    wanted = tuple(decisions)
    for decision in wanted:
        _check_reviewer(decision, key)
    return append_to_ledger(path, _proposer(wanted, key), concerning={decision.instance.id for decision in wanted})


def _proposer(decisions: Sequence[Decision], key: bytes) -> Callable[[Events], Sequence[Draft]]:
    def propose(events: Events) -> Sequence[Draft]:
        reached: dict[str, Reviewed] = {}
        drafts = []
        for decision in decisions:
            instance = decision.instance
            written = events[instance.id]
            digests = {event.digest for event in written}
            history = (*(event for event in decision.delivered if event.digest not in digests), *written)
            before = reached.get(instance.id) or _sound_state(decision, history)
            draft, reached[instance.id] = _decide(decision, before, reviewer_pseudonym(decision.reviewer, key))
            drafts.append(draft)
        return drafts

    return propose


def _check_reviewer(decision: Decision, key: bytes) -> None:
    pseudonym = reviewer_pseudonym(decision.reviewer, key)
    if any(reviewer_pseudonym(person, key) == pseudonym for person in decision.annotators if person.strip()):
        raise UsageError(f"{decision.instance.id!r} was annotated by this reviewer; somebody else must review it")
    if decision.corrective_action and names_person(decision.corrective_action, decision.reviewer):
        raise UsageError(
            "the corrective action holds the reviewer's name, which the ledger must not; write it without the name"
        )


def _sound_state(decision: Decision, history: Sequence[ReviewEvent]) -> Reviewed:
    state = current_state(decision.instance, history, foreign=decision.foreign)
    outdated = any(fault.code is Code.REVIEW_DIGEST_MISMATCH for fault in state.faults)
    if outdated and decision.action == "begin":
        return Reviewed(decision.instance, "restored", history[-1].round)
    if state.faults:
        fault = state.faults[0]
        raise DataError(f"the review history of {decision.instance.id!r} does not hold: {fault.message}; {fault.hint}")
    return state


def _decide(decision: Decision, before: Reviewed, pseudonym: str) -> tuple[Draft, Reviewed]:
    if decision.action not in LEGAL_ACTIONS[before.state]:
        allowed = ", ".join(LEGAL_ACTIONS[before.state])
        raise UsageError(
            f"cannot {decision.action} {decision.instance.id!r}: its state is {before.state!r}; possible: {allowed}"
        )
    after = _changed(decision, before.current)
    number = round_after(before.state, before.round, decision.action)
    draft = {
        "instance_id": decision.instance.id,
        "round": number,
        "reviewer_id": pseudonym,
        "action": decision.action,
        "finding": decision.finding,
        "corrective_action": decision.corrective_action,
        "changes": decision.changes,
        "before": instance_digest(before.current),
        "after": instance_digest(after) if after else None,
        "created_at": decision.created_at,
    }
    reached = before._replace(current=after or before.current, state=STATE_AFTER[decision.action], round=number)
    return draft, reached


def _changed(decision: Decision, instance: Instance) -> Instance | None:
    if decision.action != "revise":
        return None
    if not decision.changes:
        raise UsageError(f"a revision of {decision.instance.id!r} needs changes: at least one field and its new value")
    try:
        after = revise_instance(instance, decision.changes)
    except DataError as error:
        raise UsageError(f"the changes make {decision.instance.id!r} no valid instance: {error}") from error
    if instance_digest(after) == instance_digest(instance):
        raise UsageError(f"the changes leave {decision.instance.id!r} as it is; give new values")
    return after
