"""Elements of Matroska that no player reads: empty ones that hold anything, and unknown ones.

Only heads are read, in one loop without a call: a long clip has a million.
"""

from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.ebml import VOID
from assurai_datasets.media.containers.stretches import Stretch
from assurai_datasets.media.containers.survey import EndlessError, MalformedError

CHECKSUM = 0xBF
_SILENT_TRACKS, _BLOCK_ADDITIONS, _DISCARD_PADDING = 0x5854, 0x75A1, 0x75A2
_MOST_ELEMENTS = 3_000_000
"""In one file: four hours of 60 frames and 100 packets of sound a second are half as many."""


class Level(NamedTuple):
    """What may stand in a stretch: elements that hold others of the same level, and elements that stay as they are.

    Where nothing is known to stay, everything does but empty elements that hold anything.
    """

    parents: frozenset[int]
    kept: frozenset[int] = frozenset()


HEAD = Level(frozenset(), frozenset({0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285, CHECKSUM}))
NOTHING = Level(frozenset(), frozenset({CHECKSUM}))
BLOCKS = Level(
    frozenset({0xA0}),
    frozenset({0xA3, 0xE7, 0xA7, 0xAB, 0xAF, _SILENT_TRACKS, CHECKSUM})
    | frozenset({0xA1, 0xA2, 0xA4, 0x9B, 0xFA, 0xFB, 0xFD, 0x8E, 0xC8, _BLOCK_ADDITIONS, _DISCARD_PADDING}),
)
SEEKS = Level(frozenset({0x4DBB}))
CUES = Level(frozenset({0xBB, 0xB7, 0xDB}))
PICTURE_AND_SOUND = Level(frozenset({0xE0, 0xE1, 0x55B0, 0x55D0, 0x7670, 0x6D80, 0x6240, 0x5034, 0x5035}))


class Hidden:
    """Finds what is hidden in the stretches of one file; all of them together are of a bounded number of elements."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.left = _MOST_ELEMENTS

    def find(self, at: int, end: int, level: Level) -> Iterator[Stretch]:
        """Yield the elements of a stretch that hold something and are not to be there.

        Raises:
            EndlessError: The stretches of the file hold more elements than any clip does.
            MalformedError: What stands there is no row of elements.
        """
        content = self.content
        while at < end:
            start, number, width = at, content[at], 1
            if number < 0x80:
                width = 9 - number.bit_length()
                number = int.from_bytes(content[at : at + width], "big")
            at += width
            size_width = 9 - content[at].bit_length() if at < end else 9
            if width > 8 or size_width > 8:
                raise MalformedError(f"no element begins at byte {start:,}")
            body = at + size_width
            after = body + (int.from_bytes(content[at:body], "big") & ~(1 << 7 * size_width))
            if after > end:
                raise MalformedError(f"an element leaves the one around it at byte {start:,}")
            self.left -= 1
            if self.left < 0:
                raise EndlessError(f"it consists of more than {_MOST_ELEMENTS:,} blocks")
            at = body if number in level.parents else after
            if (number == VOID or (level.kept and number not in level.kept and at == after)) and _holds(
                content[body:after]
            ):
                yield Stretch("free-space" if number == VOID else f"element-{number:x}", start, after)


def _holds(body: bytes) -> bool:
    return bool(body.strip(b"\0"))
