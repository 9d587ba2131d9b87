"""RIFF, RIFX and RF64 (WAV, AVI): chunks, their sizes, and the ones that tell of people."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import (
    Damage,
    Edit,
    Notes,
    Private,
    blank,
    bounded,
    is_program,
    spell_name,
)
from assurai_datasets.schema.codes import Code

_UNKNOWN = 0xFFFFFFFF
_WAV_KEPT = frozenset(b"fmt |data|fact|ds64|JUNK|junk|PAD |FLLR|PEAK|smpl|cue |inst|plst|slnt|wavl|chna".split(b"|"))
_AVI_KEPT = frozenset(
    b"LIST:hdrl|LIST:movi|LIST:odml|LIST:rec |idx1|JUNK|junk|avih|strh|strf|strd|indx|dmlh|vprp".split(b"|")
)
_NAMES = {b"LIST:INFO": "info", b"_PMX": "xmp"}
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
    chunks = list(read_chunks(content, 12, len(content), order))
    names = [chunk.name for chunk in chunks]
    if b"data" not in names:
        yield Damage(Code.MEDIA_TRUNCATED, "it holds no sound: the chunk 'data' is missing")
    for chunk in chunks:
        if chunk.name == b"data":
            yield from _sound_size(content, chunk, chunks)
        elif chunk.end > len(content):
            yield Damage(Code.MEDIA_HEADER_MALFORMED, f"the chunk {spell_name(chunk.name)!r} is cut")
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
                yield Damage(Code.MEDIA_TRUNCATED, f"the chunk {spell_name(chunk.name)!r} is cut")
            if chunk.name not in _AVI_KEPT:
                yield from _discard(content, chunk, "<")
        at = end
    if at < len(content) and content[at:].strip(b"\0"):
        yield Private("trailing-data", (Edit(at, len(content)),))


def read_chunks(content: bytes, at: int, end: int, order: str) -> Iterator[Chunk]:
    """Return the chunks of a stretch; the last one may reach beyond its end."""
    return bounded(_chunks(content, at, end, order))


def name_of(name: bytes) -> str:
    """Return the name of the private metadata in a chunk."""
    plain = name.strip(b" \0")
    return _NAMES.get(plain, spell_name(plain).lower() or "unnamed-chunk")


def _chunks(content: bytes, at: int, end: int, order: str) -> Iterator[Chunk]:
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
    for chunk in read_chunks(content, at, end, "<"):
        yield chunk
        if chunk.name in (b"LIST:hdrl", b"LIST:odml"):
            for inner in read_chunks(content, chunk.body + 4, min(chunk.end, end), "<"):
                if inner.name == b"LIST:strl":
                    yield from read_chunks(content, inner.body + 4, min(inner.end, end), "<")
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
    yield Private(name_of(chunk.name), (Edit(chunk.start, chunk.start + 4, b"JUNK"), blank(chunk.body, end)))


def _names_programs(content: bytes, at: int, end: int, order: str) -> bool:
    return all(
        chunk.name == b"ISFT" and is_program(content[chunk.body : chunk.end])
        for chunk in read_chunks(content, at, end, order)
    )


def _trailing(content: bytes, order: str) -> Notes:
    (size,) = struct.unpack_from(f"{order}I", content, 4)
    last = max((min(chunk.end, len(content)) for chunk in read_chunks(content, 12, len(content), order)), default=12)
    end = max(8 + size, last) if size != _UNKNOWN else last
    if 8 + size < last and size not in (0, _UNKNOWN):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"it declares {8 + size:,} bytes and holds {last:,}")
    if len(content) > end + 1 and content[end:].strip(b"\0"):
        yield Private("trailing-data", (Edit(end, len(content)),))
