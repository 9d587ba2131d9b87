"""The hash chain over review events: sealing a new link, and finding links that do not hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assurai_datasets.formats.digest import canonical_json, digest_of
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.review import LedgerEvent, ReviewEvent

_HINT = "take the ledger from a copy you trust; a review event is never edited, a new one is appended"


class Head(NamedTuple):
    """The end of a chain: how many events it has, and the digest of the last one (None where there is none)."""

    sequence: int = 0
    digest: str | None = None


class LinkFault(NamedTuple):
    """A link that does not hold: its position among the events given, from 0, and what is wrong."""

    position: int
    fault: Fault


def event_line(event: ReviewEvent) -> bytes:
    """Return the one way an event is written: canonical JSON without absent fields, and no line end."""
    return canonical_json(event.model_dump(mode="json", exclude_none=True))


def event_digest(event: ReviewEvent) -> str:
    """Return the digest of an event over everything but its own `digest`, and so over the whole chain before it."""
    return digest_of(event.model_dump(mode="json", exclude_none=True, exclude={"digest"}))


def seal_event(draft: Mapping[str, Any], head: Head) -> LedgerEvent:
    """Return the event that links a draft to the end of a chain of ours.

    Args:
        draft: The fields of the event but for `sequence`, `previous` and `digest`.
        head: The end of the chain it is appended to.

    Raises:
        pydantic.ValidationError: The draft is no review event.
    """
    event = LedgerEvent.model_validate({**draft, "sequence": head.sequence + 1, "previous": head.digest})
    return event.model_copy(update={"digest": event_digest(event)})


def reseal_event(event: ReviewEvent, previous: str | None) -> ReviewEvent:
    """Return an event, its number kept, linked to the digest of the event before it (None for the first)."""
    linked = event.model_copy(update={"previous": previous})
    return linked.model_copy(update={"digest": event_digest(linked)})


def chain_faults(events: Iterable[ReviewEvent], *, shortened: Collection[str] = ()) -> Iterator[LinkFault]:
    """Yield the links that do not hold among whole chains, however many there are and in whatever order they stand.

    A delivery may hold several chains and a release those of all its deliveries. That the newest events of a chain are
    missing cannot be seen from the rest: keep the head of a ledger elsewhere to notice it.

    Args:
        events: Whole chains.
        shortened: Ids of instances whose events were shortened after they were sealed, as a release does for what was
            withdrawn: their own digests cannot be checked, their links are.
    """
    known = tuple(events)
    sequences = {event.digest: event.sequence for event in known if event.digest}
    continued: set[str] = set()
    for position, event in enumerate(known):
        broken = None if event.instance_id in shortened else seal_fault(event)
        if fault := broken or _previous_fault(event, sequences, continued):
            yield LinkFault(position, fault)
        continued.update([event.previous] if event.previous else [])


def chain_order(events: Sequence[ReviewEvent]) -> tuple[int, ...]:
    """Return the positions of events chain by chain, each in its sequence; chains as their first events stand."""
    chain_of: dict[str | None, int] = {}
    keys = []
    for position in sorted(range(len(events)), key=lambda at: events[at].sequence):
        event = events[position]
        chain = chain_of.get(event.previous) if event.previous else None
        chain = position if chain is None else chain
        chain_of[event.digest] = chain
        keys.append((chain, event.sequence, position))
    return tuple(position for _, _, position in sorted(keys))


def follow_link(event: ReviewEvent, head: Head) -> Fault | None:
    """Return what is wrong with an event as the next one after the end of a chain, or None."""
    if broken := seal_fault(event):
        return broken
    if event.sequence != head.sequence + 1:
        return broken_link("sequence", f"event {event.sequence} stands where event {head.sequence + 1} belongs")
    if event.previous != head.digest:
        return broken_link("previous", f"event {event.sequence} does not follow the event before it as that stands now")
    return None


def seal_fault(event: ReviewEvent) -> Fault | None:
    """Return what is wrong with the digest of an event, or None."""
    if event.digest is None:
        return broken_link("digest", f"event {event.sequence} carries no digest")
    if event.digest != event_digest(event):
        return broken_link("digest", f"event {event.sequence} is not the one its digest was made of")
    return None


def _previous_fault(event: ReviewEvent, sequences: Mapping[str, int], continued: set[str]) -> Fault | None:
    if event.previous is None:
        return None if event.sequence == 1 else broken_link("previous", f"event {event.sequence} has no previous")
    if sequences.get(event.previous) != event.sequence - 1:
        return broken_link("previous", f"the event before event {event.sequence} is missing or was changed")
    if event.previous in continued:
        return broken_link("previous", f"two events follow event {event.sequence - 1}")
    return None


def broken_link(field: str, found: str) -> Fault:
    """Return the fault of a link that does not hold."""
    return Fault(Code.REVIEW_CHAIN_BROKEN, field, found, _HINT)
