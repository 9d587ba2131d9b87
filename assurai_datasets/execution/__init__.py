"""Worker processes with limits: what hostile input breaks is one task, never the run.

Doors load when they are first used: a worker process needs none of them.
"""

from typing import TYPE_CHECKING

from assurai_datasets.doors import open_doors

if TYPE_CHECKING:
    from assurai_datasets.execution.outcome import Outcome
    from assurai_datasets.execution.run_in_workers import run_in_workers

_HOMES = {"Outcome": "outcome", "run_in_workers": "run_in_workers"}
__all__ = ["Outcome", "run_in_workers"]

__getattr__ = open_doors(__name__, _HOMES)
