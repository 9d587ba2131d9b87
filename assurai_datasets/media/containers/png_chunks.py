"""PNG chunks (W3C, third edition): where they lie, and the header."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import bounded

HEADER_BYTES = 13
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class Chunk(NamedTuple):
    """A chunk: its four letters, and the stretch from its length to behind its checksum."""

    kind: bytes
    start: int
    end: int

    def body(self, content: bytes) -> bytes:
        """Return what the chunk holds."""
        return content[self.start + 8 : self.end - 4]

    @property
    def length(self) -> int:
        """The size of its body in bytes."""
        return self.end - self.start - 12


class Header(NamedTuple):
    """The fields of IHDR."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlace: int

    @property
    def pixel_bits(self) -> int:
        """Bits of a pixel."""
        return self.depth * _SAMPLES[self.colour]


def read_header(body: bytes) -> Header:
    """Return the fields of the body of IHDR."""
    return Header(*struct.unpack_from(">IIBBBBB", body))


def make_chunk(kind: bytes, body: bytes) -> bytes:
    """Return the bytes of a chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def read_chunks(content: bytes) -> Iterator[Chunk]:
    """Return the chunks up to IEND or the end of the file; the last one may reach beyond it."""
    return bounded(_chunks(content))


def _chunks(content: bytes) -> Iterator[Chunk]:
    at, kind = 8, b""
    while at + 8 <= len(content) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        yield Chunk(kind, at, at + 12 + length)
        at += 12 + length
