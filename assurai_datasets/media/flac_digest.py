"""The digest that a FLAC file carries of its samples (RFC 9639, section 8.2), held against the decoded ones."""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.media.mpeg_frames import skip_tags

if TYPE_CHECKING:
    from hashlib import _Hash

_KINDS = {8: "i1", 16: "<i2", 24: "<i4"}
"""The depths that libsndfile reads, and float32 holds to the last bit."""


def _md5() -> "_Hash":
    return hashlib.md5(usedforsecurity=False)


@dataclass(slots=True)
class FlacDigest:
    """A digest that is declared, and one of the samples that pass by."""

    bits: int
    declared: bytes
    hasher: "_Hash" = field(default_factory=_md5)

    def add(self, block: NDArray[np.float32]) -> None:
        """Take in decoded samples, 1.0 being full scale."""
        whole = np.ascontiguousarray(block * np.float32(1 << self.bits - 1), _KINDS[self.bits])
        self.hasher.update(whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes() if self.bits == 24 else whole.data)

    @property
    def agrees(self) -> bool:
        """Whether the samples are those that were encoded."""
        return self.hasher.digest() == self.declared


def read_digest(content: bytes) -> FlacDigest | None:
    """Return the digest in the first block of a FLAC file, or None where it was left open."""
    at = skip_tags(content) + 8
    info = content[at : at + 34]
    if len(info) < 34 or not content.startswith(b"fLaC", at - 8) or not any(info[18:]):
        return None
    bits = (int.from_bytes(info[12:14], "big") >> 4 & 31) + 1
    return FlacDigest(bits, info[18:]) if bits in _KINDS else None
