"""What the packets of a container tell before any is decoded: how many there are, where they end, what is missing."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import av
from av import FFmpegError
from av.container import InputContainer

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.limits import LIMITS
from assurai_datasets.media.streams import is_cover

MAX_PACKETS = 2 * LIMITS.max_frames
"""Beyond as many packets of all streams nothing is told."""
SLACK_S = 0.25
SLACK = 0.03
"""A stream may end this much (the larger of both) before its declared end: encoders pad and trim."""
SHORT = 0.5
"""A short sound may lack this part of its declared length: less than a frame, but not all of it."""
SLACK_OF_ALL_S = 0.5
"""The same for a whole Matroska file, whose length is that of the blocks it was written with."""
_LENGTH_OF_ALL = frozenset({"mkv", "webm"})
"""Containers that declare the length of the whole and of no stream."""
WITH_TABLES = frozenset({"mp4", "mov", "m4a", "3gp"})
"""Formats whose index may name every packet."""
_COUNTED = frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "opus", "vorbis"})
"""Codecs of sound of which an MP4 counts packets; of others it may count samples."""


class Expected(NamedTuple):
    """What a stream lets expect before it is decoded: packets, its length, and the time from first to last frame."""

    packets: int
    length_s: float
    last_s: float


@dataclass(slots=True)
class StreamOutline:
    """The packets of one stream.

    Attributes:
        kind: `video`, `audio`, `subtitle`, `data`.
        promised: Packets its index names, where that is known before reading.
        declared: Packets its header declares.
        packets: Packets that arrive.
        tick_s: The unit of its times.
        declared_s: The length its header declares, where it declares one.
        indexed_s: From the first frame to the last by its index, where that names every packet.
        first_s: Where the first frame begins, in seconds.
        final_s: Where the last frame begins.
        end_s: Where the last packet ends.
        keys_s: Where key frames are shown, ascending.
    """

    kind: str
    promised: int = 0
    declared: int = 0
    tick_s: float = 0.0
    declared_s: float | None = None
    indexed_s: float | None = None
    packets: int = 0
    first_s: float = float("inf")
    final_s: float = float("-inf")
    end_s: float = float("-inf")
    keys_s: list[float] = field(default_factory=list)

    def add(self, packet: Any, *, by_place: bool) -> None:
        """Take in a packet."""
        if not packet.size and packet.dts is None:  # the sign that a stream ends
            return
        self.packets += 1
        ticks = packet.dts if by_place or packet.pts is None else packet.pts
        if ticks is None or packet.is_discard:
            return
        now = ticks * self.tick_s
        end_s = now + (packet.duration or 0) * self.tick_s
        if now < self.first_s:
            self.first_s = now
        if now > self.final_s:
            self.final_s = now
        if end_s > self.end_s:
            self.end_s = end_s
        if packet.is_keyframe and self.kind == "video":
            self.keys_s.append(now)

    def expected(self) -> Expected:
        """Return what to expect, from the packets or, where these are still to come, from the index."""
        if self.indexed_s is None:
            return Expected(self.packets, self.length_s, self.last_s)
        return Expected(self.promised, self.declared_s or self.indexed_s, self.indexed_s)

    @property
    def start_s(self) -> float:
        """Where the first frame begins; 0 where there is none."""
        return self.first_s if self.packets and self.first_s <= self.final_s else 0.0

    @property
    def length_s(self) -> float:
        """From the start of the first packet to the end of the last; 0 where there is none."""
        return max(0.0, self.end_s - self.start_s)

    @property
    def last_s(self) -> float:
        """From the start of the first frame to that of the last."""
        return max(0.0, self.final_s - self.start_s)


@dataclass(slots=True)
class Outline:
    """The packets of a container, by stream; Matroska declares a length of the whole only."""

    streams: dict[int, StreamOutline]
    content: bytes
    declared_s: float | None = None
    by_place: bool = False
    has_tables: bool = False
    is_whole: bool = True
    is_filled: bool = True

    @property
    def end_s(self) -> float:
        """Where the last packet of any stream ends."""
        return max((stream.end_s for stream in self.streams.values() if stream.packets), default=0.0)

    def meet(self, packet: Any) -> None:
        """Take in a packet that is about to be decoded, where they were not read before."""
        if not self.is_filled and (stream := self.streams.get(packet.stream_index)) is not None:
            stream.add(packet, by_place=self.by_place)

    def forget_lengths(self) -> None:
        """Declare nothing any more."""
        self.declared_s = None
        for stream in self.streams.values():
            stream.declared_s = None

    def missing(self) -> Iterator[str]:
        """Yield in words which packets are named and not there."""
        for stream in self._media():
            if stream.packets < stream.promised:
                yield f"of {stream.promised:,} packets of its {stream.kind} stream {stream.packets:,} are there"

    def shortfalls(self) -> Iterator[str]:
        """Yield in words which streams, or the container, end before they should."""
        for stream in self._media():
            held_s = max(0.0, stream.end_s) if self.by_place else stream.length_s
            if self.by_place and 0 < stream.promised <= stream.packets:  # empty chunks stand in for what was left out
                continue
            if stream.packets and falls_short(held_s, stream.declared_s, is_sound=stream.kind == "audio"):
                yield f"its {stream.kind} stream declares {stream.declared_s:.2f} s and holds {held_s:.2f} s"
        is_open = len(self.streams) == 1 and self.end_s == 0  # the length of a lone frame may be left open
        if self.is_whole and self.declared_s and not is_open and self.end_s < self.declared_s - SLACK_OF_ALL_S:
            yield f"declares {self.declared_s:.2f} s and holds {self.end_s:.2f} s"

    def overruns(self) -> Iterator[str]:
        """Yield in words which streams, or the container, go on long after their declared end."""
        for stream in self._media():
            if _goes_on(stream.length_s, stream.declared_s):
                declared = f"its {stream.kind} stream declares {stream.declared_s:.2f} s"
                yield f"{declared} and goes on for {stream.length_s:.2f} s"
        if self.is_whole and _goes_on(self.end_s, self.declared_s):
            yield f"declares {self.declared_s:.2f} s and goes on for {self.end_s:.2f} s"

    def _media(self) -> list[StreamOutline]:
        return [each for each in self.streams.values() if self.is_whole and each.kind in ("audio", "video")]


def falls_short(held_s: float, declared_s: float | None, *, is_sound: bool = False) -> bool:
    """Return whether something ends too long before its declared end."""
    if declared_s is None:
        return False
    slack_s = max(SLACK_S, SLACK * declared_s)
    return held_s < declared_s - (min(slack_s, SHORT * declared_s) if is_sound else slack_s)


def _goes_on(held_s: float, declared_s: float | None) -> bool:
    return bool(declared_s) and held_s > (declared_s or 0.0) + max(1.0, 0.1 * (declared_s or 0.0))


def stream_length_s(stream: Any) -> float | None:
    """Return the length that the header of a stream declares, in seconds.

    In Matroska none does; what FFmpeg gives there may be that of the whole file.
    """
    if stream.container.format.name == "matroska":
        return None
    if stream.duration is None or stream.duration < 0 or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base.numerator / stream.time_base.denominator)


def read_outline(bare: InputContainer, content: bytes, form: FileFormat, *, knows_length: bool = True) -> Outline:
    """Return the outline of a container that `open_bare` gave, without its declared lengths where these are estimates.

    Raises:
        FFmpegError: The container cannot be opened.
    """
    outline = _begin(bare, content, form)
    if not knows_length:
        outline.forget_lengths()
    _read(outline, bare)
    settle_outline(outline)
    return outline


def expect_outline(bare: InputContainer, content: bytes, form: FileFormat) -> Outline | None:
    """Return an outline to fill while a container is decoded, or None where its packets must be read before.

    The index of an MP4 that names every packet tells beforehand where the frames lie that stand for a video.
    """
    outline = _begin(bare, content, form)
    outline.is_filled = False
    media = [each for each in bare.streams if each.index in outline.streams and each.type in ("audio", "video")]
    if not outline.has_tables or not all(0 < each.frames <= len(each.index_entries) for each in media):
        return None
    for each in media:
        first, last = each.index_entries[0].timestamp, each.index_entries[-1].timestamp
        own = outline.streams[each.index]
        own.indexed_s = max(0.0, (last - first) * own.tick_s)
    return outline


def settle_outline(outline: Outline) -> None:
    """Hold an outline against the tables of an MP4, once all packets have been met."""
    if outline.has_tables and any(stream.packets < stream.declared for stream in outline.streams.values()):
        _hold_against_tables(outline)


def _begin(container: InputContainer, content: bytes, form: FileFormat) -> Outline:
    streams = {
        each.index: StreamOutline(
            each.type, len(each.index_entries), each.frames, float(each.time_base or 0), stream_length_s(each)
        )
        for each in container.streams
        if not is_cover(each)
    }
    in_whole = form.name in _LENGTH_OF_ALL and (container.duration or -1) > 0
    declared_s = (container.duration or 0) / 1e6 if in_whole else None
    return Outline(streams, content, declared_s, by_place=form.name == "avi", has_tables=form.name in WITH_TABLES)


def _read(outline: Outline, container: InputContainer) -> None:
    try:
        for count, packet in enumerate(container.demux()):
            stream = outline.streams.get(packet.stream_index)
            if stream is not None:
                stream.add(packet, by_place=outline.by_place)
            if count > MAX_PACKETS:
                outline.is_whole = False
                break
    except FFmpegError:
        outline.is_whole = False
    for stream in outline.streams.values():
        stream.keys_s.sort()


def _hold_against_tables(outline: Outline) -> None:
    """Take in how many packets the tables of an MP4 name where no edit list leaves some out."""
    with av.open(io.BytesIO(outline.content), "r", format="mov", options={"ignore_editlist": "1"}) as container:
        for stream in container.streams:
            known = outline.streams.get(stream.index)
            if known is not None and _is_counted(stream) and len(stream.index_entries) < known.declared:
                known.promised = known.declared


def _is_counted(stream: Any) -> bool:
    if stream.codec_context is None:
        return False
    return stream.type == "video" or stream.codec_context.codec.canonical_name in _COUNTED
