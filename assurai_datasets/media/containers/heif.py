"""Items of a HEIF-shaped file (ISO/IEC 23008-12), as AVIF uses them: EXIF and XMP lie among the pictures."""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from assurai_datasets.media.containers.boxes import Box
from assurai_datasets.media.containers.exif import read_exif
from assurai_datasets.media.containers.survey import Edit, MalformedError, Notes, Private

_EMPTY_EXIF = struct.pack(">I2sHIHI", 0, b"II", 0x2A00, 0x08000000, 0, 0)
"""A block without entries: readers insist on a TIFF header where an item says EXIF."""
_EMPTY_XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
_PRIVATE = {b"Exif": "exif", b"mime": "xmp", b"uri ": "xmp"}
_FILLINGS = {b"Exif": (_EMPTY_EXIF, b"\0"), b"mime": (_EMPTY_XMP, b" "), b"uri ": (b"", b"\0")}
_NAME = re.compile(
    rb" *|(color|alpha|exif|xmp|depth|t?map|gain ?map|grid|image|thumbnail|primary|master)[ _-]?\d*", re.IGNORECASE
)
_MOST_ITEMS, _MOST_PARTS = 1 << 16, 200_000


class Item(NamedTuple):
    """An item: its id, the kind of its content, and where its name stands."""

    item_id: int
    kind: bytes
    name: tuple[int, int]


class Stretch(NamedTuple):
    """A part of the file, from `start` up to `end`."""

    start: int
    end: int


def read_items(content: bytes, box: Box) -> Iterator[Item]:
    """Yield the items that an `iinf` box lists.

    Raises:
        MalformedError: There are more than any picture has.
    """
    at = box.body + 4 + (2 if content[box.body] == 0 else 4)
    for _ in range(_MOST_ITEMS):
        if at + 12 > box.end:
            return
        (size,) = struct.unpack_from(">I", content, at)
        end, wide = min(at + max(size, 8), box.end), content[at + 8] >= 3
        (item_id,) = struct.unpack_from(">I" if wide else ">H", content, at + 12)
        name = at + (22 if wide else 20)
        stop = content.find(b"\0", name, end)
        yield Item(item_id, content[name - 4 : name], (name, stop if stop >= 0 else max(name, end)))
        at = end
    raise MalformedError(f"more than {_MOST_ITEMS:,} items")


def survey_items(content: bytes, items: Iterable[Item], places: Mapping[int, list[Stretch]]) -> Notes:
    """Yield names someone gave to items, and private items, overwritten where they lie.

    Raises:
        MalformedError: An item is described twice, or private ones lie in each other: they are larger than the file.
    """
    left, seen = len(content), set()
    for item in items:
        if item.item_id in seen:
            raise MalformedError("an item that is described twice")
        seen.add(item.item_id)
        start, end = item.name
        if not _NAME.fullmatch(content, start, end):
            yield Private("item-name", (Edit(start, end, b" " * (end - start)),))
        if item.kind in _PRIVATE:
            parts = places.get(item.item_id, [])
            left -= sum(part.end - part.start for part in parts)
            if left < 0:
                raise MalformedError("items that lie in each other")
            yield from _private_item(content, item.kind, parts)


def _private_item(content: bytes, kind: bytes, parts: list[Stretch]) -> Notes:
    held = b"".join(content[part.start : part.end] for part in parts)
    head, padding = _FILLINGS[kind]
    filling = head.ljust(len(held), padding) if len(head) <= len(held) else bytes(len(held))
    if held == filling or not held.strip(b"\0"):
        return
    edits, at = [], 0
    for start, end in parts:
        edits.append(Edit(start, end, filling[at : at + end - start]))
        at += end - start
    yield Private(_PRIVATE[kind], tuple(edits))
    if kind == b"Exif" and read_exif(held[4 + int.from_bytes(held[:4], "big") :]).has_gps:
        yield Private("gps", ())


def read_places(content: bytes, box: Box, data: int) -> dict[int, list[Stretch]]:
    """Return where the parts of each item lie.

    Args:
        content: The file.
        box: Its `iloc` box.
        data: Where the body of its `idat` box starts.

    Raises:
        MalformedError: An item is placed twice or inside another, or there are more parts than any picture has.
    """
    version, sizes = content[box.body], struct.unpack_from(">H", content, box.body + 4)[0]
    widths = (sizes & 15 if version in (1, 2) else 0, sizes >> 12, sizes >> 8 & 15)
    wide = 4 if version == 2 else 2
    count, at = _number(content, box.body + 6, wide)
    places: dict[int, list[Stretch]] = {}
    total = 0
    for _ in range(count):
        item_id, at = _number(content, at, wide)
        method, at = _number(content, at, 2) if version in (1, 2) else (0, at)
        base, at = _number(content, at + 2, sizes >> 4 & 15)
        parts, at = _number(content, at, 2)
        total += parts
        if method & 15 > 1 or item_id in places or total > _MOST_PARTS or parts * sum(widths) > box.end - at:
            raise MalformedError(f"an item in {parts:,} parts, or one that is placed twice or inside another")
        origin = base + (data if method & 15 == 1 else 0)
        places[item_id] = list(_parts(content, at, parts, widths, origin))
        at += parts * sum(widths)
    return places


def _parts(content: bytes, at: int, count: int, widths: tuple[int, int, int], origin: int) -> Iterator[Stretch]:
    """Yield the parts of one item; a length of zero means all that follows."""
    index, offset_bytes, length_bytes = widths
    for _ in range(count):
        offset, at = _number(content, at + index, offset_bytes)
        length, at = _number(content, at, length_bytes)
        start = min(origin + offset, len(content))
        yield Stretch(start, start + length if length else len(content))


def _number(content: bytes, at: int, size: int) -> tuple[int, int]:
    if at + size > len(content):
        raise IndexError(at)
    return int.from_bytes(content[at : at + size], "big"), at + size
