"""Packing a release, and proving what it holds."""

from assurai_datasets.release.counts import Counts, count_instances, count_release
from assurai_datasets.release.manifest import MANIFEST, read_manifest
from assurai_datasets.release.pack import SPLIT
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.verify import Verification, verify_release
from assurai_datasets.release.write import Edition, check_date, date_of_release, write_release

__all__ = [
    "MANIFEST",
    "SPLIT",
    "Counts",
    "Edition",
    "Problem",
    "Verification",
    "check_date",
    "count_instances",
    "count_release",
    "date_of_release",
    "read_manifest",
    "verify_release",
    "write_release",
]
