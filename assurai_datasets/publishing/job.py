"""A plan with what is needed to carry it out."""

from collections.abc import Callable
from dataclasses import dataclass

from huggingface_hub import HfApi

from assurai_datasets.publishing.failures import Patience
from assurai_datasets.publishing.plan import Plan
from assurai_datasets.publishing.remote import Remote

Progress = Callable[[str, int, int], None]
"""Told what is being done (`upload`, `commit`, `check`, `tag`), and bytes sent so far and in all."""


@dataclass(frozen=True)
class Job:
    """A plan, the client, the patience, the repository, and whom to tell."""

    plan: Plan
    api: HfApi
    patience: Patience
    remote: Remote
    progress: Progress

    def tell(self, step: str, sent: int | None = None) -> None:
        """Report a step, with the bytes sent so far: by default all."""
        total = self.plan.bytes
        self.progress(step, total if sent is None else sent, total)
