"""The hash chain over review events: sealing a new link, and finding links that do not hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assurai_datasets.formats.digest import canonical_json, digest_of
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.review import ReviewEvent

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


def seal_event(draft: Mapping[str, Any], head: Head) -> ReviewEvent:
    """Return the event that links a draft to the end of a chain.

    Args:
        draft: The fields of the event but for `sequence`, `previous` and `digest`.
        head: The end of the chain it is appended to.

    Raises:
        pydantic.ValidationError: The draft is no review event.
    """
    event = ReviewEvent.model_validate({**draft, "sequence": head.sequence + 1, "previous": head.digest})
    return event.model_copy(update={"digest": event_digest(event)})


def chain_faults(events: Iterable[ReviewEvent]) -> Iterator[LinkFault]:
    """Yield the links that do not hold among whole chains, however many there are and in whatever order they stand.

    A delivery may hold several chains and a release those of all its deliveries. That the newest events of a chain are
    missing cannot be seen from the rest: keep the head of a ledger elsewhere to notice it.
    """
    links = [(event.sequence, event.previous, event.digest, _seal_fault(event)) for event in events]
    sequences = {digest: sequence for sequence, _, digest, _ in links if digest}
    continued: set[str] = set()
    for position, (sequence, previous, _, broken) in enumerate(links):
        fault = broken or (_previous_fault(sequence, previous, sequences, continued) if previous else None)
        if fault:
            yield LinkFault(position, fault)
        continued.update([previous] if previous else [])


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
    if broken := _seal_fault(event):
        return broken
    if event.sequence != head.sequence + 1:
        return _broken("sequence", f"event {event.sequence} stands where event {head.sequence + 1} belongs")
    if event.previous != head.digest:
        return _broken("previous", f"event {event.sequence} does not follow the event before it as that stands now")
    return None


def _seal_fault(event: ReviewEvent) -> Fault | None:
    if event.digest is None:
        return _broken("digest", f"event {event.sequence} carries no digest")
    if event.digest != event_digest(event):
        return _broken("digest", f"event {event.sequence} is not the one its digest was made of")
    return None


def _previous_fault(sequence: int, previous: str, sequences: Mapping[str, int], continued: set[str]) -> Fault | None:
    if sequences.get(previous) != sequence - 1:
        return _broken("previous", f"the event before event {sequence} is missing or was changed")
    if previous in continued:
        return _broken("previous", f"two events follow event {sequence - 1}")
    return None


def _broken(field: str, found: str) -> Fault:
    return Fault(Code.REVIEW_CHAIN_BROKEN, field, found, _HINT)
