"""Matroska and WebM (RFC 9559): private elements become empty space of the same size."""

import re
from collections.abc import Iterator

from assurai_datasets.media.containers.codec_private import comment_edits
from assurai_datasets.media.containers.ebml import VOID, Element, elements, void_head
from assurai_datasets.media.containers.matroska_blocks import (
    BLOCKS,
    CUES,
    HEAD,
    NOTHING,
    PICTURE_AND_SOUND,
    SEEKS,
    Hidden,
)
from assurai_datasets.media.containers.matroska_tags import is_technical
from assurai_datasets.media.containers.stretches import Stretch, remove_stretches
from assurai_datasets.media.containers.survey import (
    MAX_PARTS,
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
)
from assurai_datasets.schema.codes import Code

_SEGMENT, _INFO, _TRACKS, _TRACK, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675
_TAGS, _ATTACHMENTS, _CHECKSUM = 0x1254C367, 0x1941A469, 0xBF
_CODEC, _CODEC_PRIVATE = 0x86, 0x63A2
_IN_SEGMENT = frozenset(
    {_INFO, _TRACKS, _CLUSTER, _TAGS, _ATTACHMENTS, 0x114D9B74, 0x1C53BB6B, 0x1043A770, VOID, _CHECKSUM}
)
_PRIVATE = {
    0x7BA9: "title",
    0x4461: "time",
    0x7384: "file-name",
    0x3C83AB: "file-name",
    0x3E83BB: "file-name",
    0x536E: "track-name",
    _ATTACHMENTS: "attachments",
    _TAGS: "tags",
    VOID: "free-space",
}
_APPLICATIONS = {0x4D80: "muxing-app", 0x5741: "writing-app", 0x258688: "codec-name"}
_CODEC_NAMES = re.compile(
    rb"([avs]_[a-z0-9/_]+|vp[89]|av1|h\.?26[3-5]|hevc|avc|mpeg-?\d|aac|mp3|opus|vorbis|flac|theora|pcm)?\0*",
    re.IGNORECASE,
)
_MOST_BLOCKS = 1_000_000
_CHECKSUM_HEAD, _CHECKSUM_BYTES = b"\xbf\x84", 6
_EBML = 0x1A45DFA3
_BEGINNINGS = (_EBML.to_bytes(4, "big"), _SEGMENT.to_bytes(4, "big"))
_PARTS = tuple(number.to_bytes(4, "big") for number in _IN_SEGMENT if number > 0xFFFFFF)
_SEEKS, _CUES = 0x114D9B74, 0x1C53BB6B
_LEVELS = {_CLUSTER: BLOCKS, _SEEKS: SEEKS, _CUES: CUES}
_TRACK_LEVELS = frozenset({0xE0, 0xE1, 0x6D80})
"""The picture, the sound and the encodings of a track."""


def survey_matroska(content: bytes) -> Notes:
    """Yield damage and private metadata of a Matroska or WebM file."""
    segments, at, parts = 0, 0, 0
    while at < len(content):
        if segments and not content.startswith(_BEGINNINGS, at) and not _is_empty(content, at):
            yield from _rest(content, at)
            return
        element = next(elements(content, at, len(content)))
        if element.id == _SEGMENT:
            segments += 1
            yield from _segment(content, element)
        elif element.end is not None and element.end <= len(content):
            yield from _outside(content, element, element.end)
        parts += 1
        if parts > MAX_PARTS:
            raise EndlessError(f"it consists of more than {MAX_PARTS:,} parts")
        at = element.end or len(content)
    if not segments:
        yield Damage(Code.MEDIA_TRUNCATED, "its segment is missing")


def _outside(content: bytes, element: Element, end: int) -> Notes:
    """Yield what is hidden in the head of the file, and in elements outside of segments that nobody reads."""
    start, level = (element.body, HEAD) if element.id == _EBML else (element.start, NOTHING)
    yield from remove_stretches(Hidden(content).find(start, end, level), _voided)


def _is_empty(content: bytes, at: int) -> bool:
    """Return whether an empty element that holds nothing, within the file, begins at a place."""
    if content[at] != VOID:
        return False
    try:
        element = next(elements(content, at, len(content)))
    except (MalformedError, IndexError):
        return False
    return element.end is not None and element.end <= len(content) and not _stretch(content, element)


def _rest(content: bytes, at: int) -> Notes:
    """Yield what follows the last segment: parts of one may belong to it, and anything else goes."""
    if content.startswith(_PARTS, at):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"{len(content) - at:,} bytes follow the end its segment declares")
    elif content[at:].strip(b"\0"):
        yield Private("trailing-data", (Edit(at, len(content)),))


