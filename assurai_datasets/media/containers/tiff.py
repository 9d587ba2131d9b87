"""TIFF 6.0 and BigTIFF: directories rewritten where they stand so that no offset changes, and the rest overwritten."""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from assurai_datasets.media.containers.survey import Damage, Edit, MalformedError, Notes, Private, blank, is_program
from assurai_datasets.media.containers.tiff_folders import (
    Entry,
    Folder,
    Layout,
    Places,
    read_folder,
    read_folders,
    read_layout,
)
from assurai_datasets.media.containers.tiff_parts import Parts, find_parts
from assurai_datasets.media.containers.tiff_tags import (
    EXIF_FOLDER,
    GPS_FOLDER,
    NUMBERS,
    REACH_FURTHER,
    SOFTWARE,
    STREAMS,
    name_of,
)
from assurai_datasets.schema.codes import Code

_TEXT, _BYTE, _UNDEFINED = 2, 1, 7
_LONGEST_PROGRAM = 160
_MAX_PARTS = 250_000
"""Strips and tiles of all pictures together."""
_PART_BYTES = 4
"""A strip takes at least a SHORT each for where it lies and how long it is."""
_MAX_INNER = 64
_PADDING = re.compile(rb"((II\*\0|MM\0\*).{0,4}|(II\+\0\x08|MM\0\+\0\x08).{0,11})?", re.DOTALL)


class _Sorted(NamedTuple):
    """A directory with its entries sorted: those the picture needs, and the others."""

    folder: Folder
    kept: list[Entry]
    gone: list[Entry]


def survey_tiff(content: bytes) -> Notes:
    """Yield damage and private metadata of a TIFF file."""
    layout = read_layout(content)
    folders: list[_Sorted] = []
    places: list[Parts] = []
    left = min(_MAX_PARTS, len(content) // _PART_BYTES)
    for folder in read_folders(content, layout):
        yield from _cut_values(content, folder)
        parts = find_parts(content, folder, layout, most=left)
        left -= parts.starts.size
        yield from (Damage(Code.MEDIA_TRUNCATED, words) for words in parts.lacks)
        folders.append(_sort(content, folder))
        places.append(parts)
    yield from _private(content, folders, places, layout)


def _cut_values(content: bytes, folder: Folder) -> Notes:
    if any(entry.is_sized and entry.body[1] > len(content) for entry in folder.entries):
        yield Damage(Code.MEDIA_TRUNCATED, "values of its tags lie beyond the end of the file")


def _sort(content: bytes, folder: Folder) -> _Sorted:
    kept: dict[int, Entry] = {}
    gone: list[Entry] = []
    for entry in folder.entries:
        if entry.tag not in kept and _is_needed(content, entry):
            kept[entry.tag] = entry
        else:
            gone.append(entry)
    return _Sorted(folder, list(kept.values()), gone)


def _is_needed(content: bytes, entry: Entry) -> bool:
    start, end = entry.body
    if entry.tag == SOFTWARE:
        return end - start <= _LONGEST_PROGRAM and is_program(content[start:end])
    if entry.tag in STREAMS:
        return entry.kind in (_BYTE, _UNDEFINED)
    return entry.kind not in (_TEXT, _UNDEFINED) and entry.is_sized and entry.values <= NUMBERS.get(entry.tag, -1)


def _private(content: bytes, folders: list[_Sorted], places: list[Parts], layout: Layout) -> Notes:
    gone = [entry for each in folders for entry in each.gone]
    structure = _structure(content, folders, places, layout)
    gaps = list(_gaps(content, *structure))
    names = {name_of(entry.tag) for entry in gone} | set(_inner_names(content, gone, layout))
    if not any(entry.tag in REACH_FURTHER for entry in gone):
        unclaimed = _gaps(content, *_with(structure, gone, len(content))) if gone else gaps
        names |= {"trailing-data" if end == len(content) else "unreferenced-data" for _, end in unclaimed}
    yield from (Private(name, ()) for name in sorted(names))
    yield from (blank(*gap) for gap in gaps)
    yield from (_rewritten(content, each, layout) for each in folders if each.gone)


def _structure(content: bytes, folders: list[_Sorted], places: list[Parts], layout: Layout) -> tuple[Places, Places]:
    """Return where everything starts and ends that the pictures need."""
    stretches = [(0, layout.header_bytes)]
    for folder, kept, _ in folders:
        stretches.append((folder.start, folder.end + layout.word_bytes))
        stretches += [entry.body for entry in kept]
    starts, ends = _stretches(stretches, len(content))
    return (
        np.concatenate((starts, *(parts.starts for parts in places))),
        np.concatenate((ends, *(parts.ends for parts in places))),
    )


def _with(structure: tuple[Places, Places], gone: Iterable[Entry], end: int) -> tuple[Places, Places]:
    starts, ends = _stretches((entry.body for entry in gone), end)
    return np.concatenate((structure[0], starts)), np.concatenate((structure[1], ends))


def _stretches(stretches: Iterable[tuple[int, int]], end: int) -> tuple[Places, Places]:
    flat = np.array([min(bound, end) for stretch in stretches for bound in stretch], np.int64)
    return flat[::2], flat[1::2]


def _gaps(content: bytes, starts: Places, ends: Places) -> Iterator[tuple[int, int]]:
    """Yield what lies between stretches and is neither zeros nor the header of a page that Pillow appended."""
    order = np.argsort(starts, kind="stable")
    reached = np.maximum.accumulate(ends[order])
    following = np.append(starts[order][1:], len(content))
    found = np.flatnonzero(following > reached)
    for start, end in zip(reached[found].tolist(), following[found].tolist(), strict=True):
        if not _PADDING.fullmatch(content[start:end].strip(b"\0")):
            yield start, min(end, len(content))


def _inner_names(content: bytes, gone: Iterable[Entry], layout: Layout) -> Iterator[str]:
    """Yield `gps` where a directory of EXIF, not that of the picture, points to a position."""
    pointers = {entry.start + 4 + layout.word_bytes for entry in gone if entry.tag == EXIF_FOLDER}
    for pointer in sorted(pointers)[:_MAX_INNER]:
        (at,) = struct.unpack_from(layout.word, content, pointer)
        try:
            entries = read_folder(content, at, layout).entries
        except (struct.error, IndexError, MalformedError):
            continue
        if any(entry.tag == GPS_FOLDER for entry in entries):
            yield "gps"
            return


def _rewritten(content: bytes, sorted_folder: _Sorted, layout: Layout) -> Edit:
    folder, kept, _ = sorted_folder
    stop = folder.end + layout.word_bytes
    count = struct.pack(f"{layout.order}{'Q' if layout.big else 'H'}", len(kept))
    entries = b"".join(content[entry.start : entry.start + layout.entry_bytes] for entry in kept)
    return Edit(folder.start, stop, (count + entries + content[folder.end : stop]).ljust(stop - folder.start, b"\0"))
