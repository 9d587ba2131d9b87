"""Ingest and validate: what `assurai validate` says, and what a build begins with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import Polarity, ingest
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.report import Report
from assurai_datasets.validation import Advance, MediaChecks, check_intake, load_policy, under_policy
from assurai_datasets.workflow.ledgers import find_self_reviews, take_ledgers
from assurai_datasets.workflow.settle import settle_reviews


class Checked(NamedTuple):
    """Deliveries that were read and checked.

    Attributes:
        intake: Their rows; open only within the `with` block of `checked`.
        report: All issues.
        policy: The policy they were held to.
    """

    intake: Intake
    report: Report
    policy: Policy


def validate(
    *deliveries: str | Path,
    policy: Policy | str | Path | None = None,
    score_polarity: Polarity | None = None,
    fast: bool = False,
    workers: int | None = None,
    advance: Advance | None = None,
) -> Report:
    """Return every issue of one or several deliveries; nothing is written.

    Args:
        deliveries: Folders of suppliers; they are only read.
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        fast: Read only the headers of media.
        workers: Processes that decode media; one for each processor by default.
        advance: Called with the number of media checked and of all.

    Raises:
        UsageError: A delivery or the policy cannot be read.
    """
    with checked(
        *deliveries, policy=policy, score_polarity=score_polarity, fast=fast, workers=workers, advance=advance
    ) as result:
        return result.report


@contextmanager
def checked(
    *deliveries: str | Path,
    policy: Policy | str | Path | None = None,
    score_polarity: Polarity | None = None,
    fast: bool = False,
    workers: int | None = None,
    advance: Advance | None = None,
) -> Iterator[Checked]:
    """Give deliveries as read and checked; their rows vanish at the end of the block."""
    held_to = load_policy(policy)
    with ingest(*deliveries, score_polarity=score_polarity) as intake:
        media = MediaChecks(fast=fast, workers=workers or os.cpu_count() or 1, advance=advance)
        issues: list[Issue] = [*intake.issues, *check_intake(intake, held_to, media)]
        issues += [*take_ledgers(intake), *settle_reviews(intake), *find_self_reviews(intake)]
        yield Checked(intake, Report.of(intake.rows_read, under_policy(issues, held_to)), held_to)
