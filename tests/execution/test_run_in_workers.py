import functools
import itertools
import math
import operator
import os
import subprocess
import sys
import time

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.execution import Outcome, run_in_workers

MISBEHAVIOUR = """
import os, signal, time

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
