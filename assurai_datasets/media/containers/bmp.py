"""BMP: the two headers, what lies beside the pixels, and run-length coded pixels that Pillow fills up in silence."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.bmp_runs import RLE4, RLE8, find_end_of_runs
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, blank
from assurai_datasets.media.limits import LIMITS
from assurai_datasets.schema.codes import Code

_FILE_HEADER_BYTES = 14
_CORE, _INFO, _V5 = 12, 40, 124
_HEADERS = (_CORE, _INFO, 52, 56, 64, 108, _V5)
_PLAIN, _MASKS, _ALPHA_MASKS = 0, 3, 6
_MASK_BYTES = {_MASKS: 12, _ALPHA_MASKS: 16}
_DEPTHS = (1, 2, 4, 8, 16, 24, 32)
_COLOUR_SPACE_AT, _PROFILE_AT = 14 + 56, 14 + 112
_EMBEDDED, _LINKED, _SRGB = b"DEBM", b"KNIL", b"BGRs"
_LEAST_PROFILE_BYTES = 128


class _Header(NamedTuple):
    pixels_at: int
    header_bytes: int
    width: int
    height: int
    planes: int
    depth: int
    compression: int
    size: int
    colours: int

    @property
    def colours_end(self) -> int:
        """Where the header with its masks and its palette ends."""
        masks = _MASK_BYTES.get(self.compression, 0) if self.header_bytes == _INFO else 0
        most = 1 << min(self.depth, 8)
        colours = self.colours or (most if self.depth <= 8 else 0)
        return _FILE_HEADER_BYTES + self.header_bytes + masks + colours * (3 if self.header_bytes == _CORE else 4)

    @property
    def pixels_end(self) -> int:
        """Where pixels that are not run-length coded end: every row is padded to four bytes."""
        return self.pixels_at + (self.width * self.depth + 31) // 32 * 4 * abs(self.height)


def survey_bmp(content: bytes) -> Notes:
    """Yield damage of a BMP file, and what lies beside its pixels: the format has no place for metadata."""
    header = _read_header(content)
    if header is None:
        return
    yield from _header_faults(content, header)
    end = _find_end(content, header)
    if end is None:
        return
    if _is_cut(content, header):
        declared, there = end - header.pixels_at, max(0, len(content) - header.pixels_at)
        yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {declared:,} bytes of pixels, {there:,} are there")
    elif end > len(content):
        return  # it is refused as too large: that its pixels are not there says nothing more
    elif _FILE_HEADER_BYTES + header.header_bytes <= header.pixels_at:
        yield from _beside(content, header, end)


def _read_header(content: bytes) -> _Header | None:
    """Return the fields of the headers, or None for a kind of header that is not known."""
    pixels_at, header_bytes = struct.unpack_from("<II", content, 10)
    if header_bytes == _CORE:
        width, height, planes, depth = struct.unpack_from("<HHHH", content, 18)
        return _Header(pixels_at, header_bytes, width, height, planes, depth, _PLAIN, 0, 0)
    if header_bytes not in _HEADERS:
        return None
    width, height, planes, depth, compression, size = struct.unpack_from("<iiHHII", content, 18)
    (colours,) = struct.unpack_from("<I", content, 46)
    return _Header(pixels_at, header_bytes, width, height, planes, depth, compression, size, colours)


def _header_faults(content: bytes, header: _Header) -> Notes:
    if header.planes != 1:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header declares {header.planes} planes, not 1")
    if header.size > len(content) and not _is_cut(content, header):
        there = max(0, len(content) - header.pixels_at)
        found = f"its header declares {header.size:,} bytes of pixels, {there:,} are there"
        yield Damage(Code.MEDIA_HEADER_MALFORMED, found)
    if header.pixels_at < _FILE_HEADER_BYTES + header.header_bytes:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header places the pixels at byte {header.pixels_at}, in itself")


def _find_end(content: bytes, header: _Header) -> int | None:
    """Return where the pixels end, or None where that is not known."""
    if header.compression in (RLE8, RLE4):
        size = (header.width, abs(header.height))
        return find_end_of_runs(content, header.pixels_at, size, header.compression)
    return header.pixels_end if _is_plain(header) else None


def _is_plain(header: _Header) -> bool:
    """Return whether the size of a picture tells where its pixels end."""
    masked = header.compression in _MASK_BYTES and header.header_bytes != 64
    known = header.compression == _PLAIN or masked
    return known and header.depth in _DEPTHS and header.width > 0


def _is_cut(content: bytes, header: _Header) -> bool:
    """Return whether pixels are missing at the end of a picture that is not too large."""
    small = header.width * abs(header.height) <= LIMITS.max_pixels
    return small and _is_plain(header) and header.pixels_end > len(content)


def _beside(content: bytes, header: _Header, end: int) -> Notes:
    """Yield what no program shows: bytes before the pixels and behind them, but for an embedded colour profile."""
    profile = _profile(content, header, end)
    if profile is None:
        colours = Edit(_COLOUR_SPACE_AT, _COLOUR_SPACE_AT + 4, _SRGB)
        yield Private("profile-path", (colours, blank(_PROFILE_AT, _PROFILE_AT + 8)))
        profile = (0, 0)
    last = max(end, profile[1])
    for start, stop in (*_outside(header.colours_end, header.pixels_at, profile), *_outside(end, last, profile)):
        if content[start:stop].strip(b"\0"):
            yield Private("hidden-data", (blank(start, stop),))
    if content[last:].strip(b"\0"):
        yield Private("trailing-data", (Edit(last, len(content)), Edit(2, 6, struct.pack("<I", last))))


def _profile(content: bytes, header: _Header, end: int) -> tuple[int, int] | None:
    """Return where an embedded profile lies, an empty stretch without one, or None for a path or anything else."""
    kind = content[_COLOUR_SPACE_AT : _COLOUR_SPACE_AT + 4]
    if header.header_bytes != _V5 or kind not in (_EMBEDDED, _LINKED):
        return 0, 0
    offset, size = struct.unpack_from("<II", content, _PROFILE_AT)
    start, stop = _FILE_HEADER_BYTES + offset, _FILE_HEADER_BYTES + offset + size
    beside = header.colours_end <= start and (stop <= header.pixels_at or start >= end) and stop <= len(content)
    signed = size >= _LEAST_PROFILE_BYTES and content[start + 36 : start + 40] == b"acsp"
    return (start, stop) if kind == _EMBEDDED and beside and signed else None


def _outside(start: int, stop: int, kept: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a stretch without another that lies in it, or not at all."""
    if start <= kept[0] and kept[1] <= stop and kept != (0, 0):
        yield start, kept[0]
        yield kept[1], stop
    elif start < stop:
        yield start, stop
