"""RIFF, RIFX and RF64 (WAV, AVI, WebP): chunks, their sizes, and the ones that tell of people."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.exif import orientation_block, read_exif
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, blank, is_program
from assurai_datasets.schema.codes import Code

_UNKNOWN = 0xFFFFFFFF
_WAV_KEPT = frozenset(b"fmt |data|fact|ds64|JUNK|junk|PAD |FLLR|PEAK|smpl|cue |inst|plst|slnt|wavl|chna".split(b"|"))
_AVI_KEPT = frozenset(
    b"LIST:hdrl|LIST:movi|LIST:odml|LIST:rec |idx1|JUNK|junk|avih|strh|strf|strd|indx|dmlh|vprp".split(b"|")
)
_WEBP_KEPT = frozenset(b"VP8 |VP8L|VP8X|ANIM|ANMF|ALPH|ICCP".split(b"|"))
_NAMES = {b"LIST:INFO": "info", b"EXIF": "exif", b"XMP ": "xmp", b"_PMX": "xmp", b"id3 ": "id3", b"ID3 ": "id3"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_PCM = 1


class Chunk(NamedTuple):
    """A chunk: its name (`LIST:INFO` for a list), where it starts, where its body lies, and the size it declares."""

    name: bytes
    start: int
    body: int
    end: int
    size: int


def survey_wav(content: bytes) -> Notes:
    """Yield damage and private metadata of a WAV file."""
    order = ">" if content[:4] == b"RIFX" else "<"
    chunks = list(_chunks(content, 12, len(content), order))
    names = [chunk.name for chunk in chunks]
    if b"data" not in names:
        yield Damage(Code.MEDIA_TRUNCATED, "it holds no sound: the chunk 'data' is missing")
    for chunk in chunks:
        if chunk.name == b"data":
            yield from _sound_size(content, chunk, chunks)
        elif chunk.end > len(content):
            yield Damage(Code.MEDIA_HEADER_MALFORMED, f"the chunk {chunk.name.decode('ascii', 'replace')!r} is cut")
        if chunk.name == b"fmt ":
            yield from _sound_form(content, chunk, order)
        if chunk.name not in _WAV_KEPT:
            yield from _discard(content, chunk, order)
    yield from _trailing(content, order)


def survey_avi(content: bytes) -> Notes:
    """Yield damage and private metadata of an AVI file, which may be a row of RIFF forms."""
    at = 0
    while content[at : at + 4] == b"RIFF":
        (size,) = struct.unpack_from("<I", content, at + 4)
        end = at + 8 + size + size % 2
        for chunk in _walk(content, at + 12, min(end, len(content))):
            if chunk.end > len(content):
                yield Damage(Code.MEDIA_TRUNCATED, f"the chunk {chunk.name.decode('ascii', 'replace')!r} is cut")
            if chunk.name not in _AVI_KEPT:
                yield from _discard(content, chunk, "<")
        at = end
    if at < len(content) and content[at:].strip(b"\0"):
        yield Private("trailing-data", (Edit(at, len(content)),))


def survey_webp(content: bytes) -> Notes:
    """Yield damage and private metadata of a WebP file."""
    (size,) = struct.unpack_from("<I", content, 4)
    end = 8 + size + size % 2
    if 8 + size > len(content):
        yield Damage(Code.MEDIA_TRUNCATED, f"it declares {8 + size:,} bytes and holds {len(content):,}")
    removed, cleared = 0, 0
    for chunk in _chunks(content, 12, min(end, len(content)), "<"):
        if chunk.name in _WEBP_KEPT:
            continue
        stop = min(chunk.end + chunk.size % 2, len(content))
        names, replacement = _webp_chunk(content, chunk)
        for name in names:
            yield Private(name, (Edit(chunk.start, stop, replacement),))
        if names:
            removed += stop - chunk.start - len(replacement)
            cleared |= 0 if replacement else {b"EXIF": _WEBP_EXIF, b"XMP ": _WEBP_XMP}.get(chunk.name, 0)
    if len(content) > end and content[end:].strip(b"\0"):
        yield Private("trailing-data", (Edit(end, len(content)),))
    if removed:
        yield Edit(4, 8, struct.pack("<I", size - removed))
    if cleared and content[12:16] == b"VP8X":
        yield Edit(20, 21, bytes([content[20] & ~cleared]))


def _webp_chunk(content: bytes, chunk: Chunk) -> tuple[tuple[str, ...], bytes]:
    if chunk.name != b"EXIF":
        return (_name_of(chunk),), b""
    exif = read_exif(content[chunk.body : chunk.end].removeprefix(b"Exif\0\0"))
    if exif.orientation is None:
        return exif.names, b""
    block = orientation_block(exif.orientation, is_byte=exif.is_byte)
    return exif.names, b"EXIF" + struct.pack("<I", len(block)) + block


def _chunks(content: bytes, at: int, end: int, order: str) -> Iterator[Chunk]:
    """Yield the chunks of a stretch; the last one may reach beyond its end."""
    while at + 8 <= end:
        name, size = struct.unpack_from(f"{order}4sI", content, at)
        if size == _UNKNOWN and name == b"data" and content[12:16] == b"ds64":
            (size,) = struct.unpack_from(f"{order}Q", content, 28)
        if name == b"LIST":
            name += b":" + content[at + 8 : at + 12]
        yield Chunk(name, at, at + 8, at + 8 + size, size)
        at += 8 + size + size % 2


def _walk(content: bytes, at: int, end: int) -> Iterator[Chunk]:
    """Yield chunks and those inside the header lists."""
    for chunk in _chunks(content, at, end, "<"):
        yield chunk
        if chunk.name in (b"LIST:hdrl", b"LIST:odml"):
            for inner in _chunks(content, chunk.body + 4, min(chunk.end, end), "<"):
                if inner.name == b"LIST:strl":
                    yield from _chunks(content, inner.body + 4, min(inner.end, end), "<")
                else:
                    yield inner


def _sound_size(content: bytes, chunk: Chunk, chunks: list[Chunk]) -> Notes:
    held = len(content) - chunk.body
    if chunk.size in (0, _UNKNOWN) and chunk is chunks[-1] and held > 0:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "its header does not say how long the sound is")
    elif chunk.size > held:
        yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {chunk.size:,} bytes of sound, {held:,} are there")


def _sound_form(content: bytes, chunk: Chunk, order: str) -> Notes:
    tag, channels, rate, byte_rate, block, bits = struct.unpack_from(f"{order}HHIIHH", content, chunk.body)
    if tag == _PCM and (block != channels * ((bits + 7) // 8) or byte_rate != rate * block):
        found = f"{channels} channels of {bits} bits cannot make frames of {block} bytes at {byte_rate} bytes a second"
        yield Damage(Code.MEDIA_HEADER_MALFORMED, found)


def _discard(content: bytes, chunk: Chunk, order: str) -> Notes:
    """Yield a chunk as private metadata, to become padding of the same size; nothing moves."""
    end = min(chunk.end, len(content))
    if chunk.name == b"LIST:INFO" and _names_programs(content, chunk.body + 4, end, order):
        return
    yield Private(_name_of(chunk), (Edit(chunk.start, chunk.start + 4, b"JUNK"), blank(chunk.body, end)))


def _names_programs(content: bytes, at: int, end: int, order: str) -> bool:
    return all(
        chunk.name == b"ISFT" and is_program(content[chunk.body : chunk.end])
        for chunk in _chunks(content, at, end, order)
    )


def _trailing(content: bytes, order: str) -> Notes:
    (size,) = struct.unpack_from(f"{order}I", content, 4)
    last = max((min(chunk.end, len(content)) for chunk in _chunks(content, 12, len(content), order)), default=12)
    end = max(8 + size, last) if size != _UNKNOWN else last
    if 8 + size < last and size not in (0, _UNKNOWN):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"it declares {8 + size:,} bytes and holds {last:,}")
    if len(content) > end + 1 and content[end:].strip(b"\0"):
        yield Private("trailing-data", (Edit(end, len(content)),))


def _name_of(chunk: Chunk) -> str:
    plain = chunk.name.decode("ascii", "backslashreplace").strip().lower()
    return _NAMES.get(chunk.name, plain or "unnamed-chunk")
