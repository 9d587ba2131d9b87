"""Reading frames of one video stream, from the beginning or where a key frame leads near to what is wanted."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from av import FFmpegError, VideoFrame

from assurai_datasets.errors import DataError
from assurai_datasets.media.clip import STRICT
from assurai_datasets.media.frame_clock import FrameClock
from assurai_datasets.media.lead import Lead
from assurai_datasets.media.limits import LIMITS
from assurai_datasets.media.outline import StreamOutline

SEEK_AHEAD_S = 2.0
"""Frames nearer than this are reached by decoding on, others by seeking."""
ROUNDED_S = 2e-3
"""A declared length differs by less where it is rounded: an MP4 cuts its streams in units of a 600th or 1000th."""
_NEAR_S = 1e-6
"""What becomes of a time in floating point differs by less."""

Shown = tuple[VideoFrame, float]


class MisledError(Exception):
    """A seek led behind the key frame, or to one from which the decoder does not find in."""


class FrameReader:
    """Frames of a stream and when they are shown, in seconds since the first; damage is an error.

    Args:
        container: An open container that stands at its beginning.
        stream: One of its video streams.
        keys_s: Where its key frames are shown, ascending, in the container's own time; none are sought where empty.

    Attributes:
        tolerance_s: A frame counts as shown this much before its time, because times are rounded.
    """

    def __init__(self, container: Any, stream: Any, keys_s: list[float]) -> None:
        stream.codec_context.options = {**STRICT, "max_pixels": str(LIMITS.max_pixels)}
        self._container, self._stream = container, stream
        self._clock = FrameClock.of(stream)
        self.tolerance_s = self._clock.tolerance_s
        # where AVI reorders frames, a seek leaves open which place the first one has
        self._keys_s = [] if self._clock.by_place and stream.codec_context.has_b_frames else keys_s
        self._start_s = 0.0
        self._ahead: Shown | None = None

    def every(self) -> Iterator[Shown]:
        """Yield every frame.

        Raises:
            DataError: A frame is damaged.
        """
        frames = self._decoded()
        first = next(frames, None)
        if first is not None:
            self._start_s = first[1]
            yield first[0], 0.0
            yield from ((frame, now_s - self._start_s) for frame, now_s in frames)

    def shown_at(self, times_s: list[float]) -> Iterator[Shown]:
        """Yield for each time, in ascending order, the frame that is shown then.

        Raises:
            DataError: A frame on the way is damaged, or there is none.
            MisledError: Seeking does not do for this file; read it again without.
        """
        frames = self.every()
        shown, self._ahead = None, next(frames, None)
        for time_s in times_s:
            key_s = self._key_ahead(time_s)
            if key_s is not None:
                shown, frames = None, self._sought(time_s, key_s)
                self._ahead = next(frames, None)
            while self._ahead is not None and (shown is None or self._ahead[1] <= time_s + self.tolerance_s):
                shown, self._ahead = self._ahead, next(frames, None)
            if shown is None:
                raise DataError("the video holds no frame")
            yield shown

    def length_s(self, own: StreamOutline) -> float:
        """Return the length the stream declares, or that of its packets where it declares none or nearly the same.

        In ticks that are no part of a frame the last packet seems to last up to a tick less than a frame.
        """
        last_s = own.length_s - own.last_s
        is_frame = abs(last_s - self._clock.place_s) < self._clock.tick_s
        held_s = own.last_s + self._clock.place_s if is_frame else own.length_s
        return own.declared_s if own.declared_s and abs(own.declared_s - held_s) > ROUNDED_S else held_s

    def _key_ahead(self, time_s: float) -> float | None:
        """Return the last key frame before a time, where going there is shorter than decoding on."""
        at = bisect_right(self._keys_s, self._start_s + time_s + self.tolerance_s)
        if not at or self._ahead is None or time_s - self._ahead[1] <= SEEK_AHEAD_S:
            return None
        key_s = self._keys_s[at - 1] - self._start_s
        return key_s if key_s > self._ahead[1] else None

    def _sought(self, time_s: float, key_s: float) -> Iterator[Shown]:
        """Yield frames from a key frame on; those shown before it may refer to what was skipped."""
        goal = int((self._start_s + max(time_s, key_s) + _NEAR_S) / self._stream.time_base)
        self._container.seek(goal, stream=self._stream)
        self._clock.forget()
        is_found = False
        try:
            for frame, now_s in self._decoded():
                since_s = now_s - self._start_s
                # a decoder that withholds the key frame has to find in first, and may never do so exactly
                if not is_found and since_s > key_s + _NEAR_S:
                    raise MisledError
                if since_s >= key_s - _NEAR_S:
                    is_found = True
                    yield frame, since_s
        except (DataError, FFmpegError) as error:
            raise MisledError from error

    def _decoded(self) -> Iterator[Shown]:
        """Yield undamaged frames from where the container stands, with their own times."""
        lead, shown = Lead(self._stream), 0
        for packet in self._container.demux(self._stream):
            self._clock.expect(packet)
            lead.meet(packet)
            for frame in self._frames_of(packet, lead, shown):
                shown += 1
                yield frame, self._clock.show(frame)[0]

    def _frames_of(self, packet: Any, lead: Lead, shown: int) -> list[VideoFrame]:
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
        except FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            if lead.forgives(shown=shown):
                return []
            raise DataError(f"the video cannot be decoded after frame {shown:,}: {error.strerror}") from error
        if any(frame.is_corrupt for frame in frames) and not lead.forgives(shown=shown):
            raise DataError(f"the video is damaged after frame {shown:,}")
        return [frame for frame in frames if not frame.is_corrupt]
