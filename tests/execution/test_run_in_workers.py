import functools
import itertools
import math
import operator
import os
import pickle
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.execution import Outcome, run_in_workers

MISBEHAVIOUR = """
import os, signal, time

class Riddle:
    def __reduce__(self):
        return int, ("no number",)

def large(size):
    return bytes(size)

def misbehave(task):
    if task == "hang":
        time.sleep(60)
    if task == "spin":
        while True:
            pass
    if task == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == "exit":
        os._exit(3)
    if task == "eat":
        hoard = [bytearray(1 << 24) for _ in range(10_000)]
    if task == "raise":
        raise ValueError("no good")
    if task == "mute":
        os.closerange(3, 64)
        time.sleep(60)
    if task == "riddle":
        return Riddle()
    return task.upper()
"""


@pytest.fixture(scope="module")
def misbehave(tmp_path_factory):
    folder = tmp_path_factory.mktemp("functions")
    (folder / "misbehaviour.py").write_text(MISBEHAVIOUR, encoding="utf-8")
    sys.path.insert(0, str(folder))
    import misbehaviour

    yield misbehaviour.misbehave
    sys.path.remove(str(folder))


def test_results_come_in_the_order_of_tasks():
    outcomes = run_in_workers(math.sqrt, [float(n) for n in range(500)], workers=2)
    assert [outcome.value for outcome in outcomes] == [math.sqrt(n) for n in range(500)]


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("hang", "timeout"),
        ("spin", "timeout"),
        ("crash", "crash"),
        ("exit", "crash"),
        ("eat", "memory"),
        ("raise", "exception"),
        ("mute", "crash"),
        ("riddle", "exception"),
    ],
)
def test_a_task_that_misbehaves_fails_alone(misbehave, task, reason):
    tasks = ["a", "b", task, "c", "d", "e"]
    timeout_s = 1.0 if reason == "timeout" else 60.0
    outcomes = list(run_in_workers(misbehave, tasks, workers=1, timeout_s=timeout_s, memory_bytes=1 << 27))
    assert [outcome.value for outcome in outcomes] == ["A", "B", None, "C", "D", "E"]
    assert outcomes[2].reason == reason
    assert outcomes[2].message
    assert [outcome.ok for outcome in outcomes].count(False) == 1


def test_the_number_of_workers_does_not_change_results(misbehave):
    tasks = ["a", "crash", "b", "raise", "c", "exit", "d"] * 2
    alone, together = (list(run_in_workers(misbehave, tasks, workers=n)) for n in (1, 3))
    assert alone == together


def test_workers_are_used_again():
    outcomes = list(run_in_workers(operator.call, [os.getpid] * 50, workers=2))
    assert 1 <= len({outcome.value for outcome in outcomes}) <= 2


def test_tasks_are_taken_as_they_are_needed():
    taken = []
    endless = (taken.append(n) or float(n) for n in itertools.count())
    outcomes = run_in_workers(math.sqrt, endless, workers=2)
    assert [next(outcomes).value for _ in range(10)] == [math.sqrt(n) for n in range(10)]
    outcomes.close()
    assert len(taken) < 1_000


def test_large_tasks_and_results_do_not_lock_both_ends():
    tasks = [bytes([n]) * 3_000_000 for n in range(6)]
    outcomes = run_in_workers(bytes, tasks, workers=2)
    assert [outcome.value for outcome in outcomes] == tasks


def test_large_results_behind_each_other_arrive_soon(misbehave):
    large = sys.modules["misbehaviour"].large
    start = time.monotonic()
    outcomes = run_in_workers(large, [200_000] * 2_000, workers=2)
    assert {len(outcome.value) for outcome in outcomes} == {200_000}
    assert time.monotonic() - start < 5


