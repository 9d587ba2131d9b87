"""EXIF blocks: what they give away, and the shortest one that keeps a picture upright."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

ORIENTATION = 0x0112
_GPS = 0x8825
_BYTE, _SHORT = 1, 3
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}
_MAGIC = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0")
"""The last two are mistakes that readers forgive."""
_PREFIX = b"Exif\0\0"


class Exif(NamedTuple):
    """What an EXIF block holds.

    Attributes:
        orientation: 2-8 where the picture must be turned or mirrored, else None.
        has_gps: Whether it holds a position.
        is_minimal: Whether it holds the orientation and nothing else.
        is_byte: Whether the orientation is a BYTE, which some readers take and others, like Pillow, do not.
    """

    orientation: int | None
    has_gps: bool
    is_minimal: bool
    is_byte: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the private metadata in it."""
        return () if self.is_minimal else ("exif", "gps") if self.has_gps else ("exif",)


def read_exif(block: bytes) -> Exif:
    """Return what a TIFF-shaped EXIF block holds; what Pillow does not read holds no orientation worth keeping."""
    tiff = block.removeprefix(_PREFIX)
    if tiff[:4] not in _MAGIC:
        return Exif(None, has_gps=b"GPS" in block, is_minimal=False)
    order = ">" if tiff[:2] == b"MM" else "<"
    entries = list(_entries(tiff, order))
    orientation, kind = next((_number(*entry, order) for entry in entries if entry[0] == ORIENTATION), (0, _SHORT))
    has_gps = any(tag == _GPS for tag, _, _ in entries)
    if not 2 <= orientation <= 8:
        return Exif(None, has_gps, is_minimal=False)
    is_byte = kind == _BYTE
    minimal = block == orientation_block(orientation, is_byte=is_byte)
    return Exif(orientation, has_gps, minimal, is_byte)


def _entries(tiff: bytes, order: str) -> Iterator[tuple[int, int, bytes]]:
    """Yield tag, kind and value of entries until they run out, as Pillow reads them: the first of a tag is it."""
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, at)
        for index in range(count):
            tag, kind, values, place = struct.unpack_from(f"{order}HHII", tiff, at + 2 + 12 * index)
            size = values * _SIZES.get(kind, 0)
            start = place if size > 4 else at + 10 + 12 * index
            if start + size > len(tiff):
                return
            if size:
                yield tag, kind, tiff[start : start + min(size, 8)]
    except struct.error:
        return


def _number(_: int, kind: int, value: bytes, order: str) -> tuple[int, int]:
    letter = _WHOLE_NUMBERS.get(kind)
    return (struct.unpack_from(f"{order}{letter}", value)[0], kind) if letter else (0, kind)


def orientation_block(orientation: int, *, is_byte: bool = False) -> bytes:
    """Return an EXIF block that holds an orientation and nothing else."""
    kind = _BYTE if is_byte else _SHORT
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, ORIENTATION, kind, 1, orientation, 0, 0)
