"""JPEG (ITU-T T.81): segments, scans, and what follows the end of the picture."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.exif import Exif, orientation_block, read_exif
from assurai_datasets.media.containers.jpeg_scans import Scans
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, bounded
from assurai_datasets.schema.codes import Code

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SOI, _EOI, _SOS, _COM, _TEM = 0xD8, 0xD9, 0xDA, 0xFE, 0x01
_BARE = (_SOI, _EOI, _TEM)
_APP0, _APP2, _APP14 = 0xE0, 0xE2, 0xEE
_EXIF = b"Exif\0\0"
_XMP = (b"http://ns.adobe.com/xap/1.0/", b"http://ns.adobe.com/xmp/extension/")
_PADDING = b"\0\xff\r\n\x1a "


class Segment(NamedTuple):
    """A marker segment: its code, where the one before ended, where it starts, where its body lies and ends."""

    code: int
    after: int
    start: int
    body: int
    end: int


def survey_jpeg(content: bytes) -> Notes:
    """Yield damage and private metadata of a JPEG file."""
    scans, turned, scan = Scans(), False, None
    for segment in bounded(_segments(content)):
        if segment.end > len(content):
            yield Damage(Code.MEDIA_TRUNCATED, "it ends inside a segment")
            return
        if scan is not None:
            yield from _scan(content, scans, scan, segment.start)
        elif segment.start > segment.after and content[segment.after : segment.start].strip(b"\xff"):
            yield Damage(
                Code.MEDIA_HEADER_MALFORMED, f"stray bytes stand between its segments at byte {segment.after:,}"
            )
        scan = segment if segment.code == _SOS else None
        if segment.code == _EOI:
            yield from _end(content, segment.body, scans)
            return
        body = content[segment.body : segment.end]
        scans.segment(segment.code, body)
        notes = _segment(segment.code, body, segment.start, segment.end, turned=turned)
        if notes:
            turned = turned or any(note.name == "exif" for note in notes)
            yield from notes
    yield Damage(Code.MEDIA_TRUNCATED, "the end marker is missing")


def is_arithmetic(content: bytes) -> bool:
    """Return whether a JPEG's picture is coded arithmetically."""
    scans = Scans()
    for segment in _segments(content):
        scans.segment(segment.code, content[segment.body : segment.end])
        if scans.frame is not None:
            return scans.frame.is_arithmetic
    return False


def _segments(content: bytes) -> Iterator[Segment]:
    at = 2
    while (marker := _MARKER.search(content, at)) is not None:
        code, body = content[marker.end() - 1], marker.end()
        if code in _BARE:
            yield Segment(code, at, marker.start(), body, body)
            at = body
        else:
            (length,) = struct.unpack_from(">H", content, body)
            end = body + max(length, 2)
            yield Segment(code, at, marker.start(), body + 2, end)
            at = end


def _scan(content: bytes, scans: Scans, scan: Segment, end: int) -> Notes:
    for lack in scans.scan(content[scan.body : scan.end], content, scan.end, end):
        yield Damage(Code.MEDIA_TRUNCATED, lack)


def _segment(code: int, body: bytes, start: int, end: int, *, turned: bool) -> list[Private]:
    if code == _COM:
        return [Private("comment", (Edit(start, end),))]
    if not _APP0 <= code <= 0xEF:
        return []
    if code == _APP0 and body.startswith(b"JFIF\0"):
        return _thumbnail(body, start, end)
    if (code == _APP2 and body.startswith(b"ICC_PROFILE\0")) or (code == _APP14 and body.startswith(b"Adobe")):
        return []
    if body.startswith(_EXIF):
        exif = read_exif(body[len(_EXIF) :])
        return [Private(name, _exif_edits(exif, start, end, turned=turned)) for name in exif.names]
    return [Private(_name_of(code, body), (Edit(start, end),))]


def _exif_edits(exif: Exif, start: int, end: int, *, turned: bool) -> tuple[Edit, ...]:
    if exif.orientation is None or turned:
        return (Edit(start, end),)
    body = _EXIF + orientation_block(exif.orientation, is_byte=exif.is_byte)
    return (Edit(start, end, struct.pack(">HH", 0xFFE1, len(body) + 2) + body),)


def _thumbnail(body: bytes, start: int, end: int) -> list[Private]:
    """A JFIF header may hold a small copy of the picture as it was before someone edited it."""
    if len(body) <= 14:
        return []
    whole = struct.pack(">HH", 0xFFE0, 16) + body[:12] + b"\0\0"
    return [Private("thumbnail", (Edit(start, end, whole),))]


def _name_of(code: int, body: bytes) -> str:
    if body.startswith(_XMP):
        return "xmp"
    if body.startswith(b"Photoshop 3.0\0"):
        return "iptc"
    if body.startswith(b"MPF\0"):
        return "further-pictures"
    return f"app{code - _APP0}"


def _end(content: bytes, at: int, scans: Scans) -> Notes:
    if not scans.bits_left:
        yield Damage(Code.MEDIA_UNREADABLE, "it holds no picture")
    elif lack := scans.missing():
        yield Damage(Code.MEDIA_TRUNCATED, lack)
    if scans.frame is not None and scans.frame.is_arithmetic:
        yield Damage(Code.MEDIA_FORMAT_DISCOURAGED, "few programs read arithmetic coding")
    if content[at:].strip(_PADDING):
        yield Private("trailing-data", (Edit(at, len(content)),))
