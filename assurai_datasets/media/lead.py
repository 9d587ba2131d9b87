"""The beginning of a clip that was cut between key frames, where frames refer to others that are not in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SLICE, _IDR = 1, 5
"""Kinds of coded slices in H.264 (ITU-T H.264, table 7-1): of an ordinary picture, and of one where decoding starts."""


@dataclass(slots=True)
class Lead:
    """Tells whether a decoder may fail on a packet because of what was cut off before it.

    It may until the first key frame; and where that is an H.264 picture at which decoding can be taken up but which is
    no IDR, until a frame is shown, for what follows it may still name frames from before.
    """

    stream: Any
    met_key: bool = False
    is_midway: bool = False

    def meet(self, packet: Any) -> None:
        """Take in a packet before it is decoded."""
        if not self.met_key and packet.size and packet.is_keyframe:
            self.met_key, self.is_midway = True, self._is_midway(bytes(packet))

    def forgives(self, *, shown: int) -> bool:
        """Return whether a failure is the fault of a cut, after so many frames were shown."""
        return shown == 0 and (not self.met_key or self.is_midway)

    def _is_midway(self, packet: bytes) -> bool:
        context = self.stream.codec_context
        if context.codec.canonical_name != "h264":
            return False
        kinds = set(_kinds(packet, context.extradata or b""))
        return _SLICE in kinds and _IDR not in kinds


def _kinds(packet: bytes, extradata: bytes) -> Iterator[int]:
    """Yield the kinds of the units of an H.264 packet, behind start codes or their lengths."""
    if extradata[:1] != b"\1":
        yield from (unit[0] & 31 for unit in packet.split(b"\0\0\1")[1:] if unit)
        return
    width, at = (extradata[4] & 3) + 1 if len(extradata) > 4 else 4, 0
    while at + width < len(packet):
        yield packet[at + width] & 31
        at += width + int.from_bytes(packet[at : at + width], "big")
