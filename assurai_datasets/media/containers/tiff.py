"""TIFF 6.0 and BigTIFF: directories of tags, rewritten where they stand so that no offset changes."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Damage, Edit, MalformedError, Notes, Private, blank, is_program
from assurai_datasets.schema.codes import Code

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_SOFTWARE, _EXIF_FOLDER, _GPS_FOLDER = 305, 34665, 34853
_NAMES = {
    269: "text",
    270: "text",
    271: "device",
    272: "device",
    285: "text",
    _SOFTWARE: "software",
    306: "time",
    315: "author",
    316: "device",
    700: "xmp",
    33432: "copyright",
    33723: "iptc",
    34377: "iptc",
    _EXIF_FOLDER: "exif",
    _GPS_FOLDER: "gps",
    37724: "further-pictures",
    36867: "time",
    40091: "text",
    40092: "text",
    40093: "author",
    40094: "text",
    40095: "text",
    42016: "identity",
    42032: "author",
    42033: "device",
    50708: "device",
}
_MAX_ENTRIES = 200_000
"""In all directories together: ten thousand pages have fewer."""


class _Layout(NamedTuple):
    order: str
    big: bool

    @property
    def word(self) -> str:
        return f"{self.order}{'Q' if self.big else 'I'}"

    @property
    def word_bytes(self) -> int:
        return 8 if self.big else 4

    @property
    def entry_bytes(self) -> int:
        return 20 if self.big else 12


class _Entry(NamedTuple):
    tag: int
    start: int
    kind: int
    values: int
    body: tuple[int, int]


def survey_tiff(content: bytes) -> Notes:
    """Yield damage and private metadata of a TIFF file."""
    order = "<" if content[:2] == b"II" else ">"
    layout = _Layout(order, big=struct.unpack_from(f"{order}H", content, 2)[0] == 43)
    (at,) = struct.unpack_from(layout.word, content, 8 if layout.big else 4)
    seen: set[int] = set()
    total = 0
    while at and at not in seen:
        seen.add(at)
        entries, end = _folder(content, at, layout)
        total += len(entries)
        if total > _MAX_ENTRIES:
            raise MalformedError(f"more than {_MAX_ENTRIES:,} tags")
        yield from _pixels(content, entries, layout)
        yield from _private(content, entries, at, end, layout)
        (at,) = struct.unpack_from(layout.word, content, end)


def _folder(content: bytes, at: int, layout: _Layout) -> tuple[list[_Entry], int]:
    """Return the entries of a directory, and where the pointer to the next one stands."""
    count_form = f"{layout.order}{'Q' if layout.big else 'H'}"
    (count,) = struct.unpack_from(count_form, content, at)
    first = at + struct.calcsize(count_form)
    if count > 4096:
        raise MalformedError(f"a directory of {count:,} entries")
    entries = [_entry(content, first + index * layout.entry_bytes, layout) for index in range(count)]
    return entries, first + count * layout.entry_bytes


def _entry(content: bytes, at: int, layout: _Layout) -> _Entry:
    tag, kind = struct.unpack_from(f"{layout.order}HH", content, at)
    (values,) = struct.unpack_from(layout.word, content, at + 4)
    size, place = values * _SIZES.get(kind, 1), at + 4 + layout.word_bytes
    if size > layout.word_bytes:
        (place,) = struct.unpack_from(layout.word, content, place)
    return _Entry(tag, at, kind, values, (place, place + size))


def _pixels(content: bytes, entries: list[_Entry], layout: _Layout) -> Notes:
    """Yield damage where strips or tiles lie beyond the end of the file."""
    by_tag = {entry.tag: entry for entry in entries}
    for offsets, counts in ((273, 279), (324, 325)):
        if offsets in by_tag and counts in by_tag:
            places = _numbers(content, by_tag[offsets], layout)
            sizes = _numbers(content, by_tag[counts], layout)
            if any(place + size > len(content) for place, size in zip(places, sizes, strict=False)):
                yield Damage(Code.MEDIA_TRUNCATED, "parts of its picture lie beyond the end of the file")
                return


def _numbers(content: bytes, entry: _Entry, layout: _Layout) -> tuple[int, ...]:
    letter = {3: "H", 4: "I", 16: "Q"}.get(entry.kind)
    if letter is None or entry.body[1] > len(content):
        return ()
    return struct.unpack_from(f"{layout.order}{entry.values}{letter}", content, entry.body[0])


def _private(content: bytes, entries: list[_Entry], at: int, end: int, layout: _Layout) -> Notes:
    gone = [entry for entry in entries if _is_private(content, entry)]
    if not gone:
        return
    kept = b"".join(content[e.start : e.start + layout.entry_bytes] for e in entries if not _is_private(content, e))
    count = struct.pack(f"{layout.order}{'Q' if layout.big else 'H'}", len(entries) - len(gone))
    stop = end + layout.word_bytes
    folder = (count + kept + content[end:stop]).ljust(stop - at, b"\0")
    edits = (Edit(at, stop, folder), *(edit for entry in gone for edit in _blanks(content, entry, layout)))
    for name in sorted({_NAMES[entry.tag] for entry in gone}):
        yield Private(name, edits)


def _is_private(content: bytes, entry: _Entry) -> bool:
    if entry.tag == _SOFTWARE:
        return not is_program(content[entry.body[0] : entry.body[1]])
    return entry.tag in _NAMES


def _blanks(content: bytes, entry: _Entry, layout: _Layout) -> Iterator[Edit]:
    """Yield edits that overwrite what an entry points to, down to the directories inside EXIF."""
    start, end = entry.body
    if not entry.start <= start < entry.start + layout.entry_bytes and end <= len(content):
        yield blank(start, end)
    if entry.tag not in (_EXIF_FOLDER, _GPS_FOLDER):
        return
    (inner,) = struct.unpack_from(layout.word, content, entry.start + 4 + layout.word_bytes)
    try:
        entries, stop = _folder(content, inner, layout)
    except (struct.error, MalformedError):
        return
    yield blank(inner, min(stop + layout.word_bytes, len(content)))
    for each in entries:
        if each.tag not in (_EXIF_FOLDER, _GPS_FOLDER):
            yield from _blanks(content, each, layout)
