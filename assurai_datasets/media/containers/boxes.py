"""ISO base media (ISO/IEC 14496-12): MP4, MOV, M4A, 3GP and AVIF as a tree of boxes.

Everything private is overwritten where it stands, so that the offsets in the sample tables hold.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.stretches import Stretch, is_text, remove_stretches
from assurai_datasets.media.containers.survey import (
    Damage,
    Edit,
    EndlessError,
    MalformedError,
    Notes,
    Private,
    blank,
    bounded,
    gathered,
    is_program,
    spell_name,
)
from assurai_datasets.media.containers.timed_metadata import blank_samples
from assurai_datasets.schema.codes import Code

_TREE = frozenset(b"moov trak mdia minf stbl edts dinf mvex moof traf".split())
_TOP = frozenset(b"ftyp styp pdin moov moof mdat mfra sidx ssix".split())
_SPACE = frozenset({b"free", b"skip", b"wide"})
_IN_TREE = _TREE | frozenset(
    b"mvhd tkhd mdhd hdlr elng vmhd smhd hmhd nmhd sthd gmhd dref elst stsd stts ctts cslg stss stps stsh stsc stsz"
    b" stz2 stco co64 stdp sdtp sbgp sgpd subs saiz saio senc padb tref trgr mehd trex leva mfhd tfhd trun tfdt iods"
    b" pssh load clip crgn matt kmat ctab imap tapt clef prof enof cmov rmra ipro sinf".split()
)
"""Boxes that tell how to decode and show; FFmpeg, which reads no others, is the measure."""
_HIDDEN_INDEX = frozenset({b"mvhd", b"cmov"})
_FRAGMENT_DATA = frozenset(
    bytes.fromhex(name)
    for name in (
        "6d1d9b0542d544e680e2141daff757b2",
        "d4807ef2ca3946958e5426cb9e46a79f",
        "a2394f525a9b4f14a2446c427c648df4",
    )
)
"""Times and keys of Smooth Streaming fragments."""
_TAGS = frozenset({b"udta", b"meta", b"uuid"})
_CLOCKS = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PROGRAM_TAGS = frozenset({b"\xa9too", b"\xa9swr", b"\xa9enc", b"\xa9fmt"})
_METADATA_HANDLERS = frozenset({b"meta", b"mdta", b"gpmd", b"camm"})
HANDLER_NAME = re.compile(
    rb"[\0-\x1f]?(core media |apple |isom |(gpac )?iso |gpac |l-smash |mainconcept |bento4 )?"
    rb"(video|sound|audio|image|picture|alias data|url data|data|subtitle|text|time ?code|stereo|mono|vide|soun|pict)?"
    rb" ?(media )?(handler|handle|track)?\0*",
    re.IGNORECASE,
)
_COUNTS = {b"stsz": 8, b"stz2": 8, b"trun": 4, b"elst": 4}
"""Tables of samples and of edits, and where in them their number stands; FFmpeg makes entries, however small the table.
"""
_SAMPLES_A_BYTE = 16
"""No sound is packed more densely."""
_MOST_SHOWN = 10_000_000
"""Samples times edits: each entry of an edit list may show all samples once more."""
_USUAL_EDITS = 16
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
    return gathered(boxes(content, at, end), _MOST_BOXES)


def survey_boxes(content: bytes) -> Notes:
    """Yield damage and private metadata of an MP4, MOV, M4A or 3GP file."""
    top, end = list[Box](), 0
    for box in bounded(boxes(content, 0, len(content))):
        if _is_trailing(content, box):
            break
        top.append(box)
        end = box.end
    whole = [box for box in top if box.end <= len(content)]
    _check_counts(content, [box for box in whole if box.kind in (b"moov", b"moof")])
    for box in whole:
        if box.kind in (b"moov", b"moof"):
            yield from survey_tree(content, box)
    yield from _free_all(content, (box for box in whole if box.kind not in _TOP))
    if end > len(content):
        cut = top[-1]
        found = (
            f"the box {spell(cut.kind)!r} declares {end - cut.start:,} bytes, {len(content) - cut.start:,} are there"
        )
        yield Damage(Code.MEDIA_TRUNCATED, found)
        return
    yield from _hidden_index(content, top)
    yield from _trailing(content, end)


def _check_counts(content: bytes, indexes: list[Box]) -> None:
    """Raise `EndlessError` where tables promise more than the file can hold."""
    counts = [found for index in indexes for found in _counts(content, index)]
    samples = sum(count for kind, count in counts if kind != b"elst")
    edits = max((count for kind, count in counts if kind == b"elst"), default=0)
    if samples > _SAMPLES_A_BYTE * len(content):
        raise EndlessError(f"{samples:,} samples are promised in {len(content):,} bytes")
    if edits > _USUAL_EDITS and edits * samples > _MOST_SHOWN:
        raise EndlessError(f"an edit list of {edits:,} entries for {samples:,} samples")


def _counts(content: bytes, parent: Box, depth: int = 0) -> Iterator[tuple[bytes, int]]:
    """Yield the kind of each table inside a box, and how many samples or edits it promises."""
    for box in boxes_inside(content, parent.body, min(parent.end, len(content))):
        if box.kind in _TREE and depth < _MAX_DEPTH:
            yield from _counts(content, box, depth + 1)
        elif box.kind in _COUNTS:
            yield box.kind, struct.unpack_from(">I", content, box.body + _COUNTS[box.kind])[0]


def _is_trailing(content: bytes, box: Box) -> bool:
    """Return whether what looks like a box is text or zeros behind the last one."""
    if box.kind == bytes(4):
        return not content[box.start :].strip(b"\0")
    return box.end > len(content) and box.kind not in _TOP and is_text(content[box.start :])


def _trailing(content: bytes, end: int) -> Notes:
    rest = content[end:].strip(b"\0")
    if rest and is_text(rest):
        yield Private("trailing-data", (Edit(end, len(content)),))
    elif rest:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"{len(content) - end:,} bytes follow its last box")


def _hidden_index(content: bytes, top: list[Box]) -> Notes:
    """Yield a fault where the index is missing, or stands in free space, where some decoders look and others do not."""
    if not any(box.kind == b"moov" for box in top):
        yield Damage(Code.MEDIA_TRUNCATED, "its index, the box 'moov', is missing")
    elif any(box.kind not in _TOP and content[box.body + 4 : box.body + 8] in _HIDDEN_INDEX for box in top):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "it holds another index in space that is declared free")


def survey_tree(content: bytes, parent: Box, depth: int = 0) -> Notes:
    """Yield damage and private metadata of the boxes inside a `moov` or `moof` box, or one of its boxes."""
    children = boxes_inside(content, parent.body, parent.end)
    for box in children:
        if box.end > parent.end:
            yield Damage(Code.MEDIA_UNREADABLE, f"the box {spell(box.kind)!r} leaves the box around it")
            return
    if parent.kind == b"trak" and _handler(content, children) in _METADATA_HANDLERS:
        yield Private(
            "timed-metadata", (*_freed(parent.start, parent.end), *blank_samples(content, parent.body, parent.end))
        )
        return
    for box in children:
        if box.kind in _CLOCKS:
            yield from _clock(content, box)
        elif box.kind == b"hdlr":
            yield from survey_handler(content, box)
        elif box.kind in _TREE and depth < _MAX_DEPTH:
            yield from survey_tree(content, box, depth + 1)
    yield from _free_all(content, (box for box in children if box.kind not in _IN_TREE))


def free_box(content: bytes, box: Box) -> Notes:
    """Yield a box as private metadata, to become free space, unless it only names the program that wrote the file."""
    return _free_all(content, (box,))


def _free_all(content: bytes, found: Iterable[Box]) -> Notes:
    stretches = []
    for box in found:
        names = _private_names(content, box)
        yield from (Private(name, ()) for name in names[1:])
        stretches += [Stretch(name, box.start, box.end) for name in names[:1]]
    yield from remove_stretches(stretches, _freed)


def _private_names(content: bytes, box: Box) -> tuple[str, ...]:
    """Return what to call the metadata a box holds, empty where it holds none."""
    body = content[box.body : box.end]
    if box.kind in _SPACE:
        return ("free-space",) if body.strip(b"\0") else ()
    if box.kind == b"uuid":
        return ("xmp",) if body[:16] == _XMP else () if body[:16] in _FRAGMENT_DATA else ("tags",)
    if box.kind not in _TAGS:
        return (spell(box.kind),)
    texts = gathered(_texts(content, box, 0))
    if all(kind in _PROGRAM_TAGS and is_program(text) for kind, text in texts):
        return ()
    place = b"location.ISO6709" in body or any(kind in (b"\xa9xyz", b"loci") for kind, _ in texts)
    return ("tags", "gps") if place else ("tags",)


def _freed(start: int, end: int) -> tuple[Edit, ...]:
    return Edit(start, start + 8, struct.pack(">I4s", end - start, b"free")), blank(start + 8, end)


def _texts(content: bytes, box: Box, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the innermost boxes of tags that hold anything, with the tag they stand under."""
    if box.kind == b"hdlr" or (box.kind in _SPACE and not content[box.body : box.end].strip(b"\0")):
        return
    full = box.kind == b"meta" and content[box.body + 4 : box.body + 8] != b"hdlr"
    if box.kind in (b"udta", b"meta", b"ilst") and depth < _MAX_DEPTH:
        for inner in boxes(content, box.body + (4 if full else 0), box.end):
            if inner.end > box.end:  # its size is a lie, and what stands there may be anything
                yield inner.kind, content[inner.start : box.end]
                return
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
            for box in boxes(content, media.body, media.end):
                if box.kind == b"hdlr":
                    return content[box.body + 8 : box.body + 12]
    return b""


def survey_handler(content: bytes, box: Box) -> Notes:
    """Yield the name a handler box gives, unless it is one of those that programs write."""
    start = box.body + 24
    if not HANDLER_NAME.fullmatch(content[start : box.end]) and not is_program(content[start : box.end]):
        yield Private("handler-name", (blank(start, box.end),))


def spell(kind: bytes) -> str:
    """Return the kind of a box as text."""
    return spell_name(kind).strip()
