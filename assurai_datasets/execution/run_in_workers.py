"""Tasks carried out by worker processes, in order, each within limits."""

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
"""Tasks sent to a busy worker are no larger than this together: large ones are left for whoever is free."""
TOGETHER_S = 0.012
"""While workers have more to do, answers are left to gather this long: to be woken for each costs more than to read it.
"""
WINDOW = 64
"""Results kept back per worker while an earlier task is still running."""
STARTS = 3
"""As many workers in a row may end while they start, killed by someone else, before that is an error of the run."""
FAREWELL_S = 1.0
"""How long a process that closed its pipe may take to end by itself, which tells how it ended."""
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
    is_watched: bool = False
    sent: deque[_Sent] = field(default_factory=deque)
    waiting_bytes: int = 0

    def has_room(self, payload: bytes, ahead: int) -> bool:
        return not self.sent or (len(self.sent) < ahead and self.waiting_bytes + len(payload) <= AHEAD_BYTES)

    def send(self, task: _Sent) -> None:
        self.sent.append(task)
        self.waiting_bytes += len(task.payload)
        self.link.send(task.payload)

    def answered(self) -> int:
        task = self.sent.popleft()
        self.waiting_bytes -= len(task.payload)
        return task.index

    def stop(self) -> None:
        self.link.close()
        self.process.kill()
        self.process.wait()

    def ending(self) -> tuple[Reason, str]:
        """Wait until the process, which closed its pipe, has ended; return why."""
        try:
            return _cause_of(self.process.wait(FAREWELL_S))
        except subprocess.TimeoutExpired:
            return "crash", "its process stopped answering"


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
    failed_starts: int = 0

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
            idle = self._hire()
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
        order = pickle.dumps((self.function, self.timeout_s, self.memory_bytes), protocol=5)
        link = Link()
        try:
            process = _start(link)
        except OSError:
            link.close()
            raise
        link.hand_over()
        worker = _Worker(process, link, deadline=time.monotonic() + START_S)
        self.crew.append(worker)
        self.selector.register(link.inward, selectors.EVENT_READ, worker)
        link.send(order)
        return worker

    def _collect(self) -> None:
        """Wait for an answer or a deadline, and take in what there is."""
        busy = [worker for worker in self.crew if worker.sent]
        if not busy:
            return
        if all(len(worker.sent) > 1 and not worker.link.is_midway for worker in busy):
            time.sleep(TOGETHER_S)
        for worker in self.crew:
            self._watch(worker, is_sending=worker.link.is_sending)
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        events = self.selector.select(patience)
        for key, _ in events:
            if key.fd == key.data.link.outward:
                key.data.link.flush()
        heard = [key.data for key, _ in events if key.fd == key.data.link.inward]
        for worker in heard:
            self._receive(worker)
        for worker in busy:
            if worker not in heard and time.monotonic() >= worker.deadline:
                limit_s = self.timeout_s if worker.ready else START_S
                self._fail(worker, "timeout", f"was not done after {limit_s:g} s")

    def _watch(self, worker: _Worker, *, is_sending: bool) -> None:
        """Be woken when a worker takes more, as long as there is more for it."""
        if is_sending and not worker.is_watched:
            self.selector.register(worker.link.outward, selectors.EVENT_WRITE, worker)
        elif worker.is_watched and not is_sending:
            self.selector.unregister(worker.link.outward)
        worker.is_watched = is_sending

    def _receive(self, worker: _Worker) -> None:
        try:
            answers = worker.link.receive()
        except EOFError:
            self._fail(worker, *worker.ending())
            return
        for answer in answers:
            now = time.monotonic()
            began, worker.deadline = worker.deadline - self.timeout_s, now + self.timeout_s
            if not worker.ready:
                self._begin(worker, pickle.loads(answer))  # noqa: S301  our own process wrote it
                continue
            self.pace_s = 0.9 * self.pace_s + 0.1 * (now - began)
            outcome = _outcome_from(answer)
            self.done[worker.answered()] = outcome
            if outcome.reason == "memory":
                self._replace(worker)

    def _begin(self, worker: _Worker, complaint: str | None) -> None:
        if complaint is not None:
            raise UsageError(
                f"{self.function!r} cannot be run in a worker process ({complaint}); "
                "it must be a function of a module that a fresh process can import"
            )
        worker.ready = True
        self.failed_starts = 0

    def _fail(self, worker: _Worker, reason: Reason, message: str) -> None:
        """Give up the task a worker was at, and the worker; of one that never began, no task is to blame."""
        if not worker.ready:
            self.failed_starts += 1
            if reason == "timeout" or self.failed_starts == STARTS:
                self._begin(worker, f"its process did not start: {message}")
        elif worker.sent:  # an idle worker may be killed by someone else
            self.done[worker.answered()] = Outcome(reason=reason, message=message)
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        """Stop a worker and keep the tasks that waited behind it for others."""
        self.crew.remove(worker)
        self.selector.unregister(worker.link.inward)
        self._watch(worker, is_sending=False)
        worker.stop()
        self.held.extendleft(reversed(worker.sent))


def _start(link: Link) -> "subprocess.Popen[bytes]":
    # -P: the current folder may be somebody's delivery, and no module is to come from there
    command = [sys.executable, "-P", "-m", "assurai_datasets.execution.worker", str(link.tasks), str(link.answers)]
    modules = os.pathsep.join(path or os.curdir for path in sys.path)
    return subprocess.Popen(  # noqa: S603  our own interpreter and module
        command,
        pass_fds=(link.tasks, link.answers),
        env={**os.environ, **QUIET, **MEMORY, "PYTHONPATH": modules},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _outcome_from(answer: bytearray) -> Outcome[Any]:
    try:
        outcome: Outcome[Any] = pickle.loads(answer)  # noqa: S301  our own process wrote it
    except Exception as error:  # noqa: BLE001  what a function returns may load as it likes
        return Outcome(reason="exception", message=f"what it returned cannot be read: {type(error).__name__}: {error}")
    return outcome


def _cause_of(status: int) -> tuple[Reason, str]:
    if status == -signal.SIGXCPU:
        return "timeout", "needed more processor time than it was allowed"
    if status == -signal.SIGKILL:
        return "memory", "was killed by the system, most likely for the memory it took"
    ending = signal.Signals(-status).name if status < 0 else f"status {status}"
    return "crash", f"its process ended with {ending}"
