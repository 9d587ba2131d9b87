"""Worker processes with limits: what hostile input breaks is one task, never the run."""

from assurai_datasets.execution.outcome import Outcome
from assurai_datasets.execution.run_in_workers import run_in_workers

__all__ = ["Outcome", "run_in_workers"]
