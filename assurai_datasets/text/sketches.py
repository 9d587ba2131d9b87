"""Texts as rows of fixed size: an exact digest, and MinHash bands of their letter pairs."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from assurai_datasets.text.normalization import fold_text
from assurai_datasets.text.skeleton import LONGEST_COMPARED, digits_in, kept_characters, shorten_further

BANDS, ROWS = 24, 4
"""Two texts of similarity s share each of 24 bands with probability s**4: 0.24 at 0.7, 0.41 at 0.8, 1 at 1."""
SEED = 20_686
SKETCH = np.dtype([("digest", "<u8", 2), ("numbers", "<u4"), ("letters", "<u4"), ("bands", "<u4", BANDS)])
"""One text, 120 bytes: digest of the folded text, hash of its numbers, letters of its skeleton, one hash a band."""

_BATCH_TEXTS, _BATCH_CHARACTERS = 2_000, 1_000_000
_ODD_1, _ODD_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def sketch_texts(texts: Iterable[str], *, near: bool = True) -> NDArray[np.void]:
    """Return one row of dtype `SKETCH` a text, in their order; rows can be made in several processes and concatenated.

    Args:
        texts: Read once, in batches of bounded size.
        near: Whether to fill the fields for near duplicates; without them `letters` is 0.
    """
    batches = [_sketch_batch(batch, near) for batch in _batches(texts)]
    return np.concatenate(batches) if batches else np.empty(0, SKETCH)


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if len(batch) == _BATCH_TEXTS or characters > _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _sketch_batch(texts: Sequence[str], near: bool) -> NDArray[np.void]:
    rows = np.zeros(len(texts), SKETCH)
    folded = [fold_text(text) for text in texts]
    digests = b"".join(hashlib.blake2b(_utf8(text), digest_size=16).digest() for text in folded)
    rows["digest"] = np.frombuffer(digests, "<u8").reshape(-1, 2)
    if near:
        folded = [_head(text, whole) for text, whole in zip(texts, folded, strict=True)]
        rows["numbers"] = [zlib.crc32(digits_in(text).encode()) for text in folded]
        rows["letters"], rows["bands"] = _bands([shorten_further(text) for text in folded])
    return rows


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _head(text: str, folded: str) -> str:
    return folded if len(text) <= LONGEST_COMPARED else fold_text(text[:LONGEST_COMPARED])


def _bands(shortened: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return for each shortened text the letters of its skeleton and its band hashes (rows x `BANDS`)."""
    codes = np.frombuffer("".join(shortened).encode("utf-32-le", "surrogatepass"), "<u4")
    owners = np.repeat(np.arange(len(shortened)), [len(text) for text in shortened])
    kept = (codes >= 0x10000) | kept_characters()[np.minimum(codes, 0xFFFF)]
    codes, owners = codes[kept].astype(np.uint64), owners[kept]
    letters = np.bincount(owners, minlength=len(shortened))
    same = owners[1:] == owners[:-1]
    pairs = _mix((codes[:-1] << np.uint64(32) | codes[1:])[same])
    offsets = np.concatenate(([0], np.cumsum(np.maximum(letters - 1, 0)))).astype(np.uint64)
    minima = RMinHash.digest_matrix_from_flat_token_hashes(pairs, offsets, BANDS * ROWS, SEED).to_rows()
    return letters, _fold_bands(np.array(minima, np.uint64).reshape(len(shortened), BANDS, ROWS))


def _fold_bands(minima: NDArray[np.uint64]) -> NDArray[np.uint32]:
    folded = np.zeros(minima.shape[:2], np.uint64)
    for row in range(ROWS):
        folded = _mix(folded * _ODD_1 + minima[:, :, row])
    return (folded >> np.uint64(32)).astype(np.uint32)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-spread hashes of integers (the finaliser of SplitMix64; multiplication wraps round)."""
    mixed = (values ^ (values >> np.uint64(30))) * _ODD_2
    return mixed ^ (mixed >> np.uint64(27))
