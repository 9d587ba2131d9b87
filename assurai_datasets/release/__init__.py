"""Packing a release, and proving what it holds."""

from assurai_datasets.release.changelog import comparability
from assurai_datasets.release.counts import Counts, count_instances, count_release
from assurai_datasets.release.dates import check_date, date_of_release
from assurai_datasets.release.diff import diff_releases
from assurai_datasets.release.difference import Diff
from assurai_datasets.release.facts import Facts, gather_facts
from assurai_datasets.release.manifest import MANIFEST, canary_of, read_manifest
from assurai_datasets.release.pack import SPLIT
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.prove_rows import splits
from assurai_datasets.release.svg import STYLE as SVG_STYLE
from assurai_datasets.release.svg import bars_svg, cells_svg
from assurai_datasets.release.verify import Verification, verify_release
from assurai_datasets.release.versions import least_version
from assurai_datasets.release.write import Edition, open_previous, write_release

__all__ = [
    "MANIFEST",
    "SPLIT",
    "SVG_STYLE",
    "Counts",
    "Diff",
    "Edition",
    "Facts",
    "Problem",
    "Verification",
    "bars_svg",
    "canary_of",
    "cells_svg",
    "check_date",
    "comparability",
    "count_instances",
    "count_release",
    "date_of_release",
    "diff_releases",
    "gather_facts",
    "least_version",
    "open_previous",
    "read_manifest",
    "splits",
    "verify_release",
    "write_release",
]
