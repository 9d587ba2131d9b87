"""How much faster conditions are than a lambda, and how little of a picture config a condition fetches.

`python benchmarks/loading.py TEXTS [--pictures PICTURES] [--factor NUMBER]`: TEXTS is a release with about a million
texts, PICTURES one with pictures. Each figure is taken in a fresh process with an empty cache, after
the imports; cold figures are the middle of three.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.hub.fixture import TestHub

REPO = "assurai-lab/pictures"
COLD_LAMBDA = """
dataset = load_dataset(release, "text", split="test").filter(lambda row: row["risk_factor_id"] == factor)
"""
COLD_LOAD = """
dataset = load("text", risk_factor=factor, release=release)
"""
WARM = """
dataset = load_dataset(release, "text", split="test")
times = {}
started = time.perf_counter()
by_lambda = dataset.filter(lambda row: row["risk_factor_id"] == factor)
times["lambda"] = time.perf_counter() - started
for way, conditions in {"number": {"risk_factor": factor}, "category": {"category": by_lambda[0]["category"]}}.items():
    started = time.perf_counter()
    found = filter_instances(dataset, **conditions)
    times[way] = time.perf_counter() - started
    assert way != "number" or list(found["id"]) == list(by_lambda["id"])
print(json.dumps(times))
"""
TIMED = """
started = time.perf_counter()
{work}
print(json.dumps([time.perf_counter() - started, len(dataset)]))
"""
STREAM = """
stream = load("image", risk_factor=factor, release=release, streaming=True, decode=False)
sizes = [len(row["image"]["bytes"]) for row in stream]
print(json.dumps([len(sizes), sum(sizes)]))
"""
IMPORTS = """
import json, sys, time
import datasets
import scipy.io  # datasets imports it with its first builder
from datasets import load_dataset
from assurai_datasets import filter_instances, load
datasets.disable_progress_bars()
filter_instances(datasets.Dataset.from_dict({"risk_factor_id": [1]}), risk_factor=1)
load, release, factor = load, sys.argv[1], int(sys.argv[2])
"""


def in_fresh_process(code: str, release: Path | str, factor: int) -> Any:
    """Return the JSON that the code prints in a process whose cache is empty."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HF_HOME": home, "HF_HUB_OFFLINE": "1"}
        command = [sys.executable, "-c", IMPORTS + code, str(release), str(factor)]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def median_of(code: str, release: Path, factor: int) -> Any:
    """Return the middle one of three answers `[seconds, rows]`."""
    return sorted(in_fresh_process(code, release, factor) for _ in range(3))[1]


def show_texts(release: Path, factor: int) -> None:
    by_lambda, rows = median_of(TIMED.format(work=COLD_LAMBDA), release, factor)
    by_load, same_rows = median_of(TIMED.format(work=COLD_LOAD), release, factor)
    assert rows == same_rows
    print(f"cold, {rows:,} rows of factor {factor}")
    print(f"  load_dataset(...).filter(lambda)   {by_lambda:9.3f} s")
    print(f"  load(risk_factor=)                 {by_load:9.3f} s   {by_lambda / by_load:7.1f} times faster (aim: 20)")
    times = in_fresh_process(WARM, release, factor)
    print("on a loaded dataset")
    print(f"  dataset.filter(lambda)             {times['lambda']:9.3f} s")
    for way, aim in (("number", " (aim: 50)"), ("category", "")):
        ratio = times["lambda"] / times[way]
        print(f"  filter_instances by {way:<15}{times[way]:9.3f} s   {ratio:7.1f} times faster{aim}")


def show_pictures(release: Path, factors: Iterable[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hub = TestHub(Path(folder))
        hub.put(
            REPO, {path.relative_to(release).as_posix(): path.read_bytes() for path in files_of(release)}, tag="v1.0.0"
        )
        print("streamed from a loopback Hub, pictures of one factor")
        for factor in factors:
            before = len(hub.log)
            done = hub.run(IMPORTS + STREAM, f"{REPO}@1.0.0", str(factor))
            rows, own = json.loads(done.stdout.splitlines()[-1])
            sent = sum(request.bytes_out for request in hub.log[before:])
            print(f"  factor {factor:>2}: {rows:>4} rows, {own:>12,} bytes of their own, {sent:>12,} fetched", end="")
            print(f"   {sent / own:5.2f} times (aim: at most 3)")
        hub.close()


def files_of(release: Path) -> list[Path]:
    listed = json.loads((release / "release.json").read_text(encoding="utf-8"))
    pictures = listed["configs"]["image"]["splits"]["test"]["files"]
    return [release / path for path in ("release.json", "README.md", *pictures)]


def picture_factors(release: Path) -> list[int]:
    import pyarrow.dataset as pads

    table = pads.dataset(release / "data" / "image", format="parquet").to_table(columns=["risk_factor_id"])
    return sorted(set(table.column(0).to_pylist()))[::4]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--factor", type=int, default=9)
    options = parser.parse_args()
    show_texts(options.texts.resolve(), options.factor)
    if options.pictures:
        show_pictures(options.pictures.resolve(), picture_factors(options.pictures))


if __name__ == "__main__":
    main()
