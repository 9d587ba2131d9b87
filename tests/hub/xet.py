"""What hf_xet leaves in a local store, read without hf_xet: its database has one reader at a time.

Layout of xet-core: `mdb_shard` for the shards, `xorb_object` for the chunks.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

BOOKEND = b"\xff" * 32
RECORD_BYTES = 48
WITH_VERIFICATION = 1 << 31
WITH_METADATA = 1 << 30
CHUNK_HEADER_BYTES = 8
STORED, LZ4, GROUPED_LZ4 = range(3)


@dataclass(frozen=True)
class XetFile:
    """A file of a shard: its Xet hash, and the (xorb, first chunk, end chunk) it is made of."""

    xet_hash: str
    segments: tuple[tuple[Path, int, int], ...]

    def read(self) -> bytes:
        return b"".join(
            chunk
            for xorb, first, end in self.segments
            for number, chunk in enumerate(chunks_of_xorb(xorb.read_bytes(), end))
            if number >= first
        )


def hash_text(raw: bytes) -> str:
    """Return the hexadecimal form of a Xet hash: four little-endian words."""
    return "".join(raw[start : start + 8][::-1].hex() for start in range(0, 32, 8))


def files_of_shard(path: Path) -> Iterator[tuple[str, XetFile]]:
    """Yield (SHA-256, file) of each file a metadata shard describes."""
    shard, position = path.read_bytes(), RECORD_BYTES
    xorbs = path.parents[1] / "xorbs"
    while shard[position : position + 32] != BOOKEND:
        flags, entries = struct.unpack_from("<II", shard, position + 32)
        starts = range(position + RECORD_BYTES, position + RECORD_BYTES * (1 + entries), RECORD_BYTES)
        segments = tuple(
            (xorbs / f"default.{hash_text(shard[start : start + 32])}", *struct.unpack_from("<II", shard, start + 40))
            for start in starts
        )
        file = XetFile(hash_text(shard[position : position + 32]), segments)
        position += RECORD_BYTES * (1 + entries * (2 if flags & WITH_VERIFICATION else 1))
        if flags & WITH_METADATA:
            yield hash_text(shard[position : position + 32]), file
            position += RECORD_BYTES


def chunks_of_xorb(xorb: bytes, end: int) -> Iterator[bytes]:
    """Yield the first `end` chunks of a xorb, unpacked."""
    position = 0
    for _ in range(end):
        packed_bytes = int.from_bytes(xorb[position + 1 : position + 4], "little")
        scheme = xorb[position + 4]
        plain_bytes = int.from_bytes(xorb[position + 5 : position + 8], "little")
        position += CHUNK_HEADER_BYTES
        yield _unpack(xorb[position : position + packed_bytes], scheme, plain_bytes)
        position += packed_bytes


def _unpack(packed: bytes, scheme: int, plain_bytes: int) -> bytes:
    if scheme == STORED:
        return packed
    plain = pa.decompress(packed, decompressed_size=plain_bytes, codec="lz4", asbytes=True)
    return _ungroup(plain) if scheme == GROUPED_LZ4 else plain


def _ungroup(grouped: bytes) -> bytes:
    """Undo the grouping of every fourth byte."""
    plain, start = bytearray(len(grouped)), 0
    for group in range(4):
        size = len(plain[group::4])
        plain[group::4] = grouped[start : start + size]
        start += size
    return bytes(plain)
