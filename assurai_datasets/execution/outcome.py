"""What became of one task."""

from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")
Reason = Literal["timeout", "crash", "memory", "exception"]


class Outcome(NamedTuple, Generic[T]):
    """The value a task gave, or why there is none.

    Attributes:
        value: What the function returned; None where the task failed.
        reason: None where the task succeeded; `timeout` (too much time), `memory` (too much memory), `crash` (the
            process died) or `exception` (the function raised).
        message: What happened, in words; empty where the task succeeded.
    """

    value: T | None = None
    reason: Reason | None = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the task succeeded."""
        return self.reason is None
