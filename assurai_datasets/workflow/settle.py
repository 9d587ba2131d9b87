"""Replaying the review of the delivered instances, so that only what may enter a release is left."""

from collections.abc import Iterator

from assurai_datasets.formats.intake import Intake, PlacedEvent, PlacedInstance
from assurai_datasets.ingestion.text_key import text_key
from assurai_datasets.review import chain_faults, current_state
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.issue import Issue, issue_of, make_issue
from assurai_datasets.workflow.ledgers import as_reviewed, foreign_digests, histories_of


def settle_reviews(intake: Intake) -> Iterator[Issue]:
    """Yield the issues of the review events; leave out what they leave out, and revise what they revised."""
    events = list(intake.reviews())
    for link in chain_faults(entry.event for entry in events):
        yield _issue(events[link.position], link.fault)
    yield from _orphans(intake)
    for instance_id, history in sorted(histories_of(intake).items()):
        for placed in intake.instances(instance_id=instance_id):
            yield from _settle(intake, placed, history)


def _settle(intake: Intake, placed: PlacedInstance, history: list[PlacedEvent]) -> Iterator[Issue]:
    events = [entry.event for entry in history]
    reached = current_state(as_reviewed(intake, placed), events, foreign=foreign_digests(history))
    for fault in reached.faults:
        yield _issue(history[reached.replayed], fault)
    if reached.reason is not None:
        intake.leave_out(placed.instance.id, reached.reason)
    elif reached.revised_fields:
        intake.replace_instance(reached.current, text_key(reached.current))


def _orphans(intake: Intake) -> Iterator[Issue]:
    rows = intake.select("SELECT instance_id, file, line FROM reviews WHERE instance_id NOT IN (SELECT id FROM known)")
    for instance_id, file, line in rows:
        message, hint = f"there is no instance {instance_id!r}", "deliver the instance the event is about"
        yield make_issue(
            Code.REVIEW_ORPHAN, message, hint, file=file, line=line, instance_id=instance_id, field="instance_id"
        )


def _issue(entry: PlacedEvent, fault: Fault) -> Issue:
    return issue_of(fault, file=entry.place.file, line=entry.place.line, instance_id=entry.event.instance_id)
