"""The process that carries tasks out, one after the other: `python -m assurai_datasets.execution.worker TASKS ANSWERS`.

Its arguments are the descriptors of two pipes.

It is started as a fresh interpreter rather than through `multiprocessing`, so that a caller's script needs no
`if __name__ == "__main__"` and nothing the parent has imported is imported again.
"""

import gc
import math
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from assurai_datasets.execution.link import write_answer
from assurai_datasets.execution.outcome import Outcome


def serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    """Read a function and its limits, then tasks; answer each with an `Outcome` until the other end closes."""
    try:
        function, timeout_s, memory_bytes = pickle.load(tasks)  # noqa: S301  the run that started us wrote it
    except Exception as error:  # noqa: BLE001  whatever an import raises must reach the caller
        write_answer(answers, pickle.dumps(f"{type(error).__name__}: {error}"))
        return
    gc.freeze()
    gc.enable()
    _limit_memory(memory_bytes)
    write_answer(answers, pickle.dumps(None))
    while True:
        try:
            task = pickle.load(tasks)  # noqa: S301
        except EOFError:
            return
        _limit_processor_time(timeout_s)
        outcome = _attempt(function, task)
        write_answer(answers, pickle.dumps(outcome, protocol=5))
        if outcome.reason == "memory":
            return


def _attempt(function: Callable[[Any], Any], task: Any) -> Outcome[Any]:
    try:
        return Outcome(function(task))
    except MemoryError:
        return Outcome(reason="memory", message="needed more memory than it was allowed")
    except Exception as error:  # noqa: BLE001  one task must not end the run
        return Outcome(reason="exception", message=f"{type(error).__name__}: {error}")


def _limit_memory(memory_bytes: int) -> None:
    """Allow `memory_bytes` of address space on top of what the process has now, where that can be known."""
    status = Path("/proc/self/statm")
    if not status.is_file():
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    in_use = int(status.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = in_use + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _limit_processor_time(timeout_s: float) -> None:
    """Let the kernel end this process if it computes longer, so that it does not outlive a parent that was killed."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(time.process_time() + timeout_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # while modules are loaded there is nothing to collect
    with os.fdopen(int(sys.argv[1]), "rb") as tasks, os.fdopen(int(sys.argv[2]), "wb") as answers:
        serve(tasks, answers)
