"""Chunks of WAV and AIFF files, and where their sound ends: headers declare less and more than is there."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.riff import Chunk, chunk_at
from assurai_datasets.media.containers.stretches import is_text
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, blank, gathered
from assurai_datasets.schema.codes import Code

_PRINTABLE = re.compile(rb"[ -~]{4}")
_OPEN_SIZES = (
    range(1),
    range(0x7F000000, 0x7F000100),
    range(0x7FFF0000, 0x80000100),
    range(0xFFFF0000, 1 << 32),
    range((1 << 64) - 1, 1 << 64),
)
"""What FFmpeg, sox, arecord and VLC write that do not know the length yet."""


class Form(NamedTuple):
    """What makes a format of chunks: byte order, the name of its sound, and names that are chunks without doubt."""

    order: str
    sound: bytes
    known: frozenset[bytes]


def read_chunks(content: bytes, form: Form) -> tuple[list[Chunk], int]:
    """Return the chunks and where they end.

    Where what follows is no chunk, the last ones are none either unless their names are known: samples spell the name
    of a chunk now and then.
    """
    chunks = gathered(_walk(content, form))
    end = min(_after(content, chunks[-1], form), len(content)) if chunks else 12
    if end + 8 <= len(content) and content[end:].strip(b"\0"):
        while chunks and chunks[-1].name[:4] not in form.known:
            end = chunks.pop().start
    return chunks, end


def is_open_size(size: int) -> bool:
    """Return whether a declared size is one that programs write before they know it."""
    return any(size in sizes for sizes in _OPEN_SIZES)


def survey_sound(content: bytes, chunks: list[Chunk], form: Form) -> Notes:
    """Yield where the sound is missing, twice there, cut or of no declared length."""
    sounds = [chunk for chunk in chunks if chunk.name == form.sound]
    if not sounds:
        yield Damage(Code.MEDIA_TRUNCATED, f"it holds no sound: the chunk {form.sound.decode()!r} is missing")
    if len(sounds) > 1:
        yield Damage(Code.MEDIA_DURATION_MISMATCH, f"it holds {len(sounds)} chunks of sound; decoders play one")
    for chunk in sounds:
        held = len(content) - chunk.body
        if chunk.end != chunk.body + chunk.size:
            yield Damage(Code.MEDIA_HEADER_MALFORMED, "its header does not say how long the sound is")
        elif chunk.size > held:
            yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {chunk.size:,} bytes of sound, {held:,} are there")


def survey_rest(content: bytes, end: int, declared_end: int) -> Notes:
    """Yield what follows the end of a sound file: text and tags go, what may be samples is a fault and stays."""
    rest = content[end:].rstrip(b"\0")
    if rest and (is_text(rest) or rest[:3] in (b"TAG", b"ID3")):
        inside = end < declared_end
        yield Private("trailing-data", (blank(end, len(content)) if inside else Edit(end, len(content)),))
    elif rest:
        found = f"{len(content) - end:,} bytes follow what its header declares; they may be sound"
        yield Damage(Code.MEDIA_DURATION_MISMATCH, found)


def _walk(content: bytes, form: Form) -> Iterator[Chunk]:
    at = 12
    while _is_chunk(content, at, form):
        chunk = chunk_at(content, at, form.order)
        if chunk.name == form.sound and _is_open(content, chunk, form):
            yield chunk._replace(end=len(content))
            return
        yield chunk
        at = _after(content, chunk, form)


def _is_open(content: bytes, chunk: Chunk, form: Form) -> bool:
    """Return whether the sound goes on to the end of the file, because its size is not known."""
    if not is_open_size(chunk.size) or len(content) == chunk.body + chunk.size:
        return False
    return chunk.end > len(content) or not _is_chunk(content, chunk.end, form)


def _after(content: bytes, chunk: Chunk, form: Form) -> int:
    """Return where the next chunk begins; some programs leave out the byte that makes a length even."""
    padded = chunk.end + chunk.size % 2
    return chunk.end if padded > chunk.end and _is_chunk(content, chunk.end, form) else padded


def _is_chunk(content: bytes, at: int, form: Form) -> bool:
    if at + 8 > len(content):
        return False
    name, size = struct.unpack_from(f"{form.order}4sI", content, at)
    return name in form.known or (at + 8 + size <= len(content) and _PRINTABLE.fullmatch(name) is not None)
