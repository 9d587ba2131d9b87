"""GIF (GIF89a): blocks, extensions and the trailer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assurai_datasets.media.containers.gif_codes import MOST_ROUNDS, find_end_of_codes
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, bounded
from assurai_datasets.schema.codes import Code

_PICTURE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _COMMENT, _TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_CONTROL_BYTES = 4
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_LOOP_BYTES = {1: 3, 2: 5}
"""Of the two things a loop extension tells, how often and how much to buffer, by their first byte."""
_PROFILE = b"ICCRGBG1012"
_HIGHEST_CODE_BITS = 8
_LEAST_PROFILE_BYTES = 128
_BLOCK_BYTES = 255
_LOOSE_BYTES = 4
"""Encoders may leave a few bytes behind the end code."""


class _Block(NamedTuple):
    kind: int
    start: int
    end: int


def survey_gif(content: bytes) -> Notes:
    """Yield damage and private metadata of a GIF file."""
    pictures, last, rounds = 0, _Block(0, 13, 13), iter(range(MOST_ROUNDS))
    for last in bounded(_blocks(content)):
        if last.kind == _PICTURE:
            pictures += 1
            yield from _picture(content, last, rounds)
        elif last.kind == _EXTENSION:
            yield from _extension(content, last)
    yield from _end(content, last, pictures)


def _blocks(content: bytes) -> Iterator[_Block]:
    """Yield blocks up to the trailer, a block of unknown kind or the end of the file."""
    at, kind = 13 + _table_bytes(content[10]), _EXTENSION
    while at < len(content) and kind in (_PICTURE, _EXTENSION):
        start, kind = at, content[at]
        if kind == _PICTURE:
            at = _skip_blocks(content, at + 10 + _table_bytes(content[at + 9]) + 1)
        else:
            at = _skip_blocks(content, at + 2) if kind == _EXTENSION else at + 1
        yield _Block(kind, start, at)


def _picture(content: bytes, block: _Block, rounds: Iterator[int]) -> Notes:
    flags = content[block.start + 9]
    if not (flags | content[10]) & 0x80:
        yield Damage(Code.MEDIA_UNREADABLE, "a picture has no palette")
    codes_at = block.start + 11 + _table_bytes(flags)
    code_bits = content[codes_at - 1]
    if not 1 <= code_bits <= _HIGHEST_CODE_BITS:
        yield Damage(Code.MEDIA_UNREADABLE, f"a picture is coded in {code_bits} bits")
    elif code_bits > 1:
        data = b"".join(_sub_blocks(content, codes_at))
        end = find_end_of_codes(data, code_bits, rounds)
        yield from _behind_codes(data, end, codes_at, block.end)


def _behind_codes(data: bytes, end: int | None, start: int, stop: int) -> Notes:
    """Yield what stands behind the end code of a picture, which no decoder reads."""
    if end is not None and len(data[end:].strip(b"\0")) > _LOOSE_BYTES:
        yield Private("hidden-data", (Edit(start, stop, _spell_blocks(_cut(data[:end]))),))


def _extension(content: bytes, block: _Block) -> Notes:
    label = content[block.start + 1]
    parts = list(_sub_blocks(content, block.start + 2))
    whole = _spell_extension(label, _essential(label, parts))
    if whole != content[block.start : block.end]:
        yield Private(_name_of(label, parts), (Edit(block.start, block.end, whole),))


def _essential(label: int, parts: Sequence[bytes]) -> Sequence[bytes]:
    """Return the parts of an extension that change what is shown; none where it may go as a whole."""
    if not parts:
        return ()
    if label == _CONTROL:
        return (parts[0][:_CONTROL_BYTES],) if len(parts[0]) >= _CONTROL_BYTES else ()
    if label == _APPLICATION and parts[0] in _LOOPS:
        return (parts[0], *_loop_parts(parts[1:]))
    if label == _APPLICATION and parts[0] == _PROFILE:
        return _profile_parts(parts)
    return ()


def _loop_parts(parts: Sequence[bytes]) -> Iterator[bytes]:
    known: set[int] = set()
    for part in parts:
        size = _LOOP_BYTES.get(part[0])
        if size is not None and len(part) >= size and part[0] not in known:
            known.add(part[0])
            yield part[:size]


def _profile_parts(parts: Sequence[bytes]) -> Sequence[bytes]:
    """Return a colour profile as it is, or cut to the size that it declares."""
    profile = b"".join(parts[1:])
    size = int.from_bytes(profile[:4], "big")
    if not _LEAST_PROFILE_BYTES <= size <= len(profile) or profile[36:40] != b"acsp":
        return ()
    if size == len(profile):
        return parts
    return (parts[0], *_cut(profile[:size]))


def _spell_extension(label: int, parts: Sequence[bytes]) -> bytes:
    if not parts:
        return b""
    return bytes((_EXTENSION, label)) + _spell_blocks(parts)


def _cut(data: bytes) -> Sequence[bytes]:
    return [data[at : at + _BLOCK_BYTES] for at in range(0, len(data), _BLOCK_BYTES)]


def _spell_blocks(parts: Sequence[bytes]) -> bytes:
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def _name_of(label: int, parts: Sequence[bytes]) -> str:
    if label == _APPLICATION:
        return "xmp" if parts[:1] == [b"XMP DataXMP"] else "application-data"
    return {_COMMENT: "comment", _TEXT: "text"}.get(label, "extension")


def _end(content: bytes, last: _Block, pictures: int) -> Notes:
    if last.kind in (0, _PICTURE, _EXTENSION):
        yield Damage(Code.MEDIA_TRUNCATED, "the trailer is missing")
    elif last.kind != _TRAILER:
        yield Damage(Code.MEDIA_UNREADABLE, f"a block of unknown kind 0x{last.kind:02x}")
    elif pictures == 0:
        yield Damage(Code.MEDIA_UNREADABLE, "it holds no picture")
    elif content[last.end :].strip(b"\0\r\n;"):
        yield Private("trailing-data", (Edit(last.end, len(content)),))


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _sub_blocks(content: bytes, at: int) -> Iterator[bytes]:
    while content[at]:
        yield content[at + 1 : at + 1 + content[at]]
        at += content[at] + 1


def _skip_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += content[at] + 1
    return at + 1
