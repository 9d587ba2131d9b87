"""Faults a test asks the Hub to commit, and the log of what was asked of it."""

import re
import threading
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "drop",  # the connection closes before the request is carried out
    "drop-after",  # the request is carried out, its answer is lost
    "truncate-upload",  # the connection closes in the middle of the request's body
    "truncate-download",  # the connection closes in the middle of the answer's body
    "corrupt-download",  # one byte of the answer's body is another
    "stale-parent",  # somebody else commits to `main` just before
    "429",
    "500",
    "503",
]


@dataclass(frozen=True)
class Fault:
    """A fault at the `at`-th request (from 0) that matches method and path, then at the next ones, `times` in all."""

    kind: FaultKind
    at: int = 0
    times: int | None = 1
    method: str = ".*"
    path: str = ".*"

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.search(self.path, path))


@dataclass(frozen=True)
class Request:
    """One line of the log: what was asked, by whom, what was answered. No token is kept."""

    method: str
    path: str
    user: str | None
    authorized: bool
    status: int | None
    bytes_in: int
    bytes_out: int
    fault: str | None
    cdn: bool = False


class Faults:
    """The faults in force, each with the number of matching requests it has seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Fault, int] = {}

    def inject(self, fault: Fault) -> None:
        with self._lock:
            self._seen[fault] = 0

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()

    def due(self, method: str, path: str) -> FaultKind | None:
        """Return the fault this request meets and count the request."""
        met: FaultKind | None = None
        with self._lock:
            for fault, seen in self._seen.items():
                if fault.matches(method, path):
                    self._seen[fault] = seen + 1
                    last = float("inf") if fault.times is None else fault.at + fault.times
                    met = met or (fault.kind if fault.at <= seen < last else None)
        return met
