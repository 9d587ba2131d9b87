"""Counts as tables and figures."""

from assurai_datasets.reporting.figures import draw_counts
from assurai_datasets.reporting.summarize import summarize
from assurai_datasets.reporting.tables import counts_csv, counts_text

__all__ = ["counts_csv", "counts_text", "draw_counts", "summarize"]
