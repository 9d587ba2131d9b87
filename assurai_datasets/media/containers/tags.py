"""Tags that are put before, between and behind the frames of a sound: ID3, APE and Lyrics3."""

import struct
from collections.abc import Iterator

from assurai_datasets.media.containers.stretches import Stretch
from assurai_datasets.media.containers.survey import is_program

_PROGRAM_FRAMES = frozenset({b"TSSE", b"TENC", b"TSS"})
_LYRICS_BYTES = 1 << 20


def tag_at(content: bytes, at: int, end: int) -> Stretch | None:
    """Return the tag that begins at a place, or None where none does."""
    for magic, name, length in (
        (b"ID3", "id3", tag_bytes),
        (b"TAG+", "id3", lambda _, __: 227),
        (b"TAG", "id3", lambda _, __: 128),
        (b"APETAGEX", "ape", _ape_bytes),
        (b"LYRICSBEGIN", "lyrics", _lyrics_bytes),
    ):
        if content.startswith(magic, at) and (size := length(content, at)):
            return Stretch(name, at, min(at + size, end))
    return None


def tags_before(content: bytes, start: int, end: int) -> Iterator[Stretch]:
    """Yield the tags that end at a place, the last one first, as long as there is one before the other."""
    while (tag := _tag_before(content, start, end)) is not None:
        yield tag
        end = tag.start


def names_programs(content: bytes, tag: Stretch) -> bool:
    """Return whether a tag is empty, or an ID3 tag of version 2.3 or 2.4 that only names the encoder."""
    if content.startswith((b"ID3", b"APETAGEX"), tag.start) and not content[tag.start + 10 : tag.end].strip(b"\0"):
        return True
    if content[tag.start : tag.start + 3] != b"ID3" or content[tag.start + 3] not in (3, 4):
        return False
    place, end = tag.start + 10, tag.end
    while place + 10 <= end and content[place] and not content[tag.start + 5] & 0xC0:
        name, size = struct.unpack_from(">4sI", content, place)
        value = content[place + 11 : min(place + 10 + size, end)].replace(b"\0", b"")
        if name not in _PROGRAM_FRAMES or not is_program(value):
            return False
        place += 10 + size
    return not content[place:end].strip(b"\0")


def tag_bytes(content: bytes, at: int) -> int:
    """Return the length of the ID3v2 tag that begins at a place."""
    return 10 + _synchsafe(content[at + 6 : at + 10]) + (10 if content[at + 5] & 0x10 else 0)


def _ape_bytes(content: bytes, at: int) -> int:
    return 32 + int.from_bytes(content[at + 12 : at + 16], "little")


def _lyrics_bytes(content: bytes, at: int) -> int:
    for mark in (b"LYRICS200", b"LYRICSEND"):
        if (place := content.find(mark, at, at + _LYRICS_BYTES)) >= 0:
            return place + len(mark) - at
    return 0


def _tag_before(content: bytes, start: int, end: int) -> Stretch | None:
    for magic, length in ((b"TAG", 128), (b"TAG+", 227)):
        if end - length >= start and content.startswith(magic, end - length):
            return Stretch("id3", end - length, end)
    for name, begin in (("ape", _ape_start(content, end)), ("id3", _id3_start(content, end))):
        if begin is not None:
            return Stretch(name, max(start, begin), end)
    lyrics = _lyrics_start(content, end)
    return Stretch("lyrics", lyrics, end) if lyrics is not None and lyrics >= start else None


def _ape_start(content: bytes, end: int) -> int | None:
    if end < 32 or not content.startswith(b"APETAGEX", end - 32):
        return None
    size, _, flags = struct.unpack_from("<III", content, end - 20)
    begin = end - max(int(size), 32)
    if not flags >> 31:
        return begin
    near = content.find(b"APETAGEX", max(0, begin - 96), max(0, begin + 32))  # some programs miscount by a few bytes
    return near if near >= 0 else begin


def _id3_start(content: bytes, end: int) -> int | None:
    if end < 20 or not content.startswith(b"3DI", end - 10):
        return None
    begin = end - 20 - _synchsafe(content[end - 4 : end])
    return begin if begin >= 0 and content.startswith(b"ID3", begin) else None


def _lyrics_start(content: bytes, end: int) -> int | None:
    if content[end - 9 : end] == b"LYRICS200" and content[end - 15 : end - 9].isdigit():
        begin = end - 15 - int(content[end - 15 : end - 9])
        return begin if begin >= 0 and content.startswith(b"LYRICSBEGIN", begin) else None
    if content[end - 9 : end] == b"LYRICSEND":
        begin = content.rfind(b"LYRICSBEGIN", max(0, end - 5200), end)
        return begin if begin >= 0 else None
    return None


def _synchsafe(size: bytes) -> int:
    number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
    return number
