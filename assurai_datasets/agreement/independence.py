"""Checks that annotators worked on their own: repeated judgements, shared comments, impossible speeds."""

import unicodedata
from collections.abc import Hashable, Iterable

import numpy as np

from assurai_datasets.agreement.findings import Finding, names
from assurai_datasets.agreement.ratings import Floats, Ratings


def find_repeats(ratings: Ratings) -> list[Finding]:
    """Return annotators who judged a unit more than once; the statistic is the share of these units judged unalike."""
    later = np.flatnonzero((np.diff(ratings.unit) == 0) & (np.diff(ratings.annotator) == 0)) + 1
    unlike = ratings.value[later] != ratings.value[later - 1]
    found = []
    for annotator in np.unique(ratings.annotator[later]).tolist():
        mine = ratings.annotator[later] == annotator
        units = names(ratings.unit_ids, ratings.unit[later[mine]])
        changed = len(np.unique(ratings.unit[later[mine & unlike]]))
        message = f"judged {len(units)} units more than once, {changed} of them with different values"
        who = (ratings.annotator_ids[annotator],)
        found.append(Finding("repeat", who, units, changed / len(units), None, message))
    return found


def find_shared_comments(
    rows: Iterable[tuple[Hashable, Hashable, str | None]], *, min_length: int = 20
) -> list[Finding]:
    """Return comments that several annotators wrote word for word; the statistic is how many annotators.

    Args:
        rows: (unit, annotator, comment); texts are compared in NFC, without case and with single spaces.
        min_length: Shorter comments, in characters, are said alike by chance and are left out.
    """
    uses: dict[str, list[tuple[Hashable, Hashable]]] = {}
    for unit_id, annotator_id, comment in rows:
        text = " ".join(unicodedata.normalize("NFC", comment or "").casefold().split())
        if len(text) >= min_length:
            uses.setdefault(text, []).append((unit_id, annotator_id))
    found = []
    for text in sorted(uses):
        annotators = tuple(sorted({annotator for _, annotator in uses[text]}, key=str))
        if len(annotators) > 1:
            units = tuple(sorted({unit for unit, _ in uses[text]}, key=str))
            message = (
                f"{len(annotators)} annotators wrote the same comment of {len(text)} characters on {len(units)} unit(s)"
            )
            found.append(Finding("shared_comment", annotators, units, float(len(annotators)), None, message))
    return found


def find_impossible_speeds(ratings: Ratings, *, min_s: float = 2.0, run: int = 10) -> list[Finding]:
    """Return annotators who judged `run` units in a row faster than `min_s` seconds each; needs times.

    The statistic is the fewest seconds a judgement took in such a run. Times given only to the minute, hour or day
    count as that much longer, so that a date alone accuses nobody.
    """
    timed = np.flatnonzero(~np.isnan(ratings.time))
    resolution = _resolution(ratings.time[timed])
    order = timed[np.lexsort((ratings.unit[timed], ratings.time[timed], ratings.annotator[timed]))]
    first, last = order[: max(len(order) - run + 1, 0)], order[run - 1 :]
    pace = (ratings.time[last] - ratings.time[first] + resolution) / max(run - 1, 1)
    fast = np.flatnonzero((ratings.annotator[first] == ratings.annotator[last]) & (pace < min_s))
    found = []
    for annotator in np.unique(ratings.annotator[first[fast]]).tolist():
        mine = fast[ratings.annotator[first[fast]] == annotator]
        rows = order[np.unique(mine[:, None] + np.arange(run))]
        least = float(pace[mine].min())
        message = (
            f"judged {len(rows)} units in runs faster than {min_s:g} s each, the fastest run at {least:.2f} s each"
        )
        who, units = (ratings.annotator_ids[annotator],), names(ratings.unit_ids, ratings.unit[rows])
        found.append(Finding("impossible_speed", who, units, least, None, message))
    return found


def _resolution(times: Floats) -> float:
    """Return the coarsest of day, hour, minute and nothing that all times are whole multiples of, in seconds."""
    for step in (86_400.0, 3_600.0, 60.0):
        if len(times) and bool((times % step == 0).all()):
            return step
    return 0.0
