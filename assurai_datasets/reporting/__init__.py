"""Counts as tables and figures."""

from assurai_datasets.reporting.figures import draw_counts
from assurai_datasets.reporting.plan import plan_json, plan_targets, plan_text
from assurai_datasets.reporting.summarize import summarize
from assurai_datasets.reporting.tables import counts_csv, counts_text

__all__ = ["counts_csv", "counts_text", "draw_counts", "plan_json", "plan_targets", "plan_text", "summarize"]
