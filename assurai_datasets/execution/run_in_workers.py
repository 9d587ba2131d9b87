"""Tasks carried out by worker processes, in order, each within limits."""

import contextlib
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from assurai_datasets.errors import UsageError
from assurai_datasets.execution.link import Link
from assurai_datasets.execution.outcome import Outcome, Reason

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD_TASKS = 24
AHEAD_S = 0.06
"""A worker is given as many tasks at once as take this long together: long ones are left for whoever is free."""
AHEAD_BYTES = 4096
"""Tasks sent to a busy worker must fit into the smallest pipe there is, or both ends could wait for each other."""
TOGETHER_S = 0.012
"""While workers have more to do, answers are left to gather this long: to be woken for each costs more than to read it.
"""
WINDOW = 64
"""Results kept back per worker while an earlier task is still running."""
START_S = 120.0
"""Longest time a worker may take to import what it runs."""
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread a worker: there are as many workers as are wanted."""
MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(16 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""The C library keeps what one task has freed for the next, up to 64 MiB, and gives large pieces back at once."""


def run_in_workers(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: int = 2,
    timeout_s: float = 60.0,
    memory_bytes: int = 1 << 30,
) -> Iterator[Outcome[Result]]:
    """Return the outcome of `function(task)` for each task, in the order of the tasks, as they become known.

    A task that takes too long, too much memory, or kills its process gives a failed outcome; the others go on.
    Worker processes are fresh interpreters that import what the function needs and nothing else (Linux, macOS).
    Tasks are taken as they are needed, and results do not depend on the number of workers.

    Args:
        function: Importable by name in a fresh process (`functools.partial` of such a function will do).
        tasks: Anything that pickles; small ones travel in batches.
        workers: Number of processes, at least 1; no more are started than there are tasks.
        timeout_s: Longest time for one task, on the clock and of the processor.
        memory_bytes: Address space one task may take on top of what a worker has at its start. Linux only.

    Raises:
        UsageError: A limit below its minimum, or a function that a fresh process cannot import.
    """
    if workers < 1 or timeout_s <= 0 or memory_bytes <= 0:
        raise UsageError(
            f"workers, timeout_s and memory_bytes must be positive, not {workers!r}, {timeout_s!r} and {memory_bytes!r}"
        )
    return _Run(function, iter(tasks), workers, timeout_s, memory_bytes).outcomes()


@dataclass(slots=True)
class _Sent:
    index: int
    payload: bytes


@dataclass(slots=True, eq=False)
class _Worker:
    process: "subprocess.Popen[bytes]"
    link: Link
    deadline: float
    ready: bool = False
    sent: deque[_Sent] = field(default_factory=deque)
    waiting_bytes: int = 0

    def has_room(self, payload: bytes, ahead: int) -> bool:
        return not self.sent or (len(self.sent) < ahead and self.waiting_bytes + len(payload) <= AHEAD_BYTES)

    def send(self, task: _Sent) -> None:
        self.sent.append(task)
        self.waiting_bytes += len(task.payload)
        with contextlib.suppress(OSError):  # it died meanwhile: its end of file is found when collecting
            self.link.send(task.payload)

    def answered(self) -> int:
        task = self.sent.popleft()
        self.waiting_bytes -= len(task.payload)
        return task.index

    def stop(self) -> int:
        self.link.close()
        self.process.kill()
        return self.process.wait()


