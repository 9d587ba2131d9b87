"""Review events as others deliver them, made fit for a release: reviewers without names, chains that hold."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from assurai_datasets.formats.digest import digest_of, fold_digests
from assurai_datasets.formats.intake import PlacedEvent
from assurai_datasets.review.chain import LinkFault, broken_link, event_digest, reseal_event, seal_fault
from assurai_datasets.review.pseudonyms import is_pseudonym, person_of
from assurai_datasets.schema.review import ReviewEvent

_NOT_DECIDED = frozenset({"reviewer_id", "corrective_action", "previous", "digest"})
"""What of an event tells, or may tell, who reviewed."""
_LEAST_CHARS, _MOST_CHARS = 2, 100
_WORD_STARTS, _WORD = re.compile(r"(?<![0-9A-Za-z_])\S"), re.compile(r"[0-9A-Za-z_]")


class SealedEvents(NamedTuple):
    """Delivered events as they may enter a release, in the order given, and the links that did not hold before."""

    events: tuple[PlacedEvent, ...]
    faults: tuple[LinkFault, ...]


def seal_delivered(entries: Iterable[PlacedEvent]) -> SealedEvents:
    """Return delivered events with pseudonyms for names and every event linked to the one before it.

    Events that are sealed and name nobody come back as they are. A file with digests is checked by its digests and
    links; one without any is put in order by its numbers, which count from 1 in all such files of a delivery together,
    in each file, or for each instance. Gaps in them show in `chain_faults` of the result.

    Args:
        entries: Events as delivered, by delivery.
    """
    events: list[PlacedEvent] = []
    faults: list[LinkFault] = []
    for _, group in groupby(entries, key=lambda entry: entry.place.delivery):
        sealed, found = _seal_delivery(tuple(group))
        faults += [LinkFault(len(events) + position, fault) for position, fault in found]
        events += sealed
    return SealedEvents(tuple(events), tuple(faults))


def hide_reviewers(events: Sequence[ReviewEvent]) -> tuple[ReviewEvent, ...]:
    """Return the events of one delivery with a pseudonym for every name: in `reviewer_id` and in corrective actions.

    A pseudonym is made of what the person decided, so that it does not depend on the name.
    """
    decided: dict[str, list[str]] = defaultdict(list)
    for event in events:
        if not is_pseudonym(event.reviewer_id):
            decided[person_of(event.reviewer_id)].append(_decision_digest(event))
    names = {person: f"r{fold_digests(digests)[:16]}" for person, digests in decided.items()}
    lengths = _telling_lengths({event.reviewer_id for event in events})
    return tuple(_hidden(event, names, lengths) for event in events) if names else tuple(events)


def _seal_delivery(entries: tuple[PlacedEvent, ...]) -> SealedEvents:
    with_digests = {entry.place.file for entry in entries if entry.event.digest}
    linked = [at for at, entry in enumerate(entries) if entry.place.file in with_digests]
    chains = _chains(entries, [at for at, entry in enumerate(entries) if entry.place.file not in with_digests])
    given = tuple(entry.event for entry in entries)
    hidden = hide_reviewers(given)
    sealed = {**_relinked(given, hidden, linked), **_chained(hidden, chains)}
    events = tuple(_placed(entry, sealed[at]) for at, entry in enumerate(entries))
    return SealedEvents(events, (*_changed_events(given, linked), *_wrong_links(given, chains)))


def _placed(entry: PlacedEvent, sealed: ReviewEvent) -> PlacedEvent:
    return entry if sealed == entry.event else entry._replace(event=sealed, named=entry.event.reviewer_id)


def _relinked(
    given: Sequence[ReviewEvent], hidden: Sequence[ReviewEvent], positions: Iterable[int]
) -> dict[int, ReviewEvent]:
    """Return events of sealed files by position, linked as they were, to what the event before has become."""
    became: dict[str, str | None] = {}
    sealed = {}
    for at in sorted(positions, key=lambda at: given[at].sequence):
        previous = given[at].previous
        sealed[at] = reseal_event(hidden[at], became.get(previous, previous) if previous else None)
        became[given[at].digest or event_digest(given[at])] = sealed[at].digest
    return sealed


def _chained(hidden: Sequence[ReviewEvent], chains: Iterable[Sequence[int]]) -> dict[int, ReviewEvent]:
    """Return events without digests by position, each linked to the one before it."""
    sealed = {}
    for chain in chains:
        previous = None
        for at in chain:
            sealed[at] = reseal_event(hidden[at], previous)
            previous = sealed[at].digest
    return sealed


def _chains(entries: Sequence[PlacedEvent], positions: Sequence[int]) -> list[list[int]]:
    """Return the positions of events without digests chain by chain, in the first grouping whose numbers count from 1.

    Where there is none, they are one chain.
    """
    keys: tuple[Callable[[PlacedEvent], str], ...] = (
        lambda entry: "",
        lambda entry: entry.place.file,
        lambda entry: entry.event.instance_id,
    )
    ordered = sorted(positions, key=lambda at: entries[at].event.sequence)
    groupings = [_grouped(ordered, lambda at, key=key: key(entries[at])) for key in keys]  # type: ignore[misc]
    return next((chains for chains in groupings if _count_from_one(entries, chains)), groupings[0])


def _grouped(positions: Iterable[int], key: Callable[[int], str]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for at in positions:
        groups.setdefault(key(at), []).append(at)
    return list(groups.values())


def _count_from_one(entries: Sequence[PlacedEvent], chains: Iterable[Sequence[int]]) -> bool:
    return all([entries[at].event.sequence for at in chain] == list(range(1, len(chain) + 1)) for chain in chains)


def _changed_events(given: Sequence[ReviewEvent], positions: Iterable[int]) -> Iterator[LinkFault]:
    for at in positions:
        if given[at].digest and (fault := seal_fault(given[at])):
            yield LinkFault(at, fault)


def _wrong_links(given: Sequence[ReviewEvent], chains: Iterable[Sequence[int]]) -> Iterator[LinkFault]:
    """Yield the events without digests that say another event stood before them."""
    for chain in chains:
        before = [None, *(event_digest(given[at]) for at in chain[:-1])]
        for at, digest in zip(chain, before, strict=True):
            if given[at].previous not in (None, digest):
                found = f"event {given[at].sequence} does not follow the event before it as that stands now"
                yield LinkFault(at, broken_link("previous", found))


def _decision_digest(event: ReviewEvent) -> str:
    return digest_of(event.model_dump(mode="json", exclude_none=True, exclude=set(_NOT_DECIDED)))


def _hidden(event: ReviewEvent, names: Mapping[str, str], lengths: Collection[int]) -> ReviewEvent:
    fields = {"reviewer_id": names.get(person_of(event.reviewer_id), event.reviewer_id)}
    if event.corrective_action and lengths:
        fields["corrective_action"] = _without_names(event.corrective_action, names, lengths)
    return event.model_copy(update=fields)


def _telling_lengths(spellings: Iterable[str]) -> list[int]:
    """Return the lengths of names that would be known in a text, the longest first; mere numbers tell nobody."""
    trimmed = {unicodedata.normalize("NFC", name).strip() for name in spellings if not is_pseudonym(name)}
    telling = (len(name) for name in trimmed if any(map(str.isalpha, name)))
    return sorted({length for length in telling if _LEAST_CHARS <= length <= _MOST_CHARS}, reverse=True)


def _without_names(text: str, names: Mapping[str, str], lengths: Collection[int]) -> str:
    """Return a text with pseudonyms for names that stand as words of their own; Korean particles may follow.

    The time it takes does not grow with the number of names.
    """
    told, done = "", 0
    normal = unicodedata.normalize("NFC", text)
    for start in (match.start() for match in _WORD_STARTS.finditer(normal)):
        ends = (start + length for length in lengths if start >= done)
        named = (end for end in ends if normal[start:end].casefold() in names and not _WORD.match(normal, end))
        if (end := next(named, None)) is not None:
            told += normal[done:start] + names[normal[start:end].casefold()]
            done = end
    return told + normal[done:] if done else text
