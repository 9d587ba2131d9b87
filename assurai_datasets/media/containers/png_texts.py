"""Texts in PNG files, and the EXIF blocks that ImageMagick writes as texts."""

import binascii
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from assurai_datasets.media.containers.exif import Exif, read_exif
from assurai_datasets.media.containers.png_chunks import Chunk
from assurai_datasets.media.containers.survey import is_program

TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_MAX_PROFILE_BYTES = 1 << 18
_EXIF = (b"Raw profile type exif", b"Raw profile type APP1")
_EXIF_ENDED = tuple(keyword + b"\0" for keyword in _EXIF)
_NAMES = {b"XML:com.adobe.xmp": "xmp", b"Raw profile type xmp": "xmp", b"Raw profile type iptc": "iptc"}


class Profile(NamedTuple):
    """An EXIF block written as text, and the chunk it stands in."""

    chunk: Chunk
    exif: Exif


def name_text(chunk: Chunk, content: bytes) -> str | None:
    """Return the name of the private metadata in a text chunk, or None where it only names a program."""
    keyword, _, value = chunk.body(content).partition(b"\0")
    if chunk.kind == b"tEXt" and keyword == b"Software" and is_program(value):
        return None
    return "exif" if keyword in _EXIF else _NAMES.get(keyword, "text")


def last_profile(chunks: Sequence[Chunk], content: bytes) -> Profile | None:
    """Return the last EXIF block that is written as text; of several, Pillow too heeds the last."""
    for chunk in reversed(chunks):
        if chunk.kind in TEXTS and content.startswith(_EXIF_ENDED, chunk.start + 8):
            return _read_profile(chunk, content)
    return None


def _read_profile(chunk: Chunk, content: bytes) -> Profile | None:
    """Return the block written in hexadecimal digits below a name and a length, or None where there is none."""
    text = _unpack(chunk.kind, chunk.body(content).partition(b"\0")[2])
    digits = b"".join(text.split(b"\n")[3:])
    try:
        block = binascii.unhexlify(digits[: len(digits) // 2 * 2]).removeprefix(b"Exif\0\0")
    except binascii.Error:
        return None
    return Profile(chunk, read_exif(block)) if block[:2] in (b"II", b"MM") else None


def _unpack(kind: bytes, value: bytes) -> bytes:
    """Return the beginning of a text, which is long enough for an orientation."""
    if kind == b"tEXt":
        return value[:_MAX_PROFILE_BYTES]
    packed, value = (value[:1] == b"\1", value[2:].split(b"\0", 2)[-1]) if kind == b"iTXt" else (True, value[1:])
    try:
        return zlib.decompressobj().decompress(value, _MAX_PROFILE_BYTES) if packed else value[:_MAX_PROFILE_BYTES]
    except zlib.error:
        return b""
