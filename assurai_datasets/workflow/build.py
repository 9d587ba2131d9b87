"""Build: ingest, validate, gate, pack."""

import logging
import re
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import UsageError
from assurai_datasets.files import building_folder
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import Polarity
from assurai_datasets.release import Edition, check_date, date_of_release, open_previous, write_release
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.release import Release
from assurai_datasets.schema.report import Report
from assurai_datasets.validation import Advance
from assurai_datasets.workflow.check import CheckSettings, checked

DATASET = "assurai"
_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){2}")
_log = logging.getLogger(__name__)


class Built(NamedTuple):
    """What a build came to.

    Attributes:
        report: All issues of the deliveries.
        release: The manifest of the release; None where an error kept it from being written.
    """

    report: Report
    release: Release | None


class _RefusedError(Exception):
    """The deliveries have errors: leave no release behind."""

    def __init__(self, report: Report) -> None:
        self.report = report


def build_release(
    *deliveries: str | Path,
    output: str | Path,
    version: str,
    name: str = DATASET,
    policy: Policy | str | Path | None = None,
    mapping: str | Path | None = None,
    date: str | None = None,
    score_polarity: Polarity | None = None,
    clean: bool = True,
    workers: int | None = None,
    advance: Advance | None = None,
    annotator_key: bytes | None = None,
    previous: str | Path | None = None,
    normalize: bool = False,
    overwrite: bool = False,
) -> Built:
    """Return the report of deliveries and the release made of them: written whole, or not at all if there are errors.

    Args:
        deliveries: Folders of suppliers; they are only read.
        output: Folder of the release.
        version: SemVer of the data, as in `1.0.0`.
        name: Name of the dataset.
        policy: A `Policy`, the name of a packaged one (`default`, `paper`) or a YAML file.
        mapping: Packaged mapping or file for foreign tables, in place of the one a delivery names.
        date: ISO date of the release; else SOURCE_DATE_EPOCH, else the latest `created_at` of the deliveries.
        score_polarity: What the deliveries' scores mean, over what they declare: `safety` or `risk`.
        clean: Whether private metadata is removed from media; what was removed, or was left in, stands in the manifest.
        workers: Processes that decode media; they change nothing in the release.
        advance: Called with the number of media checked and of all.
        annotator_key: Key of the annotators' pseudonyms; without one they are numbered.
        previous: The release before: the version must be large enough for what changed since, which the changelog
            says, and what was withdrawn stays out.
        normalize: Give the texts of instances NFC and white-space repairs, each listed as a warning.
        overwrite: Whether an existing release may be replaced.

    Raises:
        UsageError: A path, the version or the date is wrong, the output exists, or the version is too small for what
            changed since the previous release.
        DataError: The previous release is damaged.
    """
    check_version(version)
    if date is not None:
        check_date(date)
    before = None if previous is None else open_previous(previous, name, version)
    settings = CheckSettings(
        policy, mapping, score_polarity, clean=clean, workers=workers, advance=advance, date=date, normalize=normalize
    )
    try:
        with (
            building_folder(Path(output), overwrite=overwrite) as folder,
            checked(deliveries, settings) as (intake, report, held_to),
        ):
            _refuse_errors(report)
            edition = Edition(name, version, _date(date, intake), held_to, annotator_key, before, clean)
            return Built(report, write_release(intake, folder, edition))
    except _RefusedError as refused:
        return Built(refused.report, None)


def _date(given: str | None, intake: Intake) -> str | None:
    day = date_of_release(given, intake)
    if day is None:
        _log.warning("the release has no date, because no created_at is known; give --date before publishing it")
    return day


def _refuse_errors(report: Report) -> None:
    if report.errors:
        raise _RefusedError(report)


def check_version(version: str) -> str:
    """Return a version as it is.

    Raises:
        UsageError: It is not SemVer of three numbers.
    """
    if not _VERSION.fullmatch(version):
        raise UsageError(f"the version must be three numbers as in 1.0.0 (SemVer), not {version!r}")
    return version
