"""Ingest and validate: what `assurai validate` says, and what a build begins with."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import Polarity, ingest
from assurai_datasets.release import date_of_release
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.report import Report
from assurai_datasets.validation import Advance, MediaChecks, check_intake, check_policy, load_policy, under_policy
from assurai_datasets.workflow.ledgers import find_self_reviews, ledgers_of, take_ledgers
from assurai_datasets.workflow.settle import settle_reviews


class CheckSettings(NamedTuple):
    """How deliveries are read and checked.

    Attributes:
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        mapping: Packaged mapping or file for foreign tables, in place of the one a delivery names.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        fast: Whether only the headers of media are read.
        clean: Whether media are written without private metadata, to be packed.
        workers: Processes that decode media; one for each processor by default.
        advance: Called with the number of media checked and of all.
        date: ISO date of the release, for waivers that end; None for what the data or the environment say.
    """

    policy: Policy | str | Path | None = None
    mapping: str | Path | None = None
    score_polarity: Polarity | None = None
    fast: bool = False
    clean: bool = False
    workers: int | None = None
    advance: Advance | None = None
    date: str | None = None


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
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
    fast: bool = False,
    workers: int | None = None,
    advance: Advance | None = None,
) -> Report:
    """Return every issue of one or several deliveries; nothing is written.

    Args:
        deliveries: Folders of suppliers; they are only read.
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        mapping: Packaged mapping or file for foreign tables, in place of the one a delivery names.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        fast: Read only the headers of media.
        workers: Processes that decode media; one for each processor by default.
        advance: Called with the number of media checked and of all.

    Raises:
        UsageError: A delivery or the policy cannot be read.
    """
    settings = CheckSettings(policy, mapping, score_polarity, fast, False, workers, advance)
    with checked(deliveries, settings) as result:
        return result.report


@contextmanager
def checked(deliveries: Sequence[str | Path], settings: CheckSettings) -> Iterator[Checked]:
    """Give deliveries as read and checked; their rows vanish at the end of the block."""
    policy = load_policy(settings.policy)
    media = MediaChecks(settings.fast, settings.clean, settings.workers or os.cpu_count() or 1, settings.advance)
    with ingest(*deliveries, mapping=settings.mapping, score_polarity=settings.score_polarity) as intake:
        ledgers = ledgers_of(intake, deliveries)
        issues: list[Issue] = [*intake.issues, *take_ledgers(intake, ledgers), *find_self_reviews(intake, ledgers)]
        issues += [*settle_reviews(intake), *check_intake(intake, policy, media)]
        issues += check_policy(intake, policy, tuple(issues))
        date = date_of_release(settings.date, intake)
        yield Checked(intake, Report.of(intake.rows_read, under_policy(issues, policy, date)), policy)
