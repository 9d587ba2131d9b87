"""Many processes append to one ledger, and some are killed at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assurai_datasets.review import append_decisions, read_ledger, verify_ledger
from assurai_datasets.review.decide import Decision
from assurai_datasets.schema.instance import Instance

WRITER = """
import sys
from pathlib import Path
from assurai_datasets.review import Decision, append_decisions
from assurai_datasets.schema.instance import Instance

path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for number in range(count):
    fields = {"modality": "text", "risk_factor": 9, "prompt_type": "Q Only", "prompt": "질문"}
    instance = Instance.model_validate({"id": f"{name}-{number}", **fields})
    append_decisions(path, [Decision(instance, "accept", "somebody")], key=b"k" * 16)
    sys.stdout.write(f"{name}-{number}\\n")
    sys.stdout.flush()
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def acknowledged_by(writers: list[subprocess.Popen[str]]) -> list[str]:
    return [line for writer in writers for line in writer.communicate()[0].split("\n") if line]


def test_writers_at_once_lose_and_corrupt_nothing(ledger_path: Path) -> None:
    writers = [start_writer(ledger_path, f"w{n}", 8) for n in range(5)]
    acknowledged = acknowledged_by(writers)
    assert [writer.returncode for writer in writers] == [0] * 5
    assert verify_ledger(ledger_path) == ()
    assert sorted(event.instance_id for event in read_ledger(ledger_path).events) == sorted(acknowledged)
    assert len(acknowledged) == 40


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
@pytest.mark.parametrize("seed", range(5))
def test_killed_writers_lose_no_event_that_was_acknowledged(ledger_path: Path, seed: int) -> None:
    moments = random.Random(seed)
    writers = [start_writer(ledger_path, f"w{n}", 400) for n in range(5)]
    while not ledger_path.exists() or not ledger_path.stat().st_size:
        time.sleep(0.01)
    for writer in writers[1:]:
        time.sleep(moments.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
    writers[0].send_signal(signal.SIGKILL)
    acknowledged = acknowledged_by(writers)
    assert [writer.returncode for writer in writers] == [-signal.SIGKILL] * 5
    values = {"id": "last", "modality": "text", "risk_factor": 9, "prompt_type": "Q Only", "prompt": "질문"}
    append_decisions(ledger_path, [Decision(Instance.model_validate(values), "accept", "somebody")], key=b"k" * 16)
    assert verify_ledger(ledger_path) == ()
    kept = [json.loads(line)["instance_id"] for line in ledger_path.read_bytes().splitlines()]
    assert len(kept) == len(set(kept))
    assert set(acknowledged) <= set(kept)
    assert len(kept) - len(acknowledged) <= len(writers) + 1
