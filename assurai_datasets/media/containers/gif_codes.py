"""The LZW codes of a GIF picture: where they end, found without decoding them."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

_WIDEST = 12
_FEW, _MANY = 256, 4096
MOST_ROUNDS = 30_000
"""Stretches between clear codes to look at in one file; one has thousands, unless each code is made a clear code."""


def find_end_of_codes(data: bytes, code_bits: int, rounds: Iterator[int]) -> int | None:
    """Return how many bytes there are up to the end code, or None where none is found.

    How wide a code is depends only on how many came since the last clear code, so that all of a stretch are cut out
    at once. Each stretch takes one of the rounds; when they are used up, nothing is found.
    """
    padded = np.frombuffer(data + bytes(3), np.uint8).astype(np.uint32)
    clear, at, since, size = 1 << code_bits, 0, 0, _FEW
    for _ in rounds:
        places, codes = _cut_out(padded, at, since, size, code_bits)
        found = np.flatnonzero((codes == clear) | (codes == clear + 1))
        if len(found) == 0 and len(codes) < size:
            return None
        if len(found) == 0:
            at, since, size = int(places[size]), since + size, _MANY
        elif codes[found[0]] == clear + 1:
            return (int(places[found[0] + 1]) + 7) // 8
        else:
            at, since, size = int(places[found[0] + 1]), 0, _FEW
    return None


def _cut_out(
    padded: NDArray[np.uint32], at: int, since: int, size: int, code_bits: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return the places in bits of the next codes and of the one behind them, and those codes that are whole."""
    first = min(since, _MANY)
    widths = _widths(code_bits)[first : first + size]
    places = at + np.concatenate((np.zeros(1, np.int64), np.cumsum(widths)))
    whole = int(np.searchsorted(places[1:], 8 * (len(padded) - 3), side="right"))
    byte, bit = places[:whole] >> 3, (places[:whole] & 7).astype(np.uint32)
    three = padded[byte] | padded[byte + 1] << np.uint32(8) | padded[byte + 2] << np.uint32(16)
    return places, (three >> bit) & ((1 << widths[:whole]) - 1).astype(np.uint32)


@cache
def _widths(code_bits: int) -> NDArray[np.int64]:
    """Return the widths of the codes after a clear code: each but the first adds an entry to the table."""
    first = (1 << code_bits) + 2
    entries = (first + max(0, index - 1) for index in range(2 * _MANY))
    return np.array([min(_WIDEST, entry.bit_length()) for entry in entries], np.int64)
