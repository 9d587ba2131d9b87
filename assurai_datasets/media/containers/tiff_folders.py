"""Directories of TIFF 6.0 and BigTIFF, and the numbers their entries hold."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.media.containers.survey import MalformedError

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTERS = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_MAX_ENTRIES = 200_000
"""In all directories together: ten thousand pages have fewer."""
_FAR = 1 << 40

Places = NDArray[np.int64]


class Layout(NamedTuple):
    """How a file spells its numbers: byte order, and whether they are those of BigTIFF."""

    order: str
    big: bool

    @property
    def word(self) -> str:
        """Form of an offset or a count."""
        return f"{self.order}{'Q' if self.big else 'I'}"

    @property
    def word_bytes(self) -> int:
        """Size of an offset or a count."""
        return 8 if self.big else 4

    @property
    def entry_bytes(self) -> int:
        """Size of an entry."""
        return 20 if self.big else 12

    @property
    def header_bytes(self) -> int:
        """Size of what stands before everything else."""
        return 16 if self.big else 8


class Entry(NamedTuple):
    """An entry of a directory: its tag, where it stands, the kind and number of its values, and where they lie."""

    tag: int
    start: int
    kind: int
    values: int
    body: tuple[int, int]

    @property
    def is_sized(self) -> bool:
        """Whether the size of its values is known."""
        return self.kind in _SIZES


class Folder(NamedTuple):
    """A directory: where it starts, its entries, and where the pointer to the next one stands."""

    start: int
    entries: list[Entry]
    end: int


def read_layout(content: bytes) -> Layout:
    """Return how a file spells its numbers."""
    order = "<" if content[:2] == b"II" else ">"
    return Layout(order, big=struct.unpack_from(f"{order}H", content, 2)[0] == 43)


def read_folders(content: bytes, layout: Layout) -> Iterator[Folder]:
    """Yield the directories of the pictures, each once.

    Raises:
        MalformedError: A directory has more entries than any picture needs, or all together have.
    """
    (at,) = struct.unpack_from(layout.word, content, layout.header_bytes - layout.word_bytes)
    seen: set[int] = set()
    total = 0
    while at and at not in seen:
        seen.add(at)
        folder = read_folder(content, at, layout)
        total += len(folder.entries)
        if total > _MAX_ENTRIES:
            raise MalformedError(f"more than {_MAX_ENTRIES:,} tags")
        yield folder
        (at,) = struct.unpack_from(layout.word, content, folder.end)


def read_folder(content: bytes, at: int, layout: Layout) -> Folder:
    """Return the directory that starts at a byte."""
    if at > len(content):
        raise IndexError(at)
    count_form = f"{layout.order}{'Q' if layout.big else 'H'}"
    (count,) = struct.unpack_from(count_form, content, at)
    first = at + struct.calcsize(count_form)
    if count > 4096:
        raise MalformedError(f"a directory of {count:,} entries")
    entries = [_entry(content, first + index * layout.entry_bytes, layout) for index in range(count)]
    return Folder(at, entries, first + count * layout.entry_bytes)


def _entry(content: bytes, at: int, layout: Layout) -> Entry:
    tag, kind = struct.unpack_from(f"{layout.order}HH", content, at)
    (values,) = struct.unpack_from(layout.word, content, at + 4)
    size, place = values * _SIZES.get(kind, 1), at + 4 + layout.word_bytes
    if size > layout.word_bytes:
        (place,) = struct.unpack_from(layout.word, content, place)
    return Entry(tag, at, kind, values, (place, place + size))


def read_numbers(content: bytes, entry: Entry, layout: Layout, most: int) -> Places:
    """Return the first values of an entry as numbers; those that are none or lie beyond the file are left out.

    Places no file reaches are all the same one, so that sums of them stay numbers.
    """
    letter = _LETTERS.get(entry.kind)
    count = min(entry.values, most)
    if letter is None or count == 0 or entry.body[1] > len(content):
        return np.zeros(0, np.int64)
    values: NDArray[np.uint64] = np.frombuffer(content, f"{layout.order}{letter}", count, entry.body[0])
    return np.minimum(values, np.uint64(_FAR)).astype(np.int64)
