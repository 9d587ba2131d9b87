"""How fast a delivery's media are checked whole, against a bare loop over the same decoders.

`python benchmarks/media.py DELIVERY [--workers N] [--rounds N]`: the aim is at most 1.3 times the bare loop divided by
the number of workers. The bare loop is taken twice: in one process, its time then divided, and shared out among as many
processes, which tells what two busy cores of this machine really do. All run in turn, and each round gives its ratios,
because machines change their pace; the middle ones are quoted. Peak memory, summed over all processes, is taken in a
round of its own.
"""

import argparse
import io
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import av
import soundfile
from PIL import Image

from assurai_datasets.media import MediaTask, PreparedMedia, prepare_in_workers

KINDS = {".jpg": "image", ".png": "image", ".mp4": "video", ".wav": "audio"}


def media_of(delivery: Path) -> list[Path]:
    return sorted(path for path in delivery.rglob("*") if path.suffix in KINDS)


def decode_bare(path: Path) -> None:
    content = path.read_bytes()
    kind = KINDS[path.suffix]
    if kind == "image":
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    elif kind == "audio":
        soundfile.read(io.BytesIO(content), dtype="float32")
    else:
        with av.open(io.BytesIO(content)) as container:
            for stream in container.streams:
                stream.codec_context.thread_count = 1
            for packet in container.demux():
                packet.decode()


def resident_bytes(root: int) -> int:
    """Resident memory of a process and its children."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if int(folder.name) == root or parent == root:
                total += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
    return total


def processor_s() -> float:
    """Processor time of this process and of the children that ended."""
    return sum(os.times()[:4])


class Watch:
    """Peak memory while something runs."""

    def __enter__(self) -> "Watch":
        self.peak, self.done = 0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def _look(self) -> None:
        while not self.done.wait(0.2):
            self.peak = max(self.peak, resident_bytes(os.getpid()))

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


class Taken(NamedTuple):
    """Seconds on the clock and of processors, these with the children that ended."""

    clock_s: float
    processor_s: float


def measure(run: Callable[[], object]) -> Taken:
    start, start_cpu = time.perf_counter(), processor_s()
    run()
    return Taken(time.perf_counter() - start, processor_s() - start_cpu)


def decode_bare_shared(paths: list[Path], workers: int) -> None:
    """Run the bare loop in as many processes, each over its share; they start with all that it needs."""
    children = []
    for index in range(workers):
        child = os.fork()
        if not child:
            for path in paths[index::workers]:
                decode_bare(path)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def tasks_for(paths: list[Path], spool: Path | None) -> Iterator[MediaTask]:
    for index, path in enumerate(paths):
        yield MediaTask(path, expected=KINDS[path.suffix], clean_to=spool / str(index) if spool else None)


def check(paths: list[Path], workers: int) -> list[PreparedMedia]:
    with tempfile.TemporaryDirectory() as folder:
        return list(prepare_in_workers(tasks_for(paths, Path(folder)), workers=workers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("delivery", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    paths, workers = media_of(arguments.delivery), arguments.workers
    with Watch() as watch:
        found = check(paths, workers)
    refused = sum(each.media_file.is_refused for each in found)
    cleaned = sum(each.cleaned_sha256 is not None for each in found)
    print(f"{len(paths)} media, {refused} refused, {cleaned} cleaned")
    print(f"peak memory, all processes {watch.peak / 1e6:5.0f} MB")
    ratios: dict[str, list[float]] = {"divided": [], "shared": []}
    for number in range(1, arguments.rounds + 1):
        bare = measure(lambda: [decode_bare(path) for path in paths])
        shared = measure(lambda: decode_bare_shared(paths, workers))
        ours = measure(lambda: check(paths, workers))
        ratios["divided"].append(ours.clock_s / (bare.clock_s / workers))
        ratios["shared"].append(ours.clock_s / shared.clock_s)
        print(
            f"round {number}: bare loop {bare.clock_s:.2f} s, shared by {workers} {shared.clock_s:.2f} s, "
            f"checked by {workers} workers {ours.clock_s:.2f} s ({bare.processor_s:.2f}, {shared.processor_s:.2f} and "
            f"{ours.processor_s:.2f} s of processor)"
        )
    for name, found in ratios.items():
        print(f"times bare loop, {name:8} {statistics.median(found):.2f}, from {min(found):.2f} to {max(found):.2f}")


if __name__ == "__main__":
    main()
