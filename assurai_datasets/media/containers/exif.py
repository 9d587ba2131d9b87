"""EXIF blocks: what they give away, and the shortest one that keeps a picture upright."""

import struct
from typing import NamedTuple

ORIENTATION = 0x0112
_GPS = 0x8825
_SHORT = 3


class Exif(NamedTuple):
    """What an EXIF block holds.

    Attributes:
        orientation: 2-8 where the picture must be turned or mirrored, else None.
        has_gps: Whether it holds a position.
        is_minimal: Whether it holds the orientation and nothing else.
    """

    orientation: int | None
    has_gps: bool
    is_minimal: bool

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the private metadata in it."""
        return () if self.is_minimal else ("exif", "gps") if self.has_gps else ("exif",)


def read_exif(block: bytes) -> Exif:
    """Return what a TIFF-shaped EXIF block holds; a block that cannot be read holds no orientation worth keeping."""
    order = ">" if block[:2] == b"MM" else "<"
    try:
        (offset,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, offset)
        entries = [struct.unpack_from(f"{order}HHI2s", block, offset + 2 + 12 * index) for index in range(count)]
    except struct.error:
        return Exif(None, has_gps=b"GPS" in block, is_minimal=False)
    values = {tag: struct.unpack(f"{order}H", value)[0] for tag, kind, _, value in entries if kind == _SHORT}
    orientation = values.get(ORIENTATION)
    turned = orientation if orientation is not None and 2 <= orientation <= 8 else None
    minimal = turned is not None and block == orientation_block(turned)
    return Exif(turned, has_gps=any(entry[0] == _GPS for entry in entries), is_minimal=minimal)


def orientation_block(orientation: int) -> bytes:
    """Return an EXIF block that holds an orientation and nothing else."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, ORIENTATION, _SHORT, 1, orientation, 0, 0)
