"""WAV (RIFF, RIFX, RF64, BW64): its form, and the chunks that tell of people."""

import re
import struct
from collections.abc import Iterator
from itertools import chain, repeat

from assurai_datasets.media.containers.riff import Chunk, discard_stretches, name_of, names_programs
from assurai_datasets.media.containers.sound_chunks import Form, is_open_size, read_chunks, survey_rest, survey_sound
from assurai_datasets.media.containers.stretches import Stretch
from assurai_datasets.media.containers.survey import Damage, Notes, Private, blank, spell_name
from assurai_datasets.schema.codes import Code

_PADDING = frozenset(b"JUNK|junk|PAD |FLLR".split(b"|"))
_KEPT = _PADDING | frozenset(b"fmt |data|fact|ds64|PEAK|smpl|cue |inst|plst|slnt|wavl|chna".split(b"|"))
_KNOWN = _KEPT | frozenset(b"LIST|bext|iXML|axml|id3 |ID3 |_PMX|cart|levl|DISP|acid|strc|minf|elm1|regn".split(b"|"))
_TRACK_IDS = re.compile(rb"(A[A-Z]{1,2}_[0-9A-Fa-f_]*|[\0 ])*")
_PCM = 1


def survey_wav(content: bytes) -> Notes:
    """Yield damage and private metadata of a WAV file."""
    form = Form(">" if content[:4] == b"RIFX" else "<", b"data", _KNOWN)
    chunks, end = read_chunks(content, form)
    yield from survey_sound(content, chunks, form)
    for chunk in chunks:
        if chunk.name != form.sound:
            yield from _chunk(content, chunk, form.order)
    yield from discard_stretches(_private(content, chunks, form.order), form.order)
    (size,) = struct.unpack_from(f"{form.order}I", content, 4)
    if 8 + size < end - 1 and not is_open_size(size):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"it declares {8 + size:,} bytes and holds {end:,}")
    yield from survey_rest(content, end, 8 + size)


def _chunk(content: bytes, chunk: Chunk, order: str) -> Notes:
    """Yield what is wrong with a chunk, and what stands in it that is no part of what it is there for."""
    end = min(chunk.end, len(content))
    if chunk.end > end:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"the chunk {spell_name(chunk.name)!r} is cut")
    if chunk.name == b"fmt ":
        yield from _form(content, chunk, order)
    start = chunk.body + _used_bytes(content, chunk, order)
    if start < end and content[start:end].strip(b"\0"):
        yield Private("padding" if chunk.name in _PADDING else name_of(chunk.name), (blank(start, end),))


def _form(content: bytes, chunk: Chunk, order: str) -> Notes:
    tag, channels, rate, byte_rate, block, bits = struct.unpack_from(f"{order}HHIIHH", content, chunk.body)
    if rate <= 1:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header declares a sample rate of {rate} Hz")
    if tag == _PCM and (block != channels * ((bits + 7) // 8) or byte_rate != rate * block):
        found = f"{channels} channels of {bits} bits cannot make frames of {block} bytes at {byte_rate} bytes a second"
        yield Damage(Code.MEDIA_HEADER_MALFORMED, found)


def _private(content: bytes, chunks: list[Chunk], order: str) -> Iterator[Stretch]:
    """Yield the chunks that are to become padding, up to the next chunk."""
    ends = chain((chunk.start for chunk in chunks[1:]), repeat(len(content)))
    for chunk, following in zip(chunks, ends, strict=False):
        if chunk.name not in _KEPT and not names_programs(content, chunk, order):
            end = min(chunk.end, len(content)) if chunk is chunks[-1] else following
            yield Stretch(name_of(chunk.name), chunk.start, end)


def _used_bytes(content: bytes, chunk: Chunk, order: str) -> int:
    """Return how much of a chunk is taken by what it is there for."""
    if chunk.name in _PADDING:
        return 0
    if chunk.name == b"chna":
        return chunk.size if _is_track_list(content[chunk.body + 4 : chunk.end]) else 0
    if chunk.name == b"smpl":
        return 36 + 24 * int(struct.unpack_from(f"{order}I", content, chunk.body + 28)[0])
    if chunk.name in (b"cue ", b"plst"):
        width = 24 if chunk.name == b"cue " else 12
        return 4 + width * int(struct.unpack_from(f"{order}I", content, chunk.body)[0])
    return 7 + chunk.size % 2 if chunk.name == b"inst" else chunk.size


def _is_track_list(entries: bytes) -> bool:
    """Return whether entries of 40 bytes hold a number and ids as ITU-R BS.2076 spells them, and nothing else."""
    return all(_TRACK_IDS.fullmatch(entries[at + 2 : at + 40]) for at in range(0, len(entries), 40))
