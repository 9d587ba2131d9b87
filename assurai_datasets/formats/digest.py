"""Content hashes of values: canonical JSON, then SHA-256."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: UTF-8, keys sorted, no white space, no nulls added or removed."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


class DigestFold:
    """One digest of many, whatever their order: 32 bytes of memory for each.

    Attributes:
        count: How many were added.
    """

    def __init__(self) -> None:
        self.count = 0
        self._digests = bytearray()

    def add(self, digest: str) -> None:
        """Take in one SHA-256, in hexadecimal."""
        self._digests += bytes.fromhex(digest)
        self.count += 1

    def digest(self) -> str:
        """Return the SHA-256 of the sorted digests; of no digests, the SHA-256 of nothing."""
        ordered = np.sort(np.frombuffer(self._digests, dtype="S32"))
        return hashlib.sha256(ordered.view(np.uint8).data).hexdigest()


def fold_digests(digests: Iterable[str]) -> str:
    """Return one digest of a multiset of digests: whatever their order, the same."""
    fold = DigestFold()
    for digest in digests:
        fold.add(digest)
    return fold.digest()
