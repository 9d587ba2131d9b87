"""Media that look alike, found by their perceptual hashes in memory that does not grow with their square."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.errors import UsageError

SHAPE_BITS = 18
"""Pictures whose cosine parts (64 bits) differ in more bits than this are different."""
SLOPE_BITS = 24
"""Pictures whose tile parts (128 bits) differ in more bits than this are different.

Measured on 25 real and 1,160 generated pictures: no false pair among 675,000; of copies cropped by 5 % at most, made
smaller, larger, brighter or compressed to quality 20, more than 95 % are found.
"""
SHARED = 2 / 3
"""Videos are near where this part of the hashes of the one with fewer has a near one in the other."""
_BLOCK_CELLS = 1 << 22
_HASH_DIGITS = 48


class NearPair(NamedTuple):
    """Two media that look alike: their ids in order, and the bits (of 192) in which their nearest hashes differ."""

    first: str
    second: str
    distance: int


def find_near_duplicates(hashes: Mapping[str, Iterable[str]]) -> tuple[NearPair, ...]:
    """Return every pair of media that look alike, in the order of their ids.

    Args:
        hashes: By id, the `hashes` of a `MediaFile`: one a picture, several a video.

    Raises:
        UsageError: A hash that does not have 48 hexadecimal digits.
    """
    owners: list[str] = []
    words: list[bytes] = []
    for media_id in sorted(hashes):
        for digits in sorted(set(hashes[media_id])):
            owners.append(media_id)
            words.append(_to_bytes(digits))
    if not words:
        return ()
    held = Counter(owners)
    matched: dict[tuple[str, str], tuple[set[int], set[int], int]] = {}
    for left, right, distance in _near_hashes(np.frombuffer(b"".join(words), ">u8").reshape(-1, 3)):
        if owners[left] != owners[right]:
            mine, theirs, least = matched.get((owners[left], owners[right]), (set(), set(), distance))
            matched[owners[left], owners[right]] = (mine | {left}, theirs | {right}, min(least, distance))
    return tuple(
        NearPair(first, second, distance)
        for (first, second), (mine, theirs, distance) in sorted(matched.items())
        if min(len(mine), len(theirs)) >= SHARED * min(held[first], held[second])
    )


def cluster_pairs(pairs: Iterable[tuple[str, str] | NearPair]) -> tuple[tuple[str, ...], ...]:
    """Return groups of ids connected by pairs, each in order, the groups in the order of their first ids."""
    parent: dict[str, str] = {}

    def root(media_id: str) -> str:
        while parent.setdefault(media_id, media_id) != media_id:
            parent[media_id] = parent[parent[media_id]]
            media_id = parent[media_id]
        return media_id

    for pair in pairs:
        first, second = sorted((root(pair[0]), root(pair[1])))
        parent[second] = first
    groups: dict[str, list[str]] = {}
    for media_id in sorted(parent):
        groups.setdefault(root(media_id), []).append(media_id)
    return tuple(tuple(group) for _, group in sorted(groups.items()))


def _to_bytes(digits: str) -> bytes:
    try:
        word = bytes.fromhex(digits)
    except ValueError:
        word = b""
    if len(word) * 2 != _HASH_DIGITS:
        raise UsageError(f"a perceptual hash has {_HASH_DIGITS} hexadecimal digits, unlike {digits!r}")
    return word


def _near_hashes(words: NDArray[np.uint64]) -> Iterator[tuple[int, int, int]]:
    """Yield index pairs (left < right) of near hashes of shape (n, 3), and how many bits differ."""
    shape, slopes = words[:, 0].astype(np.uint64), words[:, 1:].astype(np.uint64)
    rows = max(1, _BLOCK_CELLS // len(words))
    for start in range(0, len(words), rows):
        block = shape[start : start + rows, None] ^ shape[None, start:]
        differing = np.bitwise_count(block)
        left, right = np.nonzero(differing <= SHAPE_BITS)
        ahead = right > left
        left, right = left[ahead], right[ahead]
        tilted = np.bitwise_count(slopes[left + start] ^ slopes[right + start]).sum(axis=1, dtype=np.int64)
        for index in np.flatnonzero(tilted <= SLOPE_BITS):
            row, column = int(left[index]), int(right[index])
            yield row + start, column + start, int(differing[row, column]) + int(tilted[index])
