"""Packing a release, and proving what it holds."""

from assurai_datasets.release.changelog import comparability
from assurai_datasets.release.counts import Counts, count_instances, count_release
from assurai_datasets.release.dates import check_date, date_of_release
from assurai_datasets.release.diff import diff_releases
from assurai_datasets.release.difference import Diff
from assurai_datasets.release.manifest import MANIFEST, read_manifest
from assurai_datasets.release.pack import SPLIT
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.verify import Verification, verify_release
from assurai_datasets.release.versions import least_version
from assurai_datasets.release.write import Edition, open_previous, write_release

__all__ = [
    "MANIFEST",
    "SPLIT",
    "Counts",
    "Diff",
    "Edition",
    "Problem",
    "Verification",
    "check_date",
    "comparability",
    "count_instances",
    "count_release",
    "date_of_release",
    "diff_releases",
    "least_version",
    "open_previous",
    "read_manifest",
    "verify_release",
    "write_release",
]
