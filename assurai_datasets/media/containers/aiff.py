"""AIFF and AIFF-C: chunks, and the texts among them."""

import re
import struct
from collections.abc import Iterator

from assurai_datasets.media.containers.riff import Chunk
from assurai_datasets.media.containers.sound_chunks import Form, read_chunks, survey_rest, survey_sound
from assurai_datasets.media.containers.stretches import Stretch, remove_stretches
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, blank, bounded, spell_name
from assurai_datasets.schema.codes import Code

_KEPT = frozenset(b"COMM|SSND|FVER|MARK|INST|CHAN|AESD|FLLR|PEAK".split(b"|"))
_NAMES = {
    b"NAME": "title",
    b"AUTH": "author",
    b"(c) ": "copyright",
    b"ANNO": "comment",
    b"COMT": "comment",
    b"ID3 ": "id3",
}
_FORM = Form(">", b"SSND", _KEPT | frozenset(_NAMES) | frozenset(b"APPL|MIDI|SAXL|basc|trns|cate".split(b"|")))
_PLAIN = frozenset({b"NONE", b"twos", b"sowt", b"raw "})
_CODING_NAME = re.compile(
    rb"((not|un)? ?compressed|signed|unsigned|integer|linear|little|big|endian|float(ing)?|point|bits?|pcm|byte|raw"
    rb"|apple|ima|mace|ccitt|gsm|[am\xb5u]-?law|to|[gG]\.?7\d\d|[\d:. ()\-\0])*",
    re.IGNORECASE,
)
_TWO_HERTZ = 16384
"""The exponent of 2.0 as an extended float, which has its highest bit set."""
_CODING_AT = 22
"""Where in the chunk COMM of an AIFF-C file the name of its coding begins."""


def survey_aiff(content: bytes) -> Notes:
    """Yield damage and private metadata of an AIFF file."""
    (size,) = struct.unpack_from(">I", content, 4)
    chunks, end = read_chunks(content, _FORM)
    yield from survey_sound(content, chunks, _FORM)
    for chunk in chunks:
        yield from _chunk(content, chunk, chunks)
    private = [_stretch(chunk, min(chunk.end + chunk.size % 2, end)) for chunk in chunks if chunk.name not in _KEPT]
    yield from remove_stretches(private, lambda start, stop: (Edit(start, stop),))
    yield from survey_rest(content, end, 8 + size)
    if removed := sum(stretch.end - stretch.start for stretch in private):
        yield Edit(4, 8, struct.pack(">I", max(0, size - removed)))


def _stretch(chunk: Chunk, end: int) -> Stretch:
    return Stretch(_NAMES.get(chunk.name, spell_name(chunk.name).lower()), chunk.start, end)


def _chunk(content: bytes, chunk: Chunk, chunks: list[Chunk]) -> Notes:
    if chunk.name == b"SSND":
        return
    if chunk.end > len(content):
        found = f"the chunk {spell_name(chunk.name)!r} declares {chunk.size:,} bytes and is cut"
        yield Damage(Code.MEDIA_HEADER_MALFORMED, found)
    elif chunk.name == b"COMM":
        yield from _common(content, chunk, chunks)
    elif chunk.name == b"FLLR" and content[chunk.body : chunk.end].strip(b"\0"):
        yield Private("padding", (blank(chunk.body, chunk.end),))
    elif chunk.name == b"MARK" and (edits := tuple(bounded(_marker_names(content, chunk)))):
        yield Private("marker-names", edits)


def _common(content: bytes, chunk: Chunk, chunks: list[Chunk]) -> Notes:
    """Yield what is wrong with the form of the sound, and the name of its coding where that is something else."""
    channels, frames, bits, power, mantissa = struct.unpack_from(">HIHHQ", content, chunk.body)
    if mantissa == 0 or power < _TWO_HERTZ:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "its header declares a sample rate below 2 Hz")
    coding = content[chunk.body + 18 : chunk.body + _CODING_AT] if content[8:12] == b"AIFC" else b"NONE"
    sound = next((each for each in chunks if each.name == b"SSND"), None)
    if sound is not None and coding in _PLAIN and sound.end == sound.body + sound.size:
        needed, held = frames * channels * ((bits + 7) // 8), max(0, sound.size - 8)
        if needed >= held + max(1, channels) * 8:
            yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {needed:,} bytes of sound, {held:,} are there")
    start = chunk.body + _CODING_AT + 1
    if content[8:12] == b"AIFC" and start < chunk.end and not _CODING_NAME.fullmatch(content[start : chunk.end]):
        yield Private("coding-name", (blank(start, chunk.end),))


def _marker_names(content: bytes, chunk: Chunk) -> Iterator[Edit]:
    at = chunk.body + 2
    while at + 7 <= chunk.end:
        stop = min(at + 7 + content[at + 6], chunk.end)
        if content[at + 7 : stop].strip(b"\0 "):
            yield blank(at + 7, stop)
        at = stop + (stop - at) % 2
    if content[at : chunk.end].strip(b"\0"):
        yield blank(at, chunk.end)
