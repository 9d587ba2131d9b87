"""The ledgers beside deliveries: where they lie, whose key they use, and their events among the delivered rows."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.files import Folder, kind_of, sha256_file
from assurai_datasets.formats.intake import Intake, Place, PlacedEvent, PlacedInstance
from assurai_datasets.review import (
    Ledger,
    chain_order,
    person_of,
    read_key,
    read_ledger,
    read_or_make_key,
    reviewer_pseudonym,
    seal_delivered,
    with_media_digests,
)
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue, issue_of

LEDGER_ENDING = ".ledger.jsonl"


def ledger_of(delivery: str | Path) -> Path:
    """Return where the ledger of a delivery lies if nobody says otherwise: `<delivery>.ledger.jsonl` beside it."""
    folder = Path(os.path.realpath(delivery))
    return folder.with_name(f"{folder.name}{LEDGER_ENDING}")


def key_of(ledger: Path) -> Path:
    """Return where the key of a ledger lies if nobody says otherwise: `<delivery>.ledger.key` beside it."""
    return ledger.with_suffix(".key")


def reviewer_key(ledger: Path, key: Path | None) -> bytes:
    """Return the secret of a ledger's pseudonyms, made with the first event of a ledger.

    Args:
        ledger: The ledger.
        key: The key file; None for the one beside the ledger.

    Raises:
        UsageError: The key cannot be read, or is missing where the ledger has events already.
    """
    path = key or key_of(ledger)
    if not path.exists() and (key or (ledger.exists() and ledger.stat().st_size)):
        raise UsageError(
            f"there is no reviewer key {str(path)!r}, and without the one the ledger was begun with a person would get "
            "another pseudonym; put it back, or name it with --reviewer-key"
        )
    return read_key(path) if key else read_or_make_key(path)


def ledgers_of(intake: Intake) -> dict[int, Path]:
    """Return where the ledgers of deliveries lie, by number; that of an archive lies beside the archive."""
    return {entry.number: ledger_of(entry.given or entry.root) for entry in intake.deliveries}


def take_delivered(intake: Intake) -> Iterator[Issue]:
    """Yield the links of delivered events that do not hold, after sealing the events under pseudonyms in an intake."""
    sealed = seal_delivered(intake.reviews())
    intake.replace_reviews(sealed.events)
    for position, fault in sealed.faults:
        entry = sealed.events[position]
        yield _issue(entry.place, fault, entry.event.instance_id)


def take_ledgers(intake: Intake, ledgers: Mapping[int, Path]) -> Iterator[Issue]:
    """Yield the issues of delivered events and of ledgers, after adding the events of the ledgers to an intake.

    Args:
        intake: The rows that were read.
        ledgers: Where the ledgers lie, by the number of their deliveries.
    """
    yield from take_delivered(intake)
    for number, path in ledgers.items():
        yield from take_ledger(intake, number, path, read_ledger(path))


def take_ledger(intake: Intake, delivery: int, path: Path, ledger: Ledger) -> Iterator[Issue]:
    """Yield the issues of a ledger after adding its events to an intake.

    Events that the delivery brings itself are not added again. From the first broken link on, no event counts.

    Args:
        intake: The rows that were read.
        delivery: Number of the delivery the ledger belongs to.
        path: Where the ledger lies.
        ledger: What it holds.
    """
    for broken in ledger.faults:
        yield _issue(Place(delivery, path.name, broken.line), broken.fault)
    sound = ledger.faults[0].line - 1 if ledger.faults else len(ledger.events)
    known = {entry.event.digest for entry in intake.reviews()} if sound else set()
    for event in ledger.events[:sound]:
        if event.digest not in known:
            intake.add_review(Place(delivery, path.name, event.sequence), event)


def histories_of(intake: Intake) -> dict[str, list[PlacedEvent]]:
    """Return the review events by instance, in the order they were made: chain by chain, the delivery's own first."""
    entries = list(intake.reviews())
    histories: dict[str, list[PlacedEvent]] = {}
    for position in chain_order([entry.event for entry in entries]):
        histories.setdefault(entries[position].event.instance_id, []).append(entries[position])
    return histories


def foreign_digests(history: Iterable[PlacedEvent]) -> frozenset[str]:
    """Return the digests of the events that another tool recorded, which were sealed on the way in."""
    return frozenset(entry.event.digest for entry in history if entry.named is not None and entry.event.digest)


def as_reviewed(intake: Intake, placed: PlacedInstance) -> Instance:
    """Return a delivered instance with the digests of its media as they lie in the delivery."""
    number = placed.place.delivery
    folder = Folder(intake.deliveries[number - 1].root)

    def sha256(path: str) -> str | None:
        facts = intake.medium(number, path)
        return _sha256(folder, path) if facts is None else str(facts["delivered_sha256"])

    return with_media_digests(placed.instance, sha256)


def find_self_reviews(intake: Intake, ledgers: Mapping[int, Path], key: Path | None = None) -> Iterator[Issue]:
    """Yield the latest decisions that are by somebody who annotated the same instance, as far as can be told.

    It can be told of a ledger whose key is there, and where a delivery names reviewers as it names annotators.

    Args:
        intake: The rows that were read, with the events of the ledgers.
        ledgers: Where the ledgers lie, by the number of their deliveries.
        key: Key file of the pseudonyms; None for the one beside each ledger.
    """
    paths = {number: key or key_of(ledger) for number, ledger in ledgers.items()}
    keys = {number: read_key(path) for number, path in paths.items() if path.is_file()}
    for instance_id, history in sorted(histories_of(intake).items()):
        place, event, _ = history[-1]
        names = annotators_of(intake, instance_id) if event.action != "revise" else ()
        if any(_is_reviewer(name, history[-1], keys.get(place.delivery)) for name in names if name.strip()):
            found = f"event {event.sequence} is by someone who annotated the instance"
            hint = "have somebody else take it up with 'begin' and decide"
            yield _issue(place, Fault(Code.REVIEW_REVIEWER_ANNOTATED, "reviewer_id", found, hint), instance_id)


def _is_reviewer(annotator: str, entry: PlacedEvent, key: bytes | None) -> bool:
    if entry.named is not None and person_of(entry.named) == person_of(annotator):
        return True
    return key is not None and reviewer_pseudonym(annotator, key) == entry.event.reviewer_id


def annotators_of(intake: Intake, instance_id: str) -> frozenset[str]:
    """Return who annotated an instance, by the names in the delivery."""
    rows = intake.select("SELECT DISTINCT annotator FROM annotations WHERE instance_id = ?", (instance_id,))
    return frozenset(name for (name,) in rows)


def _sha256(folder: Folder, name: str) -> str | None:
    try:
        path = folder.resolve(name)
    except PathEscapesError:
        return None
    return sha256_file(path) if kind_of(path) == "file" and os.access(path, os.R_OK) else None


def _issue(place: Place, fault: Fault, instance_id: str | None = None) -> Issue:
    return issue_of(fault, file=place.file, line=place.line, instance_id=instance_id)
