"""BMP: the two headers, and run-length coded pixels that Pillow fills up in silence."""

import struct

from assurai_datasets.media.containers.survey import Damage, Notes
from assurai_datasets.schema.codes import Code

_RLE8, _RLE4 = 1, 2


def survey_bmp(content: bytes) -> Notes:
    """Yield damage of a BMP file; the format has no place for metadata."""
    pixels_at, header_bytes = struct.unpack_from("<II", content, 10)
    if header_bytes < 40:
        return
    width, height, planes, _, compression, size = struct.unpack_from("<iiHHII", content, 18)
    if planes != 1:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header declares {planes} planes, not 1")
    if size > len(content):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header declares {size:,} bytes of pixels")
    if compression in (_RLE8, _RLE4) and not _runs_fit(content, pixels_at, width, height, compression):
        yield Damage(Code.MEDIA_UNREADABLE, "its run-length coded pixels leave the picture or break off")


def _runs_fit(content: bytes, at: int, width: int, height: int, compression: int) -> bool:
    """Walk the runs and return whether they stay inside the picture and end with an end mark."""
    x = y = 0
    while at + 1 < len(content):
        count, value = content[at], content[at + 1]
        at += 2
        if count:
            x += count
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            return True
        elif value == 2:
            if at + 1 >= len(content):
                return False
            x, y, at = x + content[at], y + content[at + 1], at + 2
        else:
            x += value
            held = value if compression == _RLE8 else (value + 1) // 2
            at += held + held % 2
        if x > width or y > abs(height) or (y == abs(height) and x > 0):
            return False
    return False
