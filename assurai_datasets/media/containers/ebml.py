"""EBML (RFC 8794): elements with ids and sizes of variable width, the bricks of Matroska and WebM."""

from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import MalformedError

VOID = 0xEC


class Element(NamedTuple):
    """An element: its id, where it starts, where its body lies; the end is None where its size is not known."""

    id: int
    start: int
    body: int
    end: int | None


def elements(content: bytes, at: int, end: int) -> Iterator[Element]:
    """Yield the elements of a stretch, one after the other, up to one of unknown size; the last may reach beyond it."""
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


def void_head(whole: int) -> bytes:
    """Return what makes a stretch of so many bytes an empty element."""
    width = 1 if whole - 2 < 127 else 8
    return bytes([VOID]) + ((whole - 1 - width) | (1 << 7 * width)).to_bytes(width, "big")


def _variable(content: bytes, at: int, *, keep_mark: bool) -> tuple[int, int]:
    """Return a number of variable width and that width."""
    width = 9 - content[at].bit_length()
    if width > 8:
        raise MalformedError(f"no element begins at byte {at:,}")
    if at + width > len(content):
        raise IndexError(at)
    number = int.from_bytes(content[at : at + width], "big")
    return number if keep_mark else number & ~(1 << 7 * width), width
