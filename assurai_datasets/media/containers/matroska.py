"""Matroska and WebM (RFC 9559): EBML elements; private ones become empty space of the same size."""

from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Damage, Edit, MalformedError, Notes, Private, blank, is_program
from assurai_datasets.schema.codes import Code

_HEADER, _SEGMENT, _INFO, _TRACKS, _TRACK = 0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
_CLUSTER, _TAGS, _ATTACHMENTS = 0x1F43B675, 0x1254C367, 0x1941A469
_TAG, _SIMPLE_TAG, _TAG_NAME, _TAG_STRING, _TARGETS = 0x7373, 0x67C8, 0x45A3, 0x4487, 0x63C0
_CHECKSUM, _VOID = 0xBF, 0xEC
_IN_SEGMENT = frozenset(
    {_INFO, _TRACKS, _CLUSTER, _TAGS, _ATTACHMENTS, 0x114D9B74, 0x1C53BB6B, 0x1043A770, _VOID, _CHECKSUM}
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
}
_TECHNICAL = frozenset(
    b"ENCODER|DURATION|BPS|NUMBER_OF_FRAMES|NUMBER_OF_BYTES|_STATISTICS_WRITING_APP|_STATISTICS_TAGS|HANDLER_NAME|VENDOR_ID"
    b"|MAJOR_BRAND|MINOR_VERSION|COMPATIBLE_BRANDS|ALPHA_MODE|SOURCE_ID".split(b"|")
)


class Element(NamedTuple):
    """An element: its id, where it starts, where its body lies; the end is None where its size is not known."""

    id: int
    start: int
    body: int
    end: int | None


def survey_matroska(content: bytes) -> Notes:
    """Yield damage and private metadata of a Matroska or WebM file."""
    segments = 0
    for element in _elements(content, 0, len(content)):
        if element.id == _SEGMENT:
            segments += 1
            yield from _segment(content, element)
    if not segments:
        yield Damage(Code.MEDIA_TRUNCATED, "its segment is missing")


def _segment(content: bytes, segment: Element) -> Notes:
    end = len(content) if segment.end is None else segment.end
    if end > len(content):
        found = f"its segment declares {end - segment.body:,} bytes, {len(content) - segment.body:,} are there"
        yield Damage(Code.MEDIA_TRUNCATED, found)
        return
    for element in _elements(content, segment.body, end):
        if element.id not in _IN_SEGMENT:
            if element.end is not None:
                yield Damage(Code.MEDIA_UNREADABLE, f"there is no known element at byte {element.start:,}")
            return
        if element.end is None:  # a live recording: what follows are blocks until the end
            return
        if element.end > end:
            yield Damage(Code.MEDIA_TRUNCATED, f"it ends inside the element at byte {element.start:,}")
            return
        yield from _private(content, element)


def _private(content: bytes, element: Element) -> Notes:
    if element.id in (_INFO, _TRACKS, _TRACK):
        inner = list(_elements(content, element.body, element.end or 0))
        if any((part.end or 0) > (element.end or 0) for part in inner):
            raise MalformedError(f"an element leaves the one at byte {element.start:,}")
        notes = [note for part in inner for note in _private(content, part)]
        if notes:  # checksums over what changes would no longer match
            yield from (*notes, *(edit for part in inner if part.id == _CHECKSUM for edit in _voided(part)))
    elif element.id in _PRIVATE and not (element.id == _TAGS and _is_technical(content, element)):
        yield Private(_PRIVATE[element.id], _voided(element))


def _voided(element: Element) -> tuple[Edit, Edit]:
    """Return edits that make an element void, whatever its length."""
    end = element.end if element.end is not None else element.body
    whole = end - element.start
    width = 1 if whole - 2 < 127 else 8
    size = (whole - 1 - width) | (1 << 7 * width)
    body = element.start + 1 + width
    return Edit(element.start, body, bytes([_VOID]) + size.to_bytes(width, "big")), blank(body, end)


def _is_technical(content: bytes, tags: Element) -> bool:
    """Return whether tags only name programs and count frames."""
    for name, value in _simple_tags(content, tags):
        plain = name.upper().removeprefix(b"_STATISTICS_WRITING_DATE_UTC")
        if name.upper() == b"ENCODER":
            if not is_program(value):
                return False
        elif plain.split(b"-")[0] not in _TECHNICAL:
            return False
    return True


def _simple_tags(content: bytes, tags: Element) -> Iterator[tuple[bytes, bytes]]:
    for tag in _elements(content, tags.body, tags.end or 0):
        for simple in _elements(content, tag.body, tag.end or 0) if tag.id == _TAG else ():
            if simple.id == _SIMPLE_TAG:
                parts = {
                    each.id: content[each.body : each.end] for each in _elements(content, simple.body, simple.end or 0)
                }
                yield parts.get(_TAG_NAME, b"").strip(b"\0"), parts.get(_TAG_STRING, b"")


def _elements(content: bytes, at: int, end: int) -> Iterator[Element]:
    while at < end:
        number, width = _variable(content, at, keep_mark=True)
        size, size_width = _variable(content, at + width, keep_mark=False)
        body = at + width + size_width
        if body > end:
            raise IndexError(body)
        unknown = size == (1 << 7 * size_width) - 1
        yield Element(number, at, body, None if unknown else body + size)
        if unknown:
            return
        at = body + size


def _variable(content: bytes, at: int, *, keep_mark: bool) -> tuple[int, int]:
    """Return a number of variable width and that width."""
    width = 9 - content[at].bit_length()
    if width > 8:
        raise MalformedError(f"no element begins at byte {at:,}")
    if at + width > len(content):
        raise IndexError(at)
    number = int.from_bytes(content[at : at + width], "big")
    return number if keep_mark else number & ~(1 << 7 * width), width