def _segment(content: bytes, segment: Element) -> Notes:
    end = len(content) if segment.end is None else segment.end
    if end > len(content):
        found = f"its segment declares {end - segment.body:,} bytes, {len(content) - segment.body:,} are there"
        yield Damage(Code.MEDIA_TRUNCATED, found)
        return
    private: list[Stretch] = []
    hidden = Hidden(content)
    for element in bounded(_level_1(content, segment.body, end)):
        if (damage := _damage(element, end, is_live=segment.end is None)) is not None:
            yield damage
            break
        if element.id in (_INFO, _TRACKS):
            yield from _parts(content, element, 0)
        elif element.id in _LEVELS:
            yield from _hidden(hidden, element, element.end or _cluster_end(content, element, end))
        elif element.id in _PRIVATE:
            private += _stretch(content, element)
    yield from remove_stretches(private, _voided)


def _hidden(hidden: Hidden, parent: Element, end: int) -> Notes:
    """Yield what is hidden among the parts of an element, and the checksum over it that would no longer match."""
    try:
        notes = list(remove_stretches(hidden.find(parent.body, end, _LEVELS[parent.id]), _voided))
    except EndlessError:
        raise
    except MalformedError as error:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, str(error))
        return
    yield from notes
    if notes and hidden.content[parent.body : parent.body + 2] == _CHECKSUM_HEAD:
        yield from _voided(parent.body, parent.body + _CHECKSUM_BYTES)


def _level_1(content: bytes, at: int, end: int) -> Iterator[Element]:
    """Yield the elements of a segment; a cluster of unknown size, as live recordings have, ends at the next."""
    while at < end:
        for element in elements(content, at, end):
            yield element
            at = end if element.end is None else element.end
            if element.id not in _IN_SEGMENT:
                return
        if element.id == _CLUSTER and element.end is None:
            at = _cluster_end(content, element, end)


def _cluster_end(content: bytes, cluster: Element, end: int) -> int:
    for count, block in enumerate(elements(content, cluster.body, end)):
        if count > _MOST_BLOCKS:
            raise MalformedError(f"a cluster of more than {_MOST_BLOCKS:,} blocks")
        if block.id in _IN_SEGMENT and block.id not in (VOID, _CHECKSUM):
            return block.start
        if block.end is None or block.end > end:
            break
    return end


def _damage(element: Element, end: int, *, is_live: bool) -> Damage | None:
    if element.id not in _IN_SEGMENT:
        unknown = is_live and element.end is None
        return (
            None if unknown else Damage(Code.MEDIA_UNREADABLE, f"there is no known element at byte {element.start:,}")
        )
    if element.end is not None and element.end > end:
        return Damage(Code.MEDIA_TRUNCATED, f"it ends inside the element at byte {element.start:,}")
    return None


def _parts(content: bytes, parent: Element, depth: int) -> Notes:
    """Yield what the parts of the information about a file or its tracks hold."""
    end = parent.end or parent.body
    parts = gathered(elements(content, parent.body, end))
    if any(part.end is None or part.end > end for part in parts):
        raise MalformedError(f"an element leaves the one at byte {parent.start:,}")
    codec = next((content[part.body : part.end].strip(b"\0") for part in parts if part.id == _CODEC), b"")
    notes = [note for part in parts for note in _part(content, part, codec, depth)]
    private = [stretch for part in parts for stretch in _stretch(content, part)]
    notes += remove_stretches(private, _voided)
    if notes:  # checksums over what changes would no longer match
        notes += [edit for part in parts if part.id == _CHECKSUM for edit in _voided(part.start, part.end or part.body)]
    yield from notes


def _part(content: bytes, part: Element, codec: bytes, depth: int) -> Notes:
    body, end = part.body, part.end or part.body
    if part.id == _TRACK and depth == 0:
        yield from _parts(content, part, depth + 1)
    elif part.id in _TRACK_LEVELS:
        yield from remove_stretches(Hidden(content).find(body, end, PICTURE_AND_SOUND), _voided)
    elif part.id in _APPLICATIONS and not _is_technical_name(content[body:end]):
        yield Private(_APPLICATIONS[part.id], (blank(body, end),))
    elif part.id == _CODEC_PRIVATE:
        for name, edit in comment_edits(codec, content[body:end], body):
            yield Private(name, (edit,))


def _is_technical_name(name: bytes) -> bool:
    return is_program(name) or _CODEC_NAMES.fullmatch(name) is not None


def _stretch(content: bytes, element: Element) -> list[Stretch]:
    end = element.end or element.body
    if element.id not in _PRIVATE or (element.id == _TAGS and is_technical(content, element)):
        return []
    if element.id == VOID and not content[element.body : end].strip(b"\0"):
        return []
    return [Stretch(_PRIVATE[element.id], element.start, end)]


def _voided(start: int, end: int) -> tuple[Edit, ...]:
    """Return edits that make a stretch an empty element, whatever its length."""
    head = void_head(end - start)
    return Edit(start, start + len(head), head), blank(start + len(head), end)
