"""What the scans of a JPEG must hold: libjpeg paints over what is missing, and says nothing."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_INTERVAL = 0xDD
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1, 0xC9), (0xC2, 0xCA)
_BLOCK_PX = 8


class Component(NamedTuple):
    """A colour component: how many of its blocks stand beside and above each other in a unit (MCU)."""

    across: int
    down: int


class Frame(NamedTuple):
    """A frame header (ITU-T T.81, B.2.2): the code of its marker, its size and its components by id."""

    code: int
    width: int
    height: int
    components: dict[int, Component]

    @property
    def is_arithmetic(self) -> bool:
        """Whether its scans are coded arithmetically, as hardly any program but libjpeg reads."""
        return self.code >= 0xC9

    def units(self, ids: tuple[int, ...]) -> int:
        """Return how many units a scan of these components holds."""
        most_across = max(each.across for each in self.components.values())
        most_down = max(each.down for each in self.components.values())
        if len(ids) > 1:
            return _blocks(self.width, most_across) * _blocks(self.height, most_down)
        one = self.components[ids[0]]
        across, down = -(-self.width * one.across // most_across), -(-self.height * one.down // most_down)
        return _blocks(across, 1) * _blocks(down, 1)


@dataclass(slots=True)
class Scans:
    """What a picture's scans have brought so far.

    Attributes:
        frame: The frame header, once it was read.
        interval: Units between restart markers; 0 where there are none.
        bits_left: By component, how many low bits of each coefficient are still to come, as far as any came.
    """

    frame: Frame | None = None
    interval: int = 0
    bits_left: dict[int, dict[int, int]] = field(default_factory=dict)

    def segment(self, code: int, body: bytes) -> None:
        """Take in a segment; others than frame headers and restart intervals say nothing about scans."""
        if code == _INTERVAL:
            (self.interval,) = struct.unpack_from(">H", body)
        elif self.frame is None and code in _FRAMES:
            self.frame = read_frame(code, body)

    def scan(self, header: bytes, content: bytes, start: int, end: int) -> Iterator[str]:
        """Take in a scan, whose data lie between two places; yield what it lacks."""
        ids = tuple(header[1 : 1 + 2 * header[0] : 2])
        first, last, levels = struct.unpack_from("BBB", header, 1 + 2 * header[0])
        if self.frame is None or not ids or not self.frame.components.keys() >= set(ids):
            return
        for component in ids:
            self.bits_left.setdefault(component, {}).update(
                dict.fromkeys(range(first, min(last, 63) + 1), levels & 0x0F)
            )
        if self.interval and self.frame.height:
            needed = -(-self.frame.units(ids) // self.interval)
            held = 1 + len(_RESTART.findall(content, start, end))
            if held < needed:
                yield f"a scan holds {held:,} of {needed:,} restart intervals"

    def missing(self) -> str:
        """Return what all scans together lack, in words; empty where they are whole."""
        if self.frame is None or self.frame.code not in _SEQUENTIAL + _PROGRESSIVE:
            return ""
        absent = [component for component in self.frame.components if 0 not in self.bits_left.get(component, {})]
        if absent:
            return f"no scan holds component {', '.join(map(str, absent))}"
        if self.frame.code not in _PROGRESSIVE:
            return ""
        rough = any(left for levels in self.bits_left.values() for left in levels.values())
        return "its last scans are missing" if rough else ""


def read_frame(code: int, body: bytes) -> Frame:
    """Return the frame header that a segment holds.

    Raises:
        IndexError: It is shorter than the components it declares.
        struct.error: It is shorter than its own fields.
    """
    _, height, width, count = struct.unpack_from(">BHHB", body)
    parts = [body[6 + 3 * index : 9 + 3 * index] for index in range(count)]
    return Frame(
        code, width, height, {part[0]: Component(max(part[1] >> 4, 1), max(part[1] & 15, 1)) for part in parts}
    )


def _blocks(pixels: int, blocks: int) -> int:
    return -(-pixels // (_BLOCK_PX * blocks))
