"""PNG (W3C, third edition): chunks and their checksums."""

import struct
import zlib

from assurai_datasets.media.containers.exif import Exif, orientation_block, read_exif
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, is_program
from assurai_datasets.schema.codes import Code

_KEPT = frozenset(
    b"tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT acTL fcTL fdAT sTER oFFs".split()
)
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_ANCILLARY = 0x20


def survey_png(content: bytes) -> Notes:
    """Yield damage and private metadata of a PNG file."""
    at, pictures = 8, 0
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            yield Damage(Code.MEDIA_TRUNCATED, f"it ends inside the chunk {_spell(kind)}")
            return
        if zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            yield Damage(Code.MEDIA_UNREADABLE, f"the chunk {_spell(kind)} does not match its checksum")
            return
        pictures += kind == b"IDAT"
        yield from _chunk(kind, content[at + 8 : end - 4], at, end)
        at = end
        if kind == b"IEND":
            yield from _end(content, at, pictures)
            return
    yield Damage(Code.MEDIA_TRUNCATED, "the end chunk IEND is missing")


def _chunk(kind: bytes, body: bytes, start: int, end: int) -> Notes:
    if kind == b"eXIf":
        exif = read_exif(body)
        for name in exif.names:
            yield Private(name, (Edit(start, end, _exif_chunk(exif)),))
    elif kind in _TEXTS:
        keyword, _, value = body.partition(b"\0")
        if not (kind == b"tEXt" and keyword == b"Software" and is_program(value)):
            yield Private("xmp" if keyword == b"XML:com.adobe.xmp" else "text", (Edit(start, end),))
    elif kind[0] & _ANCILLARY and kind not in _KEPT:
        yield Private("time" if kind == b"tIME" else _spell(kind), (Edit(start, end),))


def _exif_chunk(exif: Exif) -> bytes:
    if exif.orientation is None:
        return b""
    body = b"eXIf" + orientation_block(exif.orientation, is_byte=exif.is_byte)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _end(content: bytes, at: int, pictures: int) -> Notes:
    if pictures == 0:
        yield Damage(Code.MEDIA_UNREADABLE, "it holds no picture")
    if content[at:].strip(b"\0\r\n"):
        yield Private("trailing-data", (Edit(at, len(content)),))


def _spell(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")
