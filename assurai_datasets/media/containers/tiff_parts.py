"""Strips and tiles of TIFF: where the pixels lie, and whether all of them are there."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from assurai_datasets.media.containers.survey import MalformedError
from assurai_datasets.media.containers.tiff_folders import Entry, Folder, Layout, Places, read_numbers

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOURS, _SAMPLES, _PLANES = 256, 257, 258, 259, 262, 277, 284
_STRIPS, _STRIP_HEIGHT, _STRIP_SIZES = 273, 278, 279
_TILES, _TILE_WIDTH, _TILE_HEIGHT, _TILE_SIZES = 324, 322, 323, 325
_JPEG_FILE, _JPEG_SIZE, _JPEG_PLACES = 513, 514, (513, 519, 520, 521)
_UNCOMPRESSED, _OLD_JPEG, _JPEG = 1, 6, 7
_YCBCR, _SEPARATE = 6, 2
_WHOLE = 0xFFFFFFFF
_DEFAULTS = {_WIDTH: 0, _HEIGHT: 0, _COMPRESSION: 1, _COLOURS: 0, _SAMPLES: 1, _PLANES: 1, _STRIP_HEIGHT: _WHOLE}
_JPEG_TABLES, _JPEG_TABLE_BYTES = 4, 16 + 256
_HEADER_BYTES, _FAR, _MAX_SAMPLES = 8, 1 << 40, 4096
_JPEG_TAIL_BYTES = 64
"""An end marker may be followed by a few bytes of padding."""


class Parts(NamedTuple):
    """The strips or tiles of one picture.

    Attributes:
        starts: Where each starts.
        ends: Where each ends; the end of the file where nothing says it.
        lacks: What is missing of them, in words.
    """

    starts: Places
    ends: Places
    lacks: tuple[str, ...] = ()


class _Grid(NamedTuple):
    """How a picture is divided: into how many parts, `rows` of them one above the other.

    A part needs `full` bytes, the lowest one `last`; both are 0 where the compression leaves that open.
    """

    parts: int
    rows: int = 1
    full: int = 0
    last: int = 0


def find_parts(content: bytes, folder: Folder, layout: Layout, *, most: int) -> Parts:
    """Return where the strips or tiles of a directory's picture lie, and what is missing of them.

    Raises:
        MalformedError: There are more than `most` of them, which no picture needs.
    """
    entries = {entry.tag: entry for entry in reversed(folder.entries)}
    numbers = _first_numbers(content, entries, layout)
    places = entries.get(_STRIPS) or entries.get(_TILES)
    whole = _old_jpeg(content, entries, layout)
    if places is None:
        return whole
    bits = read_numbers(content, entries[_BITS], layout, _MAX_SAMPLES) if _BITS in entries else np.ones(1, np.int64)
    grid = _divide(numbers, bits, tiled=places.tag == _TILES) or _Grid(places.values)
    if (count := min(grid.parts, places.values)) > most:
        raise MalformedError(f"{count:,} strips or tiles, more than its bytes allow")
    sizes = entries.get(_STRIP_SIZES if places.tag == _STRIPS else _TILE_SIZES)
    starts = read_numbers(content, places, layout, count)
    declared = None if sizes is None else read_numbers(content, sizes, layout, starts.size)
    starts = starts if declared is None else starts[: declared.size]
    ends = _reach(starts, declared, grid, len(content))
    if numbers[_COMPRESSION] == _OLD_JPEG:  # whose writers agreed on nothing
        return Parts(np.concatenate((starts, whole.starts)), np.concatenate((ends, whole.ends)))
    lacks = (*_unlisted(places, sizes, grid), *_misplaced(starts, declared, grid, folder, len(content)))
    if numbers[_COMPRESSION] == _JPEG and declared is not None and not lacks:
        lacks = tuple(_cut_jpegs(content, starts, declared))
    return Parts(starts, ends, lacks)


def _old_jpeg(content: bytes, entries: Mapping[int, Entry], layout: Layout) -> Parts:
    """Return where a JPEG file inside the TIFF lies, and the tables of one that is not whole."""
    starts = [read_numbers(content, entries[tag], layout, _JPEG_TABLES) for tag in _JPEG_PLACES if tag in entries]
    lengths = read_numbers(content, entries[_JPEG_SIZE], layout, 1) if _JPEG_SIZE in entries else np.zeros(0, np.int64)
    flat = np.concatenate((np.zeros(0, np.int64), *starts))
    ends = flat + _JPEG_TABLE_BYTES
    if _JPEG_FILE in entries and flat.size:
        ends[0] = flat[0] + lengths[0] if lengths.size else len(content)
    return Parts(flat, ends)


def _first_numbers(content: bytes, entries: Mapping[int, Entry], layout: Layout) -> dict[int, int]:
    found = dict(_DEFAULTS)
    for tag in (*_DEFAULTS, _TILE_WIDTH, _TILE_HEIGHT):
        if tag in entries:
            found.update(zip((tag,), read_numbers(content, entries[tag], layout, 1).tolist(), strict=False))
    return found


def _divide(numbers: Mapping[int, int], bits: Places, *, tiled: bool) -> _Grid | None:
    """Return how a picture is divided, or None for one without a size, which no decoder opens."""
    width, height = numbers[_WIDTH], numbers[_HEIGHT]
    across = numbers.get(_TILE_WIDTH, 0) if tiled else width
    down = numbers.get(_TILE_HEIGHT, 0) if tiled else min(numbers[_STRIP_HEIGHT] or height, height)
    if not (width and height and across and down):
        return None
    samples, separate = numbers[_SAMPLES], numbers[_PLANES] == _SEPARATE
    rows = -(-height // down)
    parts = -(-width // across) * rows * (samples if separate else 1)
    if numbers[_COMPRESSION] != _UNCOMPRESSED or numbers[_COLOURS] == _YCBCR or bits.size not in (1, samples):
        return _Grid(parts)
    row_bytes = -(-across * int(bits[0] if separate else bits.mean() * samples) // 8)
    lowest = down if tiled else height - (rows - 1) * down
    return _Grid(parts, rows, row_bytes * down, row_bytes * lowest)


def _unlisted(places: Entry, sizes: Entry | None, grid: _Grid) -> Iterator[str]:
    listed = min(entry.values for entry in (places, sizes) if entry is not None)
    if listed < grid.parts:
        yield f"{listed:,} of its {grid.parts:,} strips or tiles are listed"


def _misplaced(starts: Places, declared: Places | None, grid: _Grid, folder: Folder, end: int) -> Iterator[str]:
    needs = _needs(starts, grid)
    if (starts + np.maximum(needs, 0 if declared is None else declared) > end).any():
        yield "parts of its picture lie beyond the end of the file"
    elif (starts < _HEADER_BYTES).any() or ((starts < folder.end) & (starts + needs > folder.start)).any():
        yield "parts of its picture were never written"
    elif declared is not None and ((declared < needs) | (declared == 0)).any():
        yield "parts of its picture have fewer bytes than its size needs"


def _needs(starts: Places, grid: _Grid) -> Places:
    needs = np.full(starts.size, min(max(grid.full, 1), _FAR))
    needs[grid.rows - 1 :: grid.rows] = min(max(grid.last, 1), _FAR)
    return needs


def _reach(starts: Places, declared: Places | None, grid: _Grid, end: int) -> Places:
    """Return where parts end: a lowest strip may have as many bytes as the others."""
    if not grid.full:
        return np.full(starts.size, end) if declared is None else starts + declared
    full = starts + min(grid.full, _FAR)
    return full if declared is None else np.clip(starts + declared, starts + _needs(starts, grid), full)


def _cut_jpegs(content: bytes, starts: Places, declared: Places) -> Iterator[str]:
    for start, stop in zip(starts.tolist(), (starts + declared).tolist(), strict=True):
        if content.find(b"\xff\xd9", max(start, stop - _JPEG_TAIL_BYTES), stop) < 0:
            yield "a JPEG strip or tile has lost its end marker"
            return
