"""Tracks of timed metadata, such as the path a camera took: where their samples lie."""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice, repeat

from assurai_datasets.media.containers.survey import Edit, blank

_TABLE_HEAD = 8


def blank_samples(content: bytes, start: int, end: int) -> Iterator[Edit]:
    """Yield edits that overwrite the samples of the track that lies in a stretch."""
    tables = {name: content.find(name, start, end) + 4 for name in (b"stsc", b"stsz", b"stco", b"co64")}
    sizes = _sizes(content, tables[b"stsz"])
    wide = tables[b"stco"] < _TABLE_HEAD
    chunks = _numbers(content, tables[b"co64" if wide else b"stco"], "Q" if wide else "I")
    firsts, counts = _runs(content, tables[b"stsc"])
    for index, place in enumerate(chunks, 1):
        run = bisect_right(firsts, index) - 1
        length = sum(islice(sizes, counts[run])) if run >= 0 else 0
        if place + length <= len(content):
            yield blank(place, place + length)


def _numbers(content: bytes, at: int, letter: str) -> tuple[int, ...]:
    if at < _TABLE_HEAD:
        return ()
    (count,) = struct.unpack_from(">I", content, at + 4)
    return struct.unpack_from(f">{count}{letter}", content, at + 8)


def _sizes(content: bytes, at: int) -> Iterator[int]:
    if at < _TABLE_HEAD:
        return iter(())
    size, count = struct.unpack_from(">II", content, at + 4)
    if size:
        return repeat(size, min(count, len(content)))
    return iter(struct.unpack_from(f">{count}I", content, at + 12))


def _runs(content: bytes, at: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the first chunk of each run of chunks, and how many samples its chunks hold."""
    if at < _TABLE_HEAD:
        return (), ()
    (count,) = struct.unpack_from(">I", content, at + 4)
    flat = struct.unpack_from(f">{3 * count}I", content, at + 8)
    return flat[::3], flat[1::3]
