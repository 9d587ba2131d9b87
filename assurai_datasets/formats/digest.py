"""Content hashes of values: canonical JSON, then SHA-256."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

NOT_DIGESTED = frozenset({"digest", "annotator", "reviewer_id", "previous"})
"""Fields that do not enter the digest of a row: itself, pseudonyms, and the link of the ledger made over pseudonyms."""


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: UTF-8, keys sorted, no white space, no nulls added or removed."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def row_digest(row: Mapping[str, Any]) -> str:
    """Return the digest of a row of a release: of its fields that are not null, at every depth.

    Pseudonyms do not enter, and neither do the bytes of media, for which their SHA-256 stands in the row.
    """
    return digest_of(without_nulls({name: value for name, value in row.items() if name not in NOT_DIGESTED}))


def without_nulls(value: Any) -> Any:
    """Return a value without the fields of objects that are null; elements of lists stay."""
    if isinstance(value, Mapping):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list | tuple) else value


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

    def extend(self, digests: Sequence[str]) -> None:
        """Take in many."""
        self._digests += bytes.fromhex("".join(digests))
        self.count += len(digests)

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
