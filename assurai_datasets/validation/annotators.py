"""Whether annotators worked on their own and with care: evidence to look at, never a verdict, and no names."""

import hashlib
import logging
from array import array
from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType

import numpy as np

from assurai_datasets.agreement import (
    Finding,
    Ratings,
    find_copying,
    find_drift,
    find_impossible_speeds,
    find_shared_comments,
    find_straight_lines,
)
from assurai_datasets.errors import LimitError, UsageError
from assurai_datasets.formats.intake import Intake
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue
from assurai_datasets.text import fold_text
from assurai_datasets.validation.places import issue_at, listed
from assurai_datasets.validation.ratings import (
    Judged,
    annotations_as_ratings,
    judged_fields,
    judgements_of,
    place_of,
)

CODES = MappingProxyType(
    {
        "copying": Code.ANNOTATION_COPIED,
        "drift": Code.ANNOTATION_DRIFT,
        "impossible_speed": Code.ANNOTATION_SPEED_IMPOSSIBLE,
        "shared_comment": Code.ANNOTATION_COMMENT_SHARED,
        "straight_line": Code.ANNOTATION_STRAIGHT_LINE,
    }
)
HINTS = MappingProxyType(
    {
        "copying": "ask both how they worked; have the instances they share judged by someone else",
        "drift": "look at the early and the late judgements; talk the guidelines over, or have them judged again",
        "impossible_speed": "ask how these were judged; have them judged again",
        "shared_comment": "ask whether they worked together; comments are to be written alone",
        "straight_line": "look at these judgements; have them judged again if the answer does not fit",
    }
)
CHECKS: tuple[Callable[[Ratings], list[Finding]], ...] = (find_copying, find_straight_lines, find_drift)
_log = logging.getLogger(__name__)


def check_annotators(intake: Intake) -> Iterator[Issue]:
    """Yield what suggests that annotators copied, hurried, gave one answer to all, or changed their standard.

    An annotator is shown by the place of a row, never by name. A check that would need too much memory is left out,
    and the log says so.
    """
    ((n,),) = intake.select("SELECT count(*) FROM annotations")
    if not n:
        return
    everything = annotations_as_ratings(intake)
    yield from _shared_comments(intake, everything)
    yield from _issues(intake, everything, find_impossible_speeds(everything.ratings), None)
    del everything
    for field in judged_fields(intake):
        yield from _misconduct(intake, field)


def _misconduct(intake: Intake, field: str) -> Iterator[Issue]:
    try:
        judged = judgements_of(intake, field)
    except UsageError as error:
        _log.warning("the annotators of %s were not compared: %s", field, error)
        return
    for check in CHECKS if len(judged.ratings) else ():
        yield from _issues(intake, judged, _findings(check, judged.ratings, field), field)


def _findings(check: Callable[[Ratings], list[Finding]], ratings: Ratings, field: str) -> list[Finding]:
    try:
        return check(ratings)
    except LimitError as error:
        _log.warning("%s was left out for %s: %s", check.__name__, field, error)
        return []


def _issues(intake: Intake, judged: Judged, findings: Iterable[Finding], field: str | None) -> Iterator[Issue]:
    for finding in findings:
        rows = [judged.first_row(annotator, finding.unit_ids) for annotator in finding.annotator_ids]
        (place, instance_id), *others = [place_of(intake, row) for row in sorted(rows)]
        further = listed([f"{other.file}:{other.line}" for other, _ in others])
        found = finding.message
        message = f"{found} (this row and {further})" if others else f"the annotator of this row: {found}"
        code, hint = CODES[finding.kind], HINTS[finding.kind]
        yield issue_at(place, code, message, hint, instance_id=instance_id, field=field)


def _shared_comments(intake: Intake, everything: Judged) -> Iterator[Issue]:
    """Yield the comments that several annotators share; only comments that occur twice are held together."""
    keys = array("q", (_key(comment) for _, comment in _comments(intake)))
    values, counts = np.unique(np.frombuffer(keys, np.int64), return_counts=True)
    repeated = frozenset(values[counts > 1].tolist())
    of_row = {row: comment for row, comment in _comments(intake) if _key(comment) in repeated} if repeated else {}
    places = np.flatnonzero(np.isin(everything.rows, list(of_row))).tolist()
    rows = (
        (int(everything.units[at]), int(everything.annotators[at]), of_row[int(everything.rows[at])]) for at in places
    )
    yield from _issues(intake, everything, find_shared_comments(rows), "comment")


def _comments(intake: Intake) -> Iterator[tuple[int, str]]:
    for row, comment in intake.select(
        "SELECT row, json_extract(body, '$.comment') AS comment FROM annotations WHERE comment IS NOT NULL"
    ):
        yield int(row), str(comment)


def _key(comment: str) -> int:
    folded = fold_text(comment).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(folded, digest_size=8).digest(), "little", signed=True)
