"""Whether annotations are enough, about something that is there, and each said once."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

import orjson

from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.schema.annotation import JUDGEMENTS
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.validation.places import issue_at


def check_annotations(intake: Intake, policy: Policy) -> Iterator[Issue]:
    """Yield the issues of annotations: orphans, judgements given twice, instances judged too seldom."""
    yield from _orphans(intake)
    yield from _unknown_responses(intake)
    yield from _duplicates(intake)
    for entry in intake.deliveries:
        if entry.settings.annotations is not None or policy.annotations == "required":
            yield from _too_few(intake, entry.number, _least(entry, policy))


def _least(entry: DeliveryEntry, policy: Policy) -> int:
    """Return the annotations an instance must have: those of its source under the default policy, else the policy's."""
    known = entry.min_annotations if policy.name == Policy().name else None
    return policy.min_annotations if known is None else known


def _orphans(intake: Intake) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT instance_id, delivery, file, line FROM annotations WHERE instance_id NOT IN (SELECT id FROM known)"
        " AND delivery NOT IN (SELECT number FROM deliveries WHERE ratings_only)"
    )
    for instance_id, *place in rows:
        message, hint = f"there is no instance {instance_id!r}", "correct instance_id, or deliver the instance"
        yield issue_at(
            Place(*place), Code.ANNOTATION_ORPHAN, message, hint, instance_id=instance_id, field="instance_id"
        )


def _unknown_responses(intake: Intake) -> Iterator[Issue]:
    rows = intake.select(
        "SELECT a.instance_id, a.response, n, a.delivery, a.file, a.line FROM annotations a JOIN"
        " (SELECT id, coalesce(json_array_length(body, '$.responses'), 0) AS n FROM instances) i"
        " ON i.id = a.instance_id WHERE a.response IS NOT NULL AND a.response >= n"
    )
    for instance_id, response, n, *place in rows:
        message = f"there is no response {response}; the instance has {n}"
        hint = "positions count from 0; leave response out where the instance itself is meant"
        yield issue_at(
            Place(*place), Code.ANNOTATION_RESPONSE_UNKNOWN, message, hint, instance_id=instance_id, field="response"
        )


def _duplicates(intake: Intake) -> Iterator[Issue]:
    """Yield annotations that repeat a field the same annotator already judged for the same thing."""
    rows = intake.select(
        "SELECT instance_id, response, delivery, annotator, file, line, body FROM annotations"
        " WHERE (instance_id, ifnull(response, -1), delivery, annotator) IN (SELECT instance_id, ifnull(response, -1),"
        " delivery, annotator FROM annotations GROUP BY 1, 2, 3, 4 HAVING count(*) > 1)"
        " ORDER BY instance_id, response, delivery, annotator, file, line"
    )
    for (instance_id, _, delivery, _), group in groupby(rows, key=lambda row: row[:4]):
        seen: dict[str, str] = {}
        for *_, file, line, body in group:
            fields = _judged_fields(orjson.loads(body))
            if repeated := sorted(fields & seen.keys()):
                message = f"this annotator judged {', '.join(repeated)} of it already at {seen[repeated[0]]}"
                hint = "keep one judgement of each annotator"
                yield issue_at(
                    Place(delivery, file, line), Code.ANNOTATION_DUPLICATE, message, hint, instance_id=instance_id
                )
            seen |= dict.fromkeys(fields - seen.keys(), f"{file}:{line}")


def _judged_fields(annotation: dict[str, object]) -> set[str]:
    labels = annotation.get("labels")
    names = set(labels) if isinstance(labels, dict) else set()
    return {name for name in JUDGEMENTS if name in annotation} | names


def _too_few(intake: Intake, delivery: int, least: int) -> Iterator[Issue]:
    """Yield the instances and responses of a delivery that were judged, but by too few, and those that nobody judged.

    A response nobody judged is one where another response of its instance was judged.
    """
    rows = intake.select(
        "SELECT i.id, i.delivery, i.file, i.line, coalesce(json_array_length(i.body, '$.responses'), 0), a.response,"
        " a.annotator FROM entering i"
        " LEFT JOIN annotations a ON a.instance_id = i.id WHERE i.delivery = ?"
        " GROUP BY i.id, a.response, a.annotator, a.delivery ORDER BY i.id",
        (delivery,),
    )
    for (instance_id, *place, responses), group in groupby(rows, key=lambda row: row[:5]):
        judged = Counter(response for *_, response, annotator in group if annotator is not None)
        missing = [f"response {n}" for n in range(responses) if n not in judged] if judged.keys() - {None} else []
        for what in missing if judged else ["it"]:
            message, hint = f"nobody annotated {what}", f"have it judged by {least} annotators"
            yield issue_at(Place(*place), Code.ANNOTATION_NONE, message, hint, instance_id=instance_id)
        for response, n in sorted(judged.items(), key=str):
            if n < least:
                what = "the instance" if response is None else f"response {response}"
                message = f"{what} has {n} annotation{'s' if n > 1 else ''}, and {least} are asked for"
                hint = "collect the missing ones, or set min_annotations in a policy"
                yield issue_at(Place(*place), Code.ANNOTATION_TOO_FEW, message, hint, instance_id=instance_id)
