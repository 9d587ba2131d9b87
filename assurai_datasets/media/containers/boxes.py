"""ISO base media (ISO/IEC 14496-12): MP4, MOV, M4A and 3GP as a tree of boxes.

Everything private is overwritten where it stands, so that the offsets in the sample tables hold.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Damage, Edit, MalformedError, Notes, Private, blank, is_program
from assurai_datasets.media.containers.timed_metadata import blank_samples
from assurai_datasets.schema.codes import Code

_TREE = frozenset({b"moov", b"trak", b"mdia", b"minf"})
_TOP = frozenset(
    b"ftyp styp pdin moov moof mdat mfra sidx ssix prft emsg free skip wide meta udta uuid pnot PICT idat".split()
)
_TAGS = frozenset({b"udta", b"meta", b"uuid"})
_CLOCKS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PROGRAM_TAGS = frozenset({b"\xa9too", b"\xa9swr", b"\xa9enc", b"\xa9fmt"})
_METADATA_HANDLERS = frozenset({b"meta", b"mdta", b"gpmd", b"camm"})
_HANDLER_NAME = re.compile(
    rb"[\0-\x1f]?(core media |apple |isom |(gpac )?iso |gpac |l-smash |mainconcept |bento4 )?"
    rb"(video|sound|audio|image|picture|alias data|url data|data|subtitle|text|time ?code|stereo|mono|vide|soun|pict)?"
    rb" ?(media )?(handler|handle|track)?\0*",
    re.IGNORECASE,
)
_MAX_DEPTH = 6
_MOST_BOXES = 10_000


class Box(NamedTuple):
    """A box: its kind, where it starts, where its body lies, and where it ends (beyond the file where it is cut)."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(content: bytes, at: int, end: int) -> Iterator[Box]:
    """Yield the boxes of a stretch, one after the other; the last one may reach beyond its end."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, body)
            body += 8
        stop = end if size == 0 else at + size
        if stop < body:
            raise MalformedError(f"a box of {size} bytes at byte {at:,}")
        yield Box(kind, at, body, stop)
        at = stop


def boxes_inside(content: bytes, at: int, end: int) -> list[Box]:
    """Return the boxes of a stretch that describes something.

    Raises:
        MalformedError: There are more than any description has.
    """
    found = list(islice(boxes(content, at, end), _MOST_BOXES))
    if len(found) == _MOST_BOXES:
        raise MalformedError(f"{_MOST_BOXES:,} boxes or more side by side")
    return found


def survey_boxes(content: bytes) -> Notes:
    """Yield damage and private metadata of an MP4, MOV, M4A or 3GP file."""
    kinds = set()
    for box in boxes(content, 0, len(content)):
        kinds.add(box.kind)
        if box.end > len(content):
            held = len(content) - box.start
            found = f"the box {spell(box.kind)!r} declares {box.end - box.start:,} bytes, {held:,} are there"
            yield Damage(Code.MEDIA_TRUNCATED, found)
            return
        if box.kind == b"moov":
            yield from survey_tree(content, box)
        elif box.kind in _TAGS or box.kind not in _TOP:
            yield from free_box(content, box)
    if b"moov" not in kinds and b"moov" not in content:
        yield Damage(Code.MEDIA_TRUNCATED, "its index, the box 'moov', is missing")


def survey_tree(content: bytes, parent: Box, depth: int = 0) -> Notes:
    """Yield damage and private metadata of the boxes inside a `moov` box, or one of its boxes."""
    children = boxes_inside(content, parent.body, parent.end)
    if parent.kind == b"trak" and _handler(content, children) in _METADATA_HANDLERS:
        yield Private("timed-metadata", (*_freed(parent), *blank_samples(content, parent.body, parent.end)))
        return
    for box in children:
        if box.end > parent.end:
            yield Damage(Code.MEDIA_UNREADABLE, f"the box {spell(box.kind)!r} leaves the box around it")
            return
        if box.kind in _TAGS:
            yield from free_box(content, box)
        elif box.kind in _CLOCKS:
            yield from _clock(content, box)
        elif box.kind == b"hdlr":
            yield from survey_handler(content, box)
        elif box.kind in _TREE and depth < _MAX_DEPTH:
            yield from survey_tree(content, box, depth + 1)


def free_box(content: bytes, box: Box) -> Notes:
    """Yield a box as private metadata, to become free space, unless it only names the program that wrote the file."""
    texts = list(_texts(content, box, 0))
    if box.kind in (b"udta", b"meta") and all(kind in _PROGRAM_TAGS and is_program(text) for kind, text in texts):
        return
    xmp = box.kind == b"uuid" and content[box.body : box.body + 16] == _XMP
    place = (
        any(kind in (b"\xa9xyz", b"loci") for kind, _ in texts) or b"location.ISO6709" in content[box.body : box.end]
    )
    names = ("xmp",) if xmp else ("tags", "gps") if place else ("tags",) if box.kind in _TAGS else (spell(box.kind),)
    for name in names:
        yield Private(name, _freed(box))


def _freed(box: Box) -> tuple[Edit, ...]:
    return (Edit(box.start + 4, box.start + 8, b"free"), blank(box.body, box.end))


def _texts(content: bytes, box: Box, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the innermost boxes of tags that hold anything, with the tag they stand under."""
    if box.kind in (b"hdlr", b"free", b"skip"):
        return
    full = box.kind == b"meta" and content[box.body + 4 : box.body + 8] != b"hdlr"
    if box.kind in (b"udta", b"meta", b"ilst") and depth < _MAX_DEPTH:
        for inner in boxes_inside(content, box.body + (4 if full else 0), box.end):
            yield from _texts(content, inner, depth + 1)
    elif box.kind == b"\xa9swr" or content[box.body + 4 : box.body + 8] != b"data":
        yield box.kind, content[box.body + 4 : box.end] if box.kind in _PROGRAM_TAGS else content[box.body : box.end]
    else:
        yield box.kind, content[box.body + 16 : box.end]


def _clock(content: bytes, box: Box) -> Notes:
    """Yield the times of making and changing, seconds since 1904, which FFmpeg writes as zero."""
    width = 16 if content[box.body] == 1 else 8
    start = box.body + 4
    if content[start : start + width].strip(b"\0"):
        yield Private("time", (blank(start, start + width),))


def _handler(content: bytes, children: list[Box]) -> bytes:
    for media in children:
        if media.kind == b"mdia":
            for box in boxes_inside(content, media.body, media.end):
                if box.kind == b"hdlr":
                    return content[box.body + 8 : box.body + 12]
    return b""


def survey_handler(content: bytes, box: Box) -> Notes:
    """Yield the name a handler box gives, unless it is one of those that programs write."""
    start = box.body + 24
    if not _HANDLER_NAME.fullmatch(content[start : box.end]) and not is_program(content[start : box.end]):
        yield Private("handler-name", (blank(start, box.end),))


def spell(kind: bytes) -> str:
    """Return the kind of a box as text."""
    return kind.decode("latin-1").strip()