@dataclass(slots=True)
class _Run:
    """The state of one call of `run_in_workers`."""

    function: Callable[[Any], Any]
    tasks: Iterator[Any]
    limit: int
    timeout_s: float
    memory_bytes: int
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    crew: list[_Worker] = field(default_factory=list)
    held: deque[_Sent] = field(default_factory=deque)
    done: dict[int, Outcome[Any]] = field(default_factory=dict)
    taken: int = 0
    given: int = 0
    pace_s: float = AHEAD_S

    def outcomes(self) -> Iterator[Outcome[Any]]:
        try:
            while self._feed() or self.done:
                while self.given in self.done:
                    self.given += 1
                    yield self.done.pop(self.given - 1)
                self._feed()
                self._collect()
        finally:
            self.selector.close()
            for worker in self.crew:
                worker.stop()

    def _feed(self) -> bool:
        """Hand tasks to workers with room; return whether any task is on its way."""
        while (task := self._next_task()) is not None:
            worker = self._worker_for(task.payload)
            if worker is None:
                self.held.appendleft(task)
                break
            self._send(worker, task)
        return any(worker.sent for worker in self.crew)

    def _next_task(self) -> _Sent | None:
        if self.held:
            return self.held.popleft()
        if self.taken - self.given >= WINDOW * self.limit:
            return None
        for task in self.tasks:
            self.taken += 1
            return _Sent(self.taken - 1, pickle.dumps(task, protocol=5))
        return None

    def _worker_for(self, payload: bytes) -> _Worker | None:
        idle = next((worker for worker in self.crew if not worker.sent), None)
        if idle is None and len(self.crew) < self.limit:
            self.crew.append(idle := self._hire())
        if idle is not None:
            return idle
        ahead = min(AHEAD_TASKS, int(AHEAD_S / self.pace_s) + 1)
        roomy = [worker for worker in self.crew if worker.has_room(payload, ahead)]
        return min(roomy, key=lambda worker: len(worker.sent), default=None)

    def _send(self, worker: _Worker, task: _Sent) -> None:
        if worker.ready and not worker.sent:
            worker.deadline = time.monotonic() + self.timeout_s
        worker.send(task)

    def _hire(self) -> _Worker:
        link = Link()
        ends = (link.tasks, link.answers)
        # -P: the current folder may be somebody's delivery, and no module is to come from there
        command = [sys.executable, "-P", "-m", "assurai_datasets.execution.worker", *map(str, ends)]
        environment = {
            **os.environ,
            **QUIET,
            **MEMORY,
            "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path),
        }
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command,
            pass_fds=ends,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        link.hand_over()
        with contextlib.suppress(OSError):  # it died at once: its end of file is found when collecting
            link.send(pickle.dumps((self.function, self.timeout_s, self.memory_bytes), protocol=5))
        worker = _Worker(process, link, deadline=time.monotonic() + START_S)
        self.selector.register(link, selectors.EVENT_READ, worker)
        return worker

    def _collect(self) -> None:
        """Wait for an answer or a deadline, and take in what there is."""
        busy = [worker for worker in self.crew if worker.sent]
        if not busy:
            return
        if all(len(worker.sent) > 1 for worker in busy):
            time.sleep(TOGETHER_S)
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        ready = [key.data for key, _ in self.selector.select(patience)]
        for worker in ready:
            self._receive(worker)
        for worker in busy:
            if worker not in ready and time.monotonic() >= worker.deadline:
                self._fail(worker, "timeout", f"was not done after {self.timeout_s:g} s")

    def _receive(self, worker: _Worker) -> None:
        try:
            answers = worker.link.receive()
        except (EOFError, OSError):
            self._fail(worker, *_cause_of(worker.process.wait()))
            return
        for answer in map(pickle.loads, answers):
            now = time.monotonic()
            began, worker.deadline = worker.deadline - self.timeout_s, now + self.timeout_s
            if not worker.ready:
                self._begin(worker, answer)
                continue
            self.pace_s = 0.9 * self.pace_s + 0.1 * (now - began)
            self.done[worker.answered()] = answer
            if answer.reason == "memory":
                self._replace(worker)

    def _begin(self, worker: _Worker, complaint: str | None) -> None:
        worker.ready = True
        if complaint is not None:
            raise UsageError(
                f"{self.function!r} cannot be run in a worker process ({complaint}); "
                "it must be a function of a module that a fresh process can import"
            )

    def _fail(self, worker: _Worker, reason: Reason, message: str) -> None:
        """Give up the task a worker was at, and the worker."""
        if not worker.ready:
            self._begin(worker, f"the process ended while it started: {message}")
        if worker.sent:  # an idle worker may be killed by someone else
            self.done[worker.answered()] = Outcome(reason=reason, message=message)
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        """Stop a worker and keep the tasks that waited behind it for others."""
        self.crew.remove(worker)
        self.selector.unregister(worker.link)
        worker.stop()
        self.held.extendleft(reversed(worker.sent))


def _cause_of(status: int) -> tuple[Reason, str]:
    if status == -signal.SIGXCPU:
        return "timeout", "needed more processor time than it was allowed"
    if status == -signal.SIGKILL:
        return "memory", "was killed by the system, most likely for the memory it took"
    ending = signal.Signals(-status).name if status < 0 else f"status {status}"
    return "crash", f"its process ended with {ending}"
