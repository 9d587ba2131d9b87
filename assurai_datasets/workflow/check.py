"""Ingest and validate: what `assurai validate` says, and what a build begins with."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from assurai_datasets.errors import UsageError
from assurai_datasets.files import write_atomically
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import Polarity, ingest
from assurai_datasets.release import date_of_release
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.report import Report
from assurai_datasets.validation import Advance, MediaChecks, check_intake, check_policy, load_policy, under_policy
from assurai_datasets.workflow.fetch import fetched
from assurai_datasets.workflow.ledgers import find_self_reviews, ledgers_of, take_ledgers
from assurai_datasets.workflow.settle import settle_reviews


class CheckSettings(NamedTuple):
    """How deliveries are read and checked.

    Attributes:
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        mapping: Packaged mapping or file for foreign tables, in place of the one a delivery names.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        fast: Whether only the headers of media are read.
        clean: Whether media are packed without private metadata or as they are; None where none are packed.
        workers: Processes that decode media; one for each processor by default.
        advance: Called with the number of media checked and of all.
        date: ISO date of the release, for waivers that end; None for what the data or the environment say.
        normalize: Whether the texts of instances get NFC and white-space repairs, each listed as a warning.
        refused: Where the rows that were refused are written as JSON lines; None for nowhere.
    """

    policy: Policy | str | Path | None = None
    mapping: str | Path | None = None
    score_polarity: Polarity | None = None
    fast: bool = False
    clean: bool | None = None
    workers: int | None = None
    advance: Advance | None = None
    date: str | None = None
    normalize: bool = False
    refused: Path | None = None


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
    normalize: bool = False,
    refused: Path | None = None,
) -> Report:
    """Return every issue of one or several deliveries; nothing is written but the refused rows, if asked for.

    Args:
        deliveries: Folders of suppliers; they are only read.
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        mapping: Packaged mapping or file for foreign tables, in place of the one a delivery names.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        fast: Read only the headers of media.
        workers: Processes that decode media; one for each processor by default.
        advance: Called with the number of media checked and of all.
        normalize: Give the texts of instances NFC and white-space repairs, each listed as a warning.
        refused: File for the rows that were refused, as JSON lines with place and codes.

    Raises:
        UsageError: A delivery or the policy cannot be read, or the file for the refused rows cannot be written.
    """
    settings = CheckSettings(
        policy,
        mapping,
        score_polarity,
        fast=fast,
        workers=workers,
        advance=advance,
        normalize=normalize,
        refused=refused,
    )
    with checked(deliveries, settings) as result:
        return result.report


@contextmanager
def checked(deliveries: Sequence[str | Path], settings: CheckSettings) -> Iterator[Checked]:
    """Give deliveries as read and checked; their rows vanish at the end of the block."""
    policy = load_policy(settings.policy)
    media = MediaChecks(settings.fast, settings.clean, settings.workers or os.cpu_count() or 1, settings.advance)
    with (
        fetched(deliveries) as folders,
        ingest(
            *folders, mapping=settings.mapping, score_polarity=settings.score_polarity, normalize=settings.normalize
        ) as intake,
    ):
        if settings.refused is not None:
            _write_refused(intake, settings.refused)
        ledgers = ledgers_of(intake)
        issues: list[Issue] = [*intake.issues, *take_ledgers(intake, ledgers), *find_self_reviews(intake, ledgers)]
        issues += [*settle_reviews(intake), *check_intake(intake, policy, media)]
        issues += check_policy(intake, policy, tuple(issues))
        date = date_of_release(settings.date, intake)
        yield Checked(intake, Report.of(intake.rows_read, under_policy(issues, policy, date)), policy)


def _write_refused(intake: Intake, path: Path) -> None:
    lines = (orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for row in intake.refused())
    try:
        write_atomically(path, b"".join(lines))
    except OSError as error:
        raise UsageError(f"cannot write the refused rows to {str(path)!r}: {error.strerror}") from error
