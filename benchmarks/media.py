"""How fast a delivery's media are checked whole, against a bare loop over the same decoders.

`python benchmarks/media.py DELIVERY [--workers N] [--rounds N]`: the bare loop runs in one process; the aim is at most
1.3 times its time divided by the number of workers. Both run in turn, and each round gives one ratio, because machines
change their pace; the middle one is quoted. Peak memory, summed over all processes, is taken in a round of its own.
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
    ratios = []
    for number in range(1, arguments.rounds + 1):
        bare = measure(lambda: [decode_bare(path) for path in paths])
        ours = measure(lambda: check(paths, workers))
        ratios.append(ours.clock_s / (bare.clock_s / workers))
        print(
            f"round {number}: bare loop {bare.clock_s:5.2f} s, checked by {workers} workers {ours.clock_s:5.2f} s "
            f"({bare.processor_s:.2f} and {ours.processor_s:.2f} s of processor), times bare / workers {ratios[-1]:.2f}"
        )
    print(f"times bare / workers       {statistics.median(ratios):5.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
