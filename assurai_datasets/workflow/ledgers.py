"""The ledgers beside deliveries: where they lie, whose key they use, and their events among the delivered rows."""

import os
from collections.abc import Iterator
from pathlib import Path

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.files import Folder, sha256_file
from assurai_datasets.formats.intake import Intake, Place, PlacedEvent, PlacedInstance
from assurai_datasets.review import read_key, read_ledger, read_or_make_key, reviewer_pseudonym, with_media_digests
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue, make_issue

LEDGER_ENDING = ".ledger.jsonl"


def ledger_of(delivery: str | Path) -> Path:
    """Return where the ledger of a delivery lies if nobody says otherwise: `<delivery>.ledger.jsonl` beside it."""
    folder = Path(os.path.realpath(delivery))
    return folder.with_name(f"{folder.name}{LEDGER_ENDING}")


def key_of(ledger: Path) -> Path:
    """Return where the key of a ledger's pseudonyms lies if nobody says otherwise: `<delivery>.ledger.key` beside it."""
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


def take_ledgers(intake: Intake, ledger: Path | None = None) -> Iterator[Issue]:
    """Yield the issues of the ledgers of an intake's deliveries after adding their events to it.

    Events that a delivery brings itself are not added again. From the first broken link on, no event counts.

    Args:
        intake: The rows that were read.
        ledger: The ledger of the only delivery; None for the one beside each delivery, where there is one.
    """
    known = {entry.event.digest for entry in intake.reviews()}
    for delivery in intake.deliveries:
        path = ledger or ledger_of(delivery.root)
        held = read_ledger(path)
        for broken in held.faults:
            yield _issue(Place(delivery.number, path.name, broken.line), broken.fault)
        sound = held.faults[0].line if held.faults else len(held.events) + 1
        for event in held.events[: sound - 1]:
            if event.digest not in known:
                intake.add_review(Place(delivery.number, path.name, event.sequence), event)


def as_reviewed(intake: Intake, placed: PlacedInstance) -> Instance:
    """Return a delivered instance with the digests of its media as they lie in the delivery, which is what is reviewed."""
    folder = Folder(intake.deliveries[placed.place.delivery - 1].root)
    return with_media_digests(placed.instance, lambda path: _sha256(folder, path))


def reviewing_annotators(intake: Intake, key: bytes) -> Iterator[Issue]:
    """Yield the review events whose reviewer annotated the same instance, as far as the key tells."""
    names = intake.select("SELECT DISTINCT annotator FROM annotations")
    known = {reviewer_pseudonym(name, key): name for (name,) in names if name.strip()}
    for entry in intake.reviews():
        name = known.get(entry.event.reviewer_id)
        if name is not None and name in annotators_of(intake, entry.event.instance_id):
            found = f"event {entry.event.sequence} is by someone who annotated the instance"
            hint = "have it reviewed by somebody else: begin a new round"
            yield _event_issue(entry, Fault(Code.REVIEW_REVIEWER_ANNOTATED, "reviewer_id", found, hint))


def annotators_of(intake: Intake, instance_id: str) -> frozenset[str]:
    """Return who annotated an instance, by the names in the delivery."""
    rows = intake.select("SELECT DISTINCT annotator FROM annotations WHERE instance_id = ?", (instance_id,))
    return frozenset(name for (name,) in rows)


def _sha256(folder: Folder, name: str) -> str | None:
    try:
        path = folder.resolve(name)
    except PathEscapesError:
        return None
    return sha256_file(path) if path.is_file() else None


def _event_issue(entry: PlacedEvent, fault: Fault) -> Issue:
    return _issue(entry.place, fault, entry.event.instance_id)


def _issue(place: Place, fault: Fault, instance_id: str | None = None) -> Issue:
    return make_issue(
        fault.code, fault.message, fault.hint, file=place.file, line=place.line, instance_id=instance_id, field=fault.field
    )
