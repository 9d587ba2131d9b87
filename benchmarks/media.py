"""How fast a delivery's media are checked whole and cleaned, against a bare loop over the same decoders.

`python benchmarks/media.py DELIVERY [--workers N]`: the bare loop runs in one process; the aim is at most 1.3 times its
time divided by the number of workers. Peak memory is summed over all processes.
"""

import argparse
import io
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import soundfile
from PIL import Image

from assurai_datasets.media import MediaTask, prepare_in_workers

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


def tasks_for(paths: list[Path], spool: Path | None) -> Iterator[MediaTask]:
    for index, path in enumerate(paths):
        yield MediaTask(path, expected=KINDS[path.suffix], clean_to=spool / str(index) if spool else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("delivery", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    paths = media_of(arguments.delivery)
    start, start_cpu = time.perf_counter(), processor_s()
    for path in paths:
        decode_bare(path)
    bare, bare_cpu = time.perf_counter() - start, processor_s() - start_cpu
    with tempfile.TemporaryDirectory() as folder, Watch() as watch:
        start, start_cpu = time.perf_counter(), processor_s()
        found = list(prepare_in_workers(tasks_for(paths, Path(folder)), workers=arguments.workers))
        ours, ours_cpu = time.perf_counter() - start, processor_s() - start_cpu
    refused = sum(each.media_file.is_refused for each in found)
    cleaned = sum(each.cleaned_sha256 is not None for each in found)
    print(f"{len(paths)} media, {refused} refused, {cleaned} cleaned")
    ratio, ratio_cpu = ours / (bare / arguments.workers), ours_cpu / bare_cpu
    print(f"bare loop, one process     {bare:7.2f} s, {bare_cpu:.2f} s of processor")
    print(f"checked by {arguments.workers} workers       {ours:7.2f} s, {ours_cpu:.2f} s of processor")
    print(f"times bare / workers       {ratio:7.2f} on the clock, {ratio_cpu:.2f} of processor")
    print(f"peak memory, all processes {watch.peak / 1e6:7.0f} MB")


if __name__ == "__main__":
    main()
