"""When a frame is shown: one rule for probing and decoding."""

import heapq
from dataclasses import dataclass, field
from typing import Any

from av.frame import Frame

LEAST_S = 1e-6
"""What becomes of a time in floating point differs by less."""
NEAR_WHOLE = 1e-6


@dataclass(slots=True)
class FrameClock:
    """The times of the frames of one video stream, in the order a decoder gives them.

    AVI has no time for a frame, only places in decoding order, of which FFmpeg makes times that jump where frames are
    shown in another order: there, each frame in turn gets the earliest place not yet given away.
    """

    tick_s: float
    place_s: float
    by_place: bool
    places: list[int] = field(default_factory=list)
    next_s: float = 0.0

    @property
    def tolerance_s(self) -> float:
        """How far from the true time of a frame the one that `show` gives may lie, counted from the first frame.

        Both are rounded to ticks where the ticks of a file, as the milliseconds of Matroska, are much shorter than a
        frame and no part of it.
        """
        ticks = self.place_s / self.tick_s if self.tick_s else 0.0
        is_exact = self.by_place or abs(ticks - round(ticks)) < NEAR_WHOLE
        return LEAST_S if is_exact else LEAST_S + min(self.tick_s, self.place_s / 4)

    @classmethod
    def of(cls, stream: Any) -> "FrameClock":
        """Return the clock of a stream."""
        rate, tick_s = stream.guessed_rate or stream.average_rate, float(stream.time_base or 0)
        return cls(tick_s, float(1 / rate) if rate else tick_s, stream.container.format.name == "avi")

    def expect(self, packet: Any) -> None:
        """Take in a packet before it is decoded; it matters where frames are shown by place."""
        if self.by_place and packet.size and packet.dts is not None:
            heapq.heappush(self.places, packet.dts)

    def forget(self) -> None:
        """Take in that the packets that come next do not follow those before."""
        self.places.clear()

    def show(self, frame: Frame) -> tuple[float, float]:
        """Return when a frame is shown and how long, in seconds; for how long is 0 where that is not known."""
        now = self.next_s
        if self.places:
            now = heapq.heappop(self.places) * self.tick_s
        elif not self.by_place and frame.pts is not None:
            now = frame.pts * self.tick_s
        length_s = self.place_s if self.by_place else (frame.duration or 0) * self.tick_s
        self.next_s = now + length_s
        return now, length_s
