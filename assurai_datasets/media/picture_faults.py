"""What is wrong with the pictures of a clip after all were decoded."""

from collections.abc import Iterator, Mapping
from typing import Any

from assurai_datasets.media.findings import Fault, make_fault
from assurai_datasets.media.track import PictureTrack
from assurai_datasets.schema.codes import Code

MAX_RATE_HZ = 1000.0
"""No film is shown at more frames a second."""
TIMELESS_HZ = 20_000.0
"""Frames that follow each other at more than this have no time at all."""
_TOLERANCE = 1.01
MOSTLY_HIDDEN = 4
"""Where a file holds more than this many times the frames it shows, a cut between key frames does not explain it."""


def picture_faults(track: PictureTrack, facts: Mapping[str, Any], *, header_px: tuple[int, int]) -> Iterator[Fault]:
    """Yield what is wrong with a decoded video stream, given its facts, apart from damage."""
    if facts["is_single_colour"]:
        yield make_fault(Code.MEDIA_SINGLE_COLOUR, "the frames that stand for it have one colour")
    if track.frames == 1:
        yield make_fault(Code.MEDIA_SINGLE_FRAME, "holds a single frame")
    yield from _size_faults(track, header_px)
    if not track.damage:
        yield from _time_faults(track)


def _size_faults(track: PictureTrack, header_px: tuple[int, int]) -> Iterator[Fault]:
    if track.size_px is None:
        return
    width, height = track.size_px
    if track.size_px != header_px:
        found = f"its header says {header_px[0]} x {header_px[1]} px, its frames have {width} x {height} px"
        yield make_fault(Code.MEDIA_HEADER_MALFORMED, found)
    if track.other_size:
        found = f"its frames differ in size: the first has {width} x {height} px, {track.other_size}"
        yield make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, found, "write it again with all frames of one size")


def _time_faults(track: PictureTrack) -> Iterator[Fault]:
    rate_hz = track.rate_hz or float("inf")
    if not track.frames and not track.packets:
        yield make_fault(Code.MEDIA_DURATION_ZERO, "its video stream holds no frame")
    elif track.frames > 1 and rate_hz > TIMELESS_HZ:
        yield make_fault(Code.MEDIA_DURATION_ZERO, f"shows its {track.frames:,} frames in no time")
    elif track.frames > 1 and rate_hz > MAX_RATE_HZ * _TOLERANCE:
        yield make_fault(Code.MEDIA_HEADER_MALFORMED, f"shows {rate_hz:,.0f} frames a second")
    if track.frames and track.packets > MOSTLY_HIDDEN * track.frames:
        found = f"holds {track.packets:,} frames and shows {track.frames:,}"
        yield make_fault(Code.MEDIA_DURATION_MISMATCH, found)
    if track.pace.hole_s:
        found = f"shows nothing new for {track.pace.hole_s:.2f} s, at a rate that is steady otherwise"
        yield make_fault(Code.MEDIA_DURATION_MISMATCH, found, "look whether frames were lost there")