def test_a_worker_that_reads_nothing_is_given_up_in_time(monkeypatch, tmp_path):
    (tmp_path / "sleepy.py").write_text("import time\ntime.sleep(60)\ndef take(task):\n    return task\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys.modules["assurai_datasets.execution.run_in_workers"], "START_S", 0.5)
    stand_in = types.ModuleType("sleepy")
    exec("def take(task):\n    return task", stand_in.__dict__)
    monkeypatch.setitem(sys.modules, "sleepy", stand_in)
    start = time.monotonic()
    with pytest.raises(UsageError, match="was not done after"):
        list(run_in_workers(stand_in.take, [bytes(1_000_000)]))
    assert time.monotonic() - start < 10


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def children():
    return {child for task in Path("/proc/self/task").iterdir() for child in (task / "children").read_text().split()}


def test_a_function_that_does_not_pickle_leaves_nothing_behind():
    before = open_files(), children()
    for _ in range(3):
        with pytest.raises((pickle.PicklingError, AttributeError)):
            list(run_in_workers(lambda task: task, ["a"]))
    assert (open_files(), children()) == before


def test_a_caller_without_standard_streams_can_use_workers(tmp_path):
    script, result = tmp_path / "script.py", tmp_path / "result"
    script.write_text(
        "import math, os, pathlib\nfrom assurai_datasets.execution import run_in_workers\n"
        "os.closerange(0, 3)\nvalues = [outcome.value for outcome in run_in_workers(math.sqrt, [4.0, 9.0])]\n"
        f"pathlib.Path({str(result)!r}).write_text(str(values))\n",
        encoding="utf-8",
    )
    subprocess.run([sys.executable, script], check=True)
    assert result.read_text() == "[2.0, 3.0]"


def test_a_worker_killed_while_it_starts_costs_no_task(monkeypatch):
    module = sys.modules["assurai_datasets.execution.run_in_workers"]
    start, started = module._start, []

    def start_and_kill_the_first(link):
        started.append(start(link))
        if len(started) == 1:
            started[0].kill()
        return started[-1]

    monkeypatch.setattr(module, "_start", start_and_kill_the_first)
    outcomes = list(run_in_workers(math.sqrt, [4.0, 9.0, 16.0], workers=1))
    assert ([outcome.value for outcome in outcomes], len(started)) == ([2.0, 3.0, 4.0], 2)


def test_a_caller_that_stops_early_leaves_no_process_behind():
    outcomes = run_in_workers(operator.call, [os.getpid, functools.partial(time.sleep, 30)], workers=1)
    pid = next(outcomes).value
    outcomes.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_tasks_start_no_process():
    assert list(run_in_workers(math.sqrt, [])) == []


def test_a_function_that_cannot_be_imported_is_a_wrong_call(misbehave):
    local = type(misbehave)(misbehave.__code__, {}, "nowhere")
    local.__module__, local.__qualname__ = "__main__", "nowhere"
    sys.modules["__main__"].nowhere = local
    try:
        with pytest.raises(UsageError, match="fresh process can import"):
            list(run_in_workers(local, ["a"]))
    finally:
        del sys.modules["__main__"].nowhere


@pytest.mark.parametrize("limits", [{"workers": 0}, {"timeout_s": 0}, {"memory_bytes": -1}])
def test_a_limit_below_its_minimum_is_a_wrong_call(limits):
    with pytest.raises(UsageError, match="must be positive"):
        run_in_workers(math.sqrt, [1.0], **limits)


def test_a_script_without_a_main_guard_can_use_workers(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import math\nfrom assurai_datasets.execution import run_in_workers\n"
        "print([outcome.value for outcome in run_in_workers(math.sqrt, [4.0, 9.0])])\n",
        encoding="utf-8",
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert run.stdout == "[2.0, 3.0]\n"


def test_no_module_comes_from_the_current_folder(tmp_path):
    delivery, script = tmp_path / "delivery", tmp_path / "script.py"
    delivery.mkdir()
    for module in ("assurai_datasets", "math", "pickle", "statistics"):
        (delivery / f"{module}.py").write_text("raise SystemExit('taken from a delivery')\n", encoding="utf-8")
    script.write_text(
        "import statistics\nfrom assurai_datasets.execution import run_in_workers\n"
        "print([outcome.value for outcome in run_in_workers(statistics.mean, [[1, 3]])])\n",
        encoding="utf-8",
    )
    run = subprocess.run([sys.executable, script], cwd=delivery, capture_output=True, text=True, check=True)
    assert run.stdout == "[2]\n"


def test_an_outcome_without_a_reason_is_a_success():
    assert Outcome(3).ok
    assert not Outcome(reason="crash", message="died").ok
