"""The pixel data of PNG pictures: as long as the header says, or not; Pillow leaves what is missing black."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.png_chunks import Chunk, Header, read_chunks, read_header

_STEP_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, and steps between columns and rows of each pass."""


class _Frame(NamedTuple):
    expected_bytes: int
    stretches: list[tuple[int, int]]


def check_pixels(content: bytes) -> None:
    """Return nothing where the data of every picture of a sound chunk structure are as long as they must be.

    They are inflated once more, a stretch at a time, and thrown away.

    Raises:
        EOFError: Data end before the picture does.
        ValueError: Data go on behind the picture: nobody sees them.
        zlib.error: Data that cannot be inflated.
    """
    for frame in _frames(content):
        _check_frame(frame, content)


def _frames(content: bytes) -> Iterator[_Frame]:
    """Yield the picture, and of an animation each further frame."""
    chunks = list(read_chunks(content))
    header = read_header(chunks[0].body(content))
    frame = _Frame(_expected_bytes(header), [])
    for chunk in chunks:
        if chunk.kind == b"fcTL":
            yield from (frame,) if frame.stretches else ()
            width, height = struct.unpack_from(">II", content, chunk.start + 12)
            frame = _Frame(_expected_bytes(header._replace(width=width, height=height)), [])
        elif chunk.kind in (b"IDAT", b"fdAT"):
            frame.stretches.append(_stretch(chunk))
    yield frame


def _stretch(chunk: Chunk) -> tuple[int, int]:
    """Return where the data of a chunk lie; those of fdAT follow a running number."""
    return chunk.start + (12 if chunk.kind == b"fdAT" else 8), chunk.end - 4


def _expected_bytes(header: Header) -> int:
    passes = _ADAM7 if header.interlace else ((0, 0, 1, 1),)
    return sum(_pass_bytes(header, *each) for each in passes)


def _pass_bytes(header: Header, column: int, row: int, columns: int, rows: int) -> int:
    width = max(0, -(-(header.width - column) // columns))
    height = max(0, -(-(header.height - row) // rows))
    return height * (1 + (width * header.pixel_bits + 7) // 8) if width else 0


def _check_frame(frame: _Frame, content: bytes) -> None:
    inflater, held = zlib.decompressobj(), 0
    for size in _inflate(inflater, _pieces(content, frame.stretches)):
        held += size
        if held > frame.expected_bytes:
            raise ValueError(f"the data of a picture inflate to more than {frame.expected_bytes:,} bytes")
    if held < frame.expected_bytes or not inflater.eof:
        raise EOFError(f"the data of a picture break off after {held:,} of {frame.expected_bytes:,} bytes")


def _inflate(inflater: "zlib._Decompress", pieces: Iterable[memoryview]) -> Iterator[int]:
    """Yield how many bytes come out, at most one step at a time."""
    for piece in pieces:
        if inflater.eof:
            raise ValueError("its pixels are followed by bytes that nobody sees")
        rest: bytes | memoryview = piece
        while rest:
            yield len(inflater.decompress(rest, _STEP_BYTES))
            rest = inflater.unconsumed_tail
    while not inflater.eof and (more := inflater.decompress(b"", _STEP_BYTES)):
        yield len(more)
    if inflater.unused_data:
        raise ValueError("its pixels are followed by bytes that nobody sees")


def _pieces(content: bytes, stretches: Iterable[tuple[int, int]]) -> Iterator[memoryview]:
    view = memoryview(content)
    for start, end in stretches:
        for at in range(start, end, _PIECE_BYTES):
            yield view[at : min(at + _PIECE_BYTES, end)]
