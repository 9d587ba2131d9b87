"""One stream of a clip while it is decoded: how far it got, and what it showed on the way."""

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.frame import Frame
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from assurai_datasets.media.frame_clock import FrameClock
from assurai_datasets.media.lead import Lead
from assurai_datasets.media.orientation import orientation_of
from assurai_datasets.media.outline import Expected, StreamOutline
from assurai_datasets.media.pace import Pace
from assurai_datasets.media.perceptual import SIDE_PX, hash_grey
from assurai_datasets.media.samples import to_samples
from assurai_datasets.media.tally import SampleTally

SHOWN_AT = (0.1, 0.5, 0.9)
"""The frames that stand for a video, as parts of its length; of one with no more frames than these, all do."""


class _Scalers(threading.local):
    """One scaler a thread: clips of one size follow each other, and what it prepares for a size takes longest."""

    def __init__(self) -> None:
        self.own = VideoReformatter()


_scalers = _Scalers()


@dataclass(slots=True)
class Track:
    """How far a stream was decoded."""

    stream: VideoStream | AudioStream
    own: StreamOutline
    frames: int = 0
    packets: int = 0
    start_s: float | None = None
    last_s: float = 0.0
    end_s: float = 0.0
    damage: str = ""
    is_cut: bool = False
    change: str = ""
    tick_s: float = 0.0

    def __post_init__(self) -> None:
        self.tick_s = float(self.stream.time_base or 0)

    @property
    def length_s(self) -> float:
        """From the start of the first frame to the end of the last."""
        return self.end_s - (self.start_s or 0.0)

    def meet(self, packet: Any) -> None:
        """Take in a packet before it is decoded."""
        self.packets += packet.size > 0

    def forgives(self) -> bool:
        """Return whether the next frame may be damaged."""
        return False

    def step(self, frame: Frame, length_s: float) -> float:
        """Take in when a frame is shown, which lasts for `length_s`; return the seconds since the one before."""
        return self.step_to(self.end_s if frame.pts is None else frame.pts * self.tick_s, length_s)

    def step_to(self, now: float, length_s: float) -> float:
        """Take in that a frame is shown at a time for `length_s`; return the seconds since the one before."""
        since = now - self.last_s if self.frames else 0.0
        if self.start_s is None or now < self.start_s:
            self.start_s = now
        self.last_s = now
        if now + length_s > self.end_s:
            self.end_s = now + length_s
        self.frames += 1
        return since


@dataclass(slots=True)
class SoundTrack(Track):
    """A sound stream; with a tally where its samples are what the file is about."""

    tally: SampleTally | None = None
    form: tuple[int, int] | None = None
    sounding_s: float = 0.0

    def add(self, frame: Frame) -> None:
        """Take in a decoded frame."""
        if not isinstance(frame, AudioFrame):
            return
        form = (frame.layout.nb_channels, frame.sample_rate or 1)
        if self.form is None:
            self._begin(form)
        elif form != self.form and not self.change:
            self.change = f"its sound changes from {spell_form(self.form)} to {spell_form(form)}"
        self.sounding_s += frame.samples / form[1]
        self.step(frame, frame.samples / form[1])
        if self.tally is not None and not self.change:
            self.tally.add(to_samples(frame))

    def _begin(self, form: tuple[int, int]) -> None:
        self.form = form
        if self.tally is not None:
            self.tally.channels, self.tally.sample_rate_hz = form


def spell_form(form: tuple[int, int]) -> str:
    """Return the number of channels and the sample rate of a sound in words."""
    return f"{form[0]} channel{'s' * (form[0] != 1)} at {form[1]:,} Hz"


@dataclass(slots=True)
class PictureTrack(Track):
    """A video stream: its pace, and hashes of the frames that stand for it."""

    rotation_deg: int | None = None
    size_px: tuple[int, int] | None = None
    other_size: str = ""
    pace: Pace = field(default_factory=Pace)
    shown: list[NDArray[np.uint8]] = field(default_factory=list)
    look_at_s: float = 0.0
    expected: Expected = field(init=False)
    clock: FrameClock = field(init=False)
    lead: Lead = field(init=False)

    def __post_init__(self) -> None:
        Track.__post_init__(self)  # `super` does not find its way in dataclasses with slots
        self.clock, self.lead = FrameClock.of(self.stream), Lead(self.stream)
        self.expected = self.own.expected()
        self.look_at_s = self._next_look_s()

    def meet(self, packet: Any) -> None:
        """Take in a packet before it is decoded."""
        self.packets += packet.size > 0
        if self.clock.by_place:
            self.clock.expect(packet)
        if not self.lead.met_key:
            self.lead.meet(packet)

    def forgives(self) -> bool:
        """Return whether the next frame may be damaged, because the clip was cut before it."""
        return self.lead.forgives(shown=self.frames)

    def add(self, frame: Frame) -> None:
        """Take in a decoded frame."""
        if not isinstance(frame, VideoFrame):
            return
        if self.size_px is None:
            self.rotation_deg = None if orientation_of(frame).is_mirrored else frame.rotation % 360
            self.size_px = frame.width, frame.height
        elif self.size_px != (frame.width, frame.height) and not self.other_size:
            self.other_size = f"frame {self.frames:,} has {frame.width} x {frame.height} px"
        now, length_s = self.clock.show(frame)
        # in AVI, chunks without content stand where nothing new is shown
        uncovered_s = 0.0 if self.clock.by_place else now - self.end_s
        since_s = self.step_to(now, length_s)
        if self.frames > 1:
            self.pace.add(since_s, uncovered_s)
        if self.last_s - (self.start_s or 0.0) >= self.look_at_s:
            self._look(frame)
            self.look_at_s = self._next_look_s()

    def _next_look_s(self) -> float:
        seen = len(self.shown)
        if seen == len(SHOWN_AT):
            return float("inf")
        if self.expected.packets <= len(SHOWN_AT):
            return 0.0
        return min(SHOWN_AT[seen] * self.expected.length_s, self.expected.last_s)

    def _look(self, frame: VideoFrame) -> None:
        small = _scalers.own.reformat(frame, SIDE_PX, SIDE_PX, "gray", interpolation="AREA", threads=1)
        self.shown.append(np.asarray(small.to_ndarray(), np.uint8))

    @property
    def rate_hz(self) -> float | None:
        """Frames a second, from the first to the last; None where no time lies between them."""
        moved_s = self.last_s - (self.start_s or 0.0)
        return (self.frames - 1) / moved_s if self.frames > 1 and moved_s > 0 else None

    def facts(self) -> dict[str, Any]:
        """Return fields of `MediaFile` that only decoding tells."""
        rate_hz = self.rate_hz
        hashes = [hash_grey(np.asarray(each, np.float32)) for each in self.shown]
        width, height = self.size_px or (None, None)
        return {
            "frames": self.frames,
            "duration_s": self.length_s,
            "rotation_deg": self.rotation_deg,
            "hashes": tuple(each for each in hashes if each is not None),
            "is_single_colour": bool(hashes) and not any(hashes),
            **({"width_px": width, "height_px": height} if self.size_px else {}),
            **({"frame_rate_hz": rate_hz} if rate_hz is not None else {}),
            "is_variable_rate": rate_hz is not None and self.pace.is_variable,
        }
