"""Items of a HEIF-shaped file (ISO/IEC 23008-12), as AVIF uses them: EXIF and XMP lie among the pictures."""

import struct
from collections.abc import Iterator, Mapping
from typing import Protocol

from assurai_datasets.media.containers.survey import Edit, MalformedError, Notes, Private, blank

_EMPTY_EXIF = struct.pack(">I2sHIHI", 0, b"II", 0x2A00, 0x08000000, 0, 0)
"""A block without entries: readers insist on a TIFF header where an item says EXIF."""


class Stretch(Protocol):
    """The body of a box."""

    @property
    def body(self) -> int:
        """Where it starts."""

    @property
    def end(self) -> int:
        """Where it ends."""


def survey_items(content: bytes, meta: Mapping[bytes, Stretch]) -> Notes:
    """Yield the private items that the boxes inside `meta` describe, overwritten where they lie."""
    if b"iinf" not in meta or b"iloc" not in meta:
        return
    names = dict(_private_items(content, meta[b"iinf"]))
    data = meta[b"idat"].body if b"idat" in meta else 0
    for item_id, extents in _extents(content, meta[b"iloc"], data):
        if item_id not in names:
            continue
        for start, end in extents:
            head = _EMPTY_EXIF[: end - start] if names[item_id] == "exif" else b""
            body = start + len(head)
            if end <= len(content) and (content[start:body] != head or content[body:end].strip(b"\0")):
                yield Private(names[item_id], (Edit(start, body, head), blank(body, end)))


def _private_items(content: bytes, box: Stretch) -> Iterator[tuple[int, str]]:
    version = content[box.body]
    form = ">H" if version == 0 else ">I"
    at = box.body + 4 + struct.calcsize(form)
    while at + 12 <= box.end:
        (size,) = struct.unpack_from(">I", content, at)
        wide = content[at + 8] >= 3
        (item_id,) = struct.unpack_from(">I" if wide else ">H", content, at + 12)
        kind = content[at + (18 if wide else 16) : at + (22 if wide else 20)]
        if kind in (b"Exif", b"mime", b"uri "):
            yield item_id, "exif" if kind == b"Exif" else "xmp"
        at += max(size, 8)


def _extents(content: bytes, box: Stretch, data: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    version, sizes = content[box.body], struct.unpack_from(">H", content, box.body + 4)[0]
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    at = box.body + 6
    count, at = _number(content, at, wide)
    for _ in range(count):
        item_id, at = _number(content, at, wide)
        method, at = _number(content, at, 2) if version in (1, 2) else (0, at)
        _, at = _number(content, at, 2)
        base, at = _number(content, at, base_bytes)
        extents, at = _number(content, at, 2)
        if extents * (index_bytes + offset_bytes + length_bytes) > box.end - at or (extents > 1 and not length_bytes):
            raise MalformedError(f"an item in {extents:,} parts")
        places = []
        for _ in range(extents):
            _, at = _number(content, at, index_bytes)
            offset, at = _number(content, at, offset_bytes)
            length, at = _number(content, at, length_bytes)
            start = base + offset + (data if method & 15 == 1 else 0)
            places.append((start, start + length))
        yield item_id, places


def _number(content: bytes, at: int, size: int) -> tuple[int, int]:
    if at + size > len(content):
        raise IndexError(at)
    return int.from_bytes(content[at : at + size], "big"), at + size
