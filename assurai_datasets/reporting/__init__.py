"""Counts as tables, figures and a page."""

from assurai_datasets.reporting.figures import draw_counts
from assurai_datasets.reporting.page import release_page, write_page
from assurai_datasets.reporting.plan import plan_json, plan_targets, plan_text
from assurai_datasets.reporting.summarize import summarize
from assurai_datasets.reporting.tables import counts_csv, counts_text

__all__ = [
    "counts_csv",
    "counts_text",
    "draw_counts",
    "plan_json",
    "plan_targets",
    "plan_text",
    "release_page",
    "summarize",
    "write_page",
]
