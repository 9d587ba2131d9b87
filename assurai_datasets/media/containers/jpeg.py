"""JPEG (ITU-T T.81): segments, scans, and what follows the end of the picture."""

import re
import struct
from itertools import count

from assurai_datasets.media.containers.exif import Exif, orientation_block, read_exif
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, bounded
from assurai_datasets.schema.codes import Code

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SOI, _EOI, _SOS, _COM, _TEM = 0xD8, 0xD9, 0xDA, 0xFE, 0x01
_APP0, _APP2, _APP14 = 0xE0, 0xE2, 0xEE
_EXIF = b"Exif\0\0"
_XMP = (b"http://ns.adobe.com/xap/1.0/", b"http://ns.adobe.com/xmp/extension/")
_PADDING = b"\0\xff\r\n\x1a "


def survey_jpeg(content: bytes) -> Notes:
    """Yield damage and private metadata of a JPEG file."""
    at, in_scan, scans, turned = 2, False, 0, False
    for _ in bounded(count()):
        marker = _MARKER.search(content, at)
        if marker is None:
            break
        stray = content[at : marker.start()].strip(b"\xff") if not in_scan else b""
        if stray:
            yield Damage(Code.MEDIA_HEADER_MALFORMED, f"{len(stray)} stray bytes between its segments")
        code, body = content[marker.end() - 1], marker.end()
        if code == _EOI:
            yield from _end(content, body, scans)
            return
        if code in (_SOI, _TEM):
            at = body
            continue
        (length,) = struct.unpack_from(">H", content, body)
        at = body + max(length, 2)
        if at > len(content):
            yield Damage(Code.MEDIA_TRUNCATED, "it ends inside a segment")
            return
        in_scan = code == _SOS
        scans += in_scan
        notes = _segment(code, content[body + 2 : at], marker.start(), at, turned=turned)
        turned = turned or any(note.name == "exif" for note in notes)
        yield from notes
    yield Damage(Code.MEDIA_TRUNCATED, "the end marker is missing")


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
    body = _EXIF + orientation_block(exif.orientation)
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


def _end(content: bytes, at: int, scans: int) -> Notes:
    if scans == 0:
        yield Damage(Code.MEDIA_UNREADABLE, "it holds no picture")
    if content[at:].strip(_PADDING):
        yield Private("trailing-data", (Edit(at, len(content)),))
