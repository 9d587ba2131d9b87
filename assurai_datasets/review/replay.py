"""The state of an instance, rebuilt from its review events."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from assurai_datasets.errors import DataError
from assurai_datasets.review.revision import instance_digest, revise_instance
from assurai_datasets.review.states import LEGAL_ACTIONS, STATE_AFTER, is_legal, round_after
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.review import ReviewEvent, ReviewState

_REASONS: dict[ReviewState, str] = {
    "in_review": "taken into review and not decided",
    "changes_requested": "changes requested",
    "revised": "revised and not accepted",
    "dropped": "dropped",
    "restored": "restored and not accepted",
}


class Reviewed(NamedTuple):
    """An instance as its review left it.

    Attributes:
        current: The instance with all revisions so far, whether or not it may enter a release.
        state: Where it stands.
        round: The review round it is in; 0 where nobody has begun.
        revised_fields: The fields that revisions changed, sorted.
        reason: Why it may not enter a release; None where it may.
        faults: What is wrong with its events; then the state is the last sound one.
        replayed: How many of its events were replayed; where there are faults, the position of the event that has them.
    """

    current: Instance
    state: ReviewState
    round: int = 0
    revised_fields: tuple[str, ...] = ()
    reason: str | None = None
    faults: tuple[Fault, ...] = ()
    replayed: int = 0

    @property
    def instance(self) -> Instance | None:
        """The instance that enters a release, with its changes; None where it is left out."""
        return self.current if self.reason is None else None


def current_state(
    instance: Instance, events: Iterable[ReviewEvent], *, annotated: bool = False, foreign: Collection[str] = ()
) -> Reviewed:
    """Return an instance as its review left it: without events it enters as delivered, with events only when accepted.

    Events that were made of an earlier content of the instance count no more once a review of the content at hand has
    begun; until then they are a fault.

    Args:
        instance: The instance as delivered, its media with their digests as when it was reviewed.
        events: The events of this instance, in the order of the ledger; those of the delivery first.
        annotated: Whether it has annotations; tells `annotated` from `constructed` where there are no events.
        foreign: Digests of the events that another tool recorded: it may count rounds in its own way, but not
            backwards, and revise at once.
    """
    reached = Reviewed(instance, "annotated" if annotated else "constructed")
    history = tuple(events)
    fresh = 0
    for position, event in enumerate(history):
        if position < fresh:
            continue
        if is_outdated(reached.current, event) and (fresh := _begun_anew(instance, history, position)) < len(history):
            reached = Reviewed(instance, "restored", history[fresh].round - 1)
            continue
        if faults := tuple(_faults(reached, event, event.digest in foreign)):
            return reached._replace(reason="its review history does not hold", faults=faults, replayed=position)
        reached = _step(reached, event)
    return reached._replace(reason=_reason(reached, history[-1]) if history else None, replayed=len(history))


def is_outdated(instance: Instance, event: ReviewEvent) -> bool:
    """Return whether an event was made of another content than an instance has now."""
    return event.before is not None and event.before != instance_digest(instance)


def _begun_anew(instance: Instance, history: Sequence[ReviewEvent], position: int) -> int:
    """Return where the review of the content at hand begins, from a position on; the end where it does not."""
    places = range(position, len(history))
    begins = (at for at in places if history[at].action == "begin" and history[at].before)
    return next((at for at in begins if not is_outdated(instance, history[at])), len(history))


def replay(instances: Iterable[Instance], events: Iterable[ReviewEvent]) -> Iterator[Reviewed]:
    """Yield every instance as its review left it, in the order given. Events of other instances are passed over."""
    histories: dict[str, list[ReviewEvent]] = {}
    for event in events:
        histories.setdefault(event.instance_id, []).append(event)
    for instance in instances:
        yield current_state(instance, histories.get(instance.id, ()))


def _step(reached: Reviewed, event: ReviewEvent) -> Reviewed:
    changes = event.changes or {}
    return Reviewed(
        current=revise_instance(reached.current, changes) if changes else reached.current,
        state=STATE_AFTER[event.action],
        round=event.round,
        revised_fields=tuple(sorted({*reached.revised_fields, *changes})),
    )


def _faults(reached: Reviewed, event: ReviewEvent, foreign: bool) -> Iterator[Fault]:
    place = f"event {event.sequence}"
    if not is_legal(reached.state, event.action, foreign=foreign):
        found = f"{place} says {event.action!r} when the state is {reached.state!r}"
        hint = f"possible then: {', '.join(LEGAL_ACTIONS[reached.state])}"
        yield Fault(Code.REVIEW_TRANSITION_ILLEGAL, "action", found, hint)
        return
    expected = round_after(reached.state, reached.round, event.action)
    if event.round < reached.round if foreign else event.round != expected:
        found = f"{place} is of round {event.round} where round {expected} belongs"
        hint = "rounds count from 1; a new one begins when what was revised, accepted or restored is judged again"
        yield Fault(Code.REVIEW_VALUE_INVALID, "round", found, hint)
    yield from _digest_faults(reached.current, event, place)


def _digest_faults(instance: Instance, event: ReviewEvent, place: str) -> Iterator[Fault]:
    if is_outdated(instance, event):
        found = f"{place} was made of another content of this instance than the delivered one"
        hint = (
            "deliver the content that was reviewed, or begin the review of this one: `assurai review decide ID begin`"
        )
        yield Fault(Code.REVIEW_DIGEST_MISMATCH, "before", found, hint)
        return
    try:
        after = instance_digest(revise_instance(instance, event.changes)) if event.changes else None
    except DataError as error:
        hint = "revise the instance again with values it can have"
        yield Fault(Code.REVIEW_VALUE_INVALID, "changes", f"{place} makes no valid instance: {error}", hint)
        return
    if event.after and event.after != (after or instance_digest(instance)):
        found = f"{place} does not lead to the content whose digest it states"
        yield Fault(Code.REVIEW_DIGEST_MISMATCH, "after", found, "revise the instance again")


def _reason(reached: Reviewed, last: ReviewEvent) -> str | None:
    if reached.state == "accepted":
        return None
    finding = f" ({last.finding.replace('_', ' ')})" if last.finding else ""
    return f"review: {_REASONS[reached.state]} in round {last.round}{finding}"
