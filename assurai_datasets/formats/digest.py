"""Content hashes of values: canonical JSON, then SHA-256."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: UTF-8, keys sorted, no white space, no nulls added or removed."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def fold_digests(digests: Iterable[str]) -> str:
    """Return one digest of a multiset of digests: whatever their order, the same; no digests, the digest of nothing."""
    whole = hashlib.sha256()
    for digest in sorted(digests):
        whole.update(bytes.fromhex(digest))
    return whole.hexdigest()
