"""Ten thousand damaged files through the probe: none may crash it, stall it, or make its memory grow.

`python benchmarks/media_mutations.py FOLDER [--count N] [--max-bytes N]`: takes the media files of a folder in turn and
cuts, flips or splices each at random, the same way for the same seed.
"""

import argparse
import collections
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from media import Watch

from assurai_datasets.media import MediaTask, prepare_in_workers
from assurai_datasets.media.signatures import HEAD_BYTES, sniff


def mutate(content: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(content)
    kind = chance.randrange(4)
    if kind == 0:
        del data[chance.randrange(len(data)) :]
    elif kind == 1:
        for _ in range(chance.choice((1, 8, 64, 512))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 2:
        for _ in range(chance.choice((1, 4, 16))):
            data[chance.randrange(min(len(data), 512))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    else:
        start, target = chance.randrange(len(data)), chance.randrange(len(data))
        data[target:target] = data[start : start + chance.randrange(1, 4096)] * chance.choice((1, 2, 5))
    return bytes(data)


def tasks_in(goods: list[Path], folder: Path, count: int) -> Iterator[MediaTask]:
    for seed in range(count):
        good = goods[seed % len(goods)]
        path = folder / f"{seed:05d}{good.suffix}"
        path.write_bytes(mutate(good.read_bytes(), seed))
        yield MediaTask(path, clean_to=folder / f"{seed:05d}.clean")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--max-bytes", type=int, default=130_000, help="leave larger files out, to be done sooner")
    arguments = parser.parse_args()
    paths = [path for path in sorted(arguments.folder.rglob("*")) if path.is_file()]
    small = [path for path in paths if 0 < path.stat().st_size <= arguments.max_bytes]
    goods = [path for path in small if sniff(path.read_bytes()[:HEAD_BYTES]) is not None]
    verdicts: collections.Counter[str] = collections.Counter()
    codes: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as name, Watch() as watch:
        start, slowest, slowest_seed = time.perf_counter(), 0.0, 0
        last = start
        tasks = tasks_in(goods, Path(name), arguments.count)
        for seed, prepared in enumerate(prepare_in_workers(tasks, workers=2)):
            file = prepared.media_file
            verdicts["refused" if file.is_refused else "warned" if file.faults else "fine"] += 1
            codes.update(fault.code.value for fault in file.faults)
            for fault in file.faults:
                if fault.code in ("media-decoder-failed", "media-metadata-irremovable"):
                    print(f"seed {seed} of {goods[seed % len(goods)].name}: {fault.message}")
            now = time.perf_counter()
            if now - last > slowest:
                slowest, slowest_seed = now - last, seed
            last = now
            for path in Path(name).glob(f"{seed:05d}.*"):
                path.unlink()
        taken = time.perf_counter() - start
    print(f"{arguments.count} mutations of {len(goods)} files in {taken:.0f} s")
    print(f"longest wait {slowest:.2f} s, for seed {slowest_seed} of {goods[slowest_seed % len(goods)].name}")
    print(f"peak memory of all processes {watch.peak / 1e6:.0f} MB")
    print(dict(verdicts.most_common()))
    print(dict(codes.most_common()))


if __name__ == "__main__":
    main()
