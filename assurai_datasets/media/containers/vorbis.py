"""Vorbis comments, the tags of FLAC, Vorbis and Opus."""

import re
import struct
from collections.abc import Iterator

from assurai_datasets.media.containers.programs import is_program

_ENCODER = b"encoder="
_CHANNELS = re.compile(rb"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x[0-9a-f]{1,8}", re.IGNORECASE)
_UNREADABLE = b"\xff"


def private_comments(body: bytes) -> Iterator[bytes]:
    """Yield the vendor, of each comment its value where it names the encoder, else all of it, and what follows.

    Which speakers the channels are for is no matter of privacy. A body that cannot be read, and what follows the
    comments but for the bit that ends them and zeros, is yielded as one value that no reader will take for a program.
    """
    try:
        at = 0
        for position in range(_count(body) + 1):
            (length,) = struct.unpack_from("<I", body, at)
            value = body[at + 4 : at + 4 + length]
            if not _CHANNELS.fullmatch(value):
                yield value[len(_ENCODER) :] if value.lower().startswith(_ENCODER) else value
            at += 4 + length + (4 if position == 0 else 0)
    except struct.error:
        yield _UNREADABLE
        return
    if at > len(body) or body[at:].rstrip(b"\0") not in (b"", b"\1"):
        yield _UNREADABLE


def without_comments(body: bytes) -> bytes:
    """Return a comment body of the same length that keeps the vendor where it is a program and holds no comments."""
    (length,) = struct.unpack_from("<I", body, 0)
    keeps = 4 + length + 5 <= len(body) and is_program(body[4 : 4 + length])
    vendor = body[: 4 + length] if keeps else bytes(4)
    return (vendor + b"\0\0\0\0\x01").ljust(len(body), b"\0")[: len(body)]


def _count(body: bytes) -> int:
    (vendor,) = struct.unpack_from("<I", body, 0)
    (count,) = struct.unpack_from("<I", body, 4 + vendor)
    return min(int(count), len(body) // 4)
