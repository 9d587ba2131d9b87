"""GIF (GIF89a): blocks, extensions and the trailer."""

from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private
from assurai_datasets.schema.codes import Code

_PICTURE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def survey_gif(content: bytes) -> Notes:
    """Yield damage and private metadata of a GIF file."""
    at = 13 + _table_bytes(content[10])
    pictures = 0
    while True:
        start, kind = at, content[at] if at < len(content) else None
        if kind == _PICTURE:
            at = _skip_blocks(content, at + 10 + _table_bytes(content[at + 9]) + 1)
            pictures += 1
        elif kind == _EXTENSION:
            at = _skip_blocks(content, at + 2)
            yield from _extension(content, start, at)
        elif kind == _TRAILER:
            break
        else:
            found = "the trailer is missing" if kind is None else f"a block of unknown kind 0x{kind:02x}"
            yield Damage(Code.MEDIA_TRUNCATED if kind is None else Code.MEDIA_UNREADABLE, found)
            return
    if pictures == 0:
        yield Damage(Code.MEDIA_UNREADABLE, "it holds no picture")
    if content[at + 1 :].strip(b"\0\r\n;"):
        yield Private("trailing-data", (Edit(at + 1, len(content)),))


def _extension(content: bytes, start: int, end: int) -> Notes:
    label, application = content[start + 1], content[start + 3 : start + 14]
    if label == _COMMENT:
        yield Private("comment", (Edit(start, end),))
    elif label == _APPLICATION and application not in _KEPT:
        yield Private("xmp" if application == b"XMP DataXMP" else "application-data", (Edit(start, end),))


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += content[at] + 1
    return at + 1
