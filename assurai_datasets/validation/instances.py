"""What is odd about instances: one by one, and against each other."""

from collections.abc import Iterator
from itertools import groupby

from assurai_datasets.formats.intake import Intake, Place, PlacedInstance
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from assurai_datasets.validation.places import issue_at, listed


def check_instances(intake: Intake) -> Iterator[Issue]:
    """Yield the issues of instances: what each one lacks, repeated ids and texts, parents that are not there."""
    for placed in intake.instances():
        yield from _missing_parts(placed)
    yield from _repeated_ids(intake)
    yield from _repeated_texts(intake)
    yield from _unknown_parents(intake)


def _missing_parts(placed: PlacedInstance) -> Iterator[Issue]:
    place, instance = placed
    if instance.prompt_type == "Multiple-Choice" and instance.choices is None:
        message = "a Multiple-Choice instance without choices: the prompt text must carry them"
        hint = "give the options as choices and the safe ones as safe_choices"
        yield issue_at(place, Code.INSTANCE_CHOICES_MISSING, message, hint, instance_id=instance.id, field="choices")
    if instance.prompt_type == "Multi-Session" and instance.turns is None:
        message = "a Multi-Session instance without turns: the prompt text must carry the dialogue"
        hint = "give the dialogue as turns"
        yield issue_at(place, Code.INSTANCE_TURNS_MISSING, message, hint, instance_id=instance.id, field="turns")


def _repeated_ids(intake: Intake) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT id, delivery, file, line FROM instances WHERE id IN"
        " (SELECT id FROM instances GROUP BY id HAVING count(*) > 1) ORDER BY id, delivery, file, line"
    )
    for instance_id, group in groupby(rows, key=lambda row: row[0]):
        first, *others = [Place(*row[1:]) for row in group]
        for place in others:
            message = f"the id {instance_id!r} stands already at {first.file}:{first.line}"
            yield issue_at(
                place,
                Code.INSTANCE_ID_DUPLICATE,
                message,
                "give each instance an id of its own",
                instance_id=instance_id,
                field="id",
            )


def _repeated_texts(intake: Intake) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT text_key, id, delivery, file, line FROM entering WHERE text_key IN"
        " (SELECT text_key FROM entering GROUP BY text_key HAVING count(DISTINCT id) > 1) ORDER BY text_key, id"
    )
    for _, group in groupby(rows, key=lambda row: row[0]):
        members = list(group)
        ids = [row[1] for row in members]
        message = f"{len(ids)} instances ask the same: {listed(ids)}"
        hint = "keep one of them, or ignore this where they differ in what follows the prompt"
        yield issue_at(Place(*members[0][2:]), Code.INSTANCE_TEXT_DUPLICATE, message, hint, instance_id=ids[0])


def _unknown_parents(intake: Intake) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT id, parent_id, delivery, file, line FROM"
        " (SELECT *, json_extract(body, '$.parent_id') AS parent_id FROM instances)"
        " WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM known) ORDER BY id"
    )
    for instance_id, parent_id, *place in rows:
        message = f"there is no instance {parent_id!r} that this one could be derived from"
        hint = "correct parent_id, or deliver the parent"
        yield issue_at(
            Place(*place), Code.INSTANCE_PARENT_UNKNOWN, message, hint, instance_id=instance_id, field="parent_id"
        )
