"""FLAC frames (RFC 9639, section 9): where the last one ends, which nothing but its own bits tells.

Headers are numbered, so that those before the last need not be read; the last is read to its last bit, and its
checksum proves the reading.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.survey import bounded

_SYNC = b"\xff\xf8", b"\xff\xf9"
"""Before frames that all have one size, and before frames of any size."""
_BITS = {1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}
_HEADER_BYTES = 16
_LEFT_SIDE, _RIGHT_SIDE, _MID_SIDE = 8, 9, 10
_PARTITION_BITS = (4, 5)
_MOST_FRAMES = 1_000_000
_MOST_LOOKALIKES = 10_000
"""Places that look like the header of one frame and are none; in sound there is hardly ever one."""


class Info(NamedTuple):
    """What the first block of metadata declares; `samples` is 0 where the length was not known."""

    bits: int
    samples: int


class Frame(NamedTuple):
    """The header of a frame: where it starts, where its sound begins, and what it says."""

    start: int
    body: int
    number: int
    samples: int
    channels: int
    bits: int
    is_varying: bool

    @property
    def next_number(self) -> int:
        """The number of the frame behind it: frames of any size count samples."""
        return self.number + (self.samples if self.is_varying else 1)


def read_info(block: bytes) -> Info:
    """Return what the first block of metadata, with its head, declares about frames."""
    packed = int.from_bytes(block[14:22], "big")
    return Info((packed >> 36 & 31) + 1, packed & (1 << 36) - 1)


def last_frame(content: bytes, at: int, info: Info) -> Frame | None:
    """Return the last of the frames that begin at a place, or None where there is none or it is not found."""
    first = last = read_frame(content, at, info)
    if first is None:
        return None
    if first.number == 0 and not first.is_varying and info.samples > first.samples:
        last = _find(content, first.body, (info.samples - 1) // first.samples, info, first)
    if last is None:
        return None
    for frame in bounded(_following(content, last, info), _MOST_FRAMES):
        last = frame
    return last


def frame_end(content: bytes, frame: Frame) -> int:
    """Return where a frame ends, behind its checksum.

    Raises:
        IndexError: The content ends before.
        ValueError: It is no frame.
    """
    most = frame.channels * (frame.samples * (frame.bits + 2) // 8 + 64)
    bits = _Bits(content[frame.body : frame.body + 2 * most])
    for channel in range(frame.channels):
        _skip_channel(bits, frame.samples, frame.bits + _is_side(content[frame.start + 3] >> 4, channel))
    end = frame.body + (bits.at + 7) // 8 + 2
    if end > len(content):
        raise IndexError(end)
    return end


def has_checksum(frame: bytes) -> bool:
    """Return whether the checksum at the end of a frame holds."""
    crc = 0
    for byte in frame:
        crc = (crc << 8 & 0xFFFF) ^ _CRC_16[crc >> 8 ^ byte]
    return crc == 0


def read_frame(content: bytes, at: int, info: Info) -> Frame | None:
    """Return the header of the frame that begins at a place, or None where none does."""
    head = content[at : at + _HEADER_BYTES]
    if head[:2] not in _SYNC or len(head) < 6 or head[3] & 1:
        return None
    size_code, rate_code, form, bits_code = head[2] >> 4, head[2] & 15, head[3] >> 4, head[3] >> 1 & 7
    width = max(1, 8 - (head[4] ^ 0xFF).bit_length())
    size_bytes = {6: 1, 7: 2}.get(size_code, 0)
    end = 4 + width + size_bytes + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if not size_code or rate_code == 15 or form > _MID_SIDE or (bits_code and bits_code not in _BITS) or width > 7:
        return None
    if end >= len(head) or _crc_8(head[:end]) != head[end]:
        return None
    number = head[4] & (0x7F >> (width if width > 1 else 0))
    for byte in head[5 : 4 + width]:
        number = number << 6 | byte & 63
    samples = int.from_bytes(head[4 + width : 4 + width + size_bytes], "big") + 1 if size_bytes else _samples(size_code)
    channels = form + 1 if form < _LEFT_SIDE else 2
    return Frame(at, at + end + 1, number, samples, channels, _BITS.get(bits_code, info.bits), head[1] == _SYNC[1][1])


def _samples(code: int) -> int:
    return 192 if code == 1 else 144 << code if code < 6 else 1 << code


def _is_side(form: int, channel: int) -> bool:
    """Return whether a channel holds the difference of two, which takes one bit more."""
    return (form, channel) in ((_LEFT_SIDE, 1), (_RIGHT_SIDE, 0), (_MID_SIDE, 1))


def _following(content: bytes, frame: Frame, info: Info) -> Iterator[Frame]:
    """Yield the frames behind one, as long as their numbers go on."""
    while (following := _find(content, frame.body, frame.next_number, info, frame)) is not None:
        frame = following
        yield frame


def _find(content: bytes, at: int, number: int, info: Info, like: Frame) -> Frame | None:
    """Return the first frame of a number behind a place, with as many channels and bits as another."""
    head = re.compile(re.escape(_SYNC[like.is_varying]) + b"(?=.." + re.escape(_spell(number)) + b")", re.DOTALL)
    for match in bounded(head.finditer(content, at), _MOST_LOOKALIKES):
        frame = read_frame(content, match.start(), info)
        if frame is not None and (frame.channels, frame.bits) == (like.channels, like.bits):
            return frame
    return None


def _spell(number: int) -> bytes:
    """Return a number as headers spell it: UTF-8, with up to seven bytes."""
    if number < 0x80:
        return bytes([number])
    more = 1
    while number >> 6 * more >= 1 << 6 - more:
        more += 1
    tail = [0x80 | number >> 6 * place & 63 for place in reversed(range(more))]
    return bytes([(0xFF00 >> more + 1) & 0xFF | number >> 6 * more, *tail])


class _Bits:
    """Bits of a frame, of which most are passed over."""

    def __init__(self, body: bytes) -> None:
        self.text = bin(int.from_bytes(b"\1" + body, "big"))[3:]
        self.at = 0

    def take(self, count: int) -> int:
        found = self.text[self.at : self.at + count]
        if len(found) < count:
            raise IndexError(self.at)
        self.at += count
        return int(found, 2)

    def skip_ones(self, count: int, more: int) -> None:
        """Pass over so many numbers, each of zeros, a one and as many bits more."""
        at, find, step = self.at, self.text.find, more + 1
        for _ in range(count):
            place = find("1", at)
            if place < 0:
                raise IndexError(at)
            at = place + step
        self.at = at


def _skip_channel(bits: _Bits, samples: int, depth: int) -> None:
    kind = bits.take(7)
    if bits.take(1):
        start = bits.at
        bits.skip_ones(1, 0)
        depth -= bits.at - start
    if kind == 0:
        bits.at += depth
    elif kind == 1:
        bits.at += depth * samples
    elif 8 <= kind <= 12 or kind >= 32:
        order = kind - 8 if kind <= 12 else kind - 31
        bits.at += order * depth
        if kind >= 32:
            precision = bits.take(4) + 1
            bits.at += 5 + precision * order
        _skip_residual(bits, samples, order)
    else:
        raise ValueError(kind)


def _skip_residual(bits: _Bits, samples: int, order: int) -> None:
    method = bits.take(2)
    if method > 1:
        raise ValueError(method)
    width = _PARTITION_BITS[method]
    parts = 1 << bits.take(4)
    for part in range(parts):
        count = samples // parts - (0 if part else order)
        more = bits.take(width)
        if more == (1 << width) - 1:
            depth = bits.take(5)
            bits.at += depth * count
        else:
            bits.skip_ones(count, more)


def _remainders(generator: int, width: int) -> tuple[int, ...]:
    """Return what each byte adds to a checksum."""
    found = []
    for byte in range(256):
        crc = byte << width - 8
        for _ in range(8):
            crc = crc << 1 ^ (generator if crc >> width - 1 else 0)
        found.append(crc & (1 << width) - 1)
    return tuple(found)


_CRC_8, _CRC_16 = _remainders(0x107, 8), _remainders(0x18005, 16)


def _crc_8(head: bytes) -> int:
    crc = 0
    for byte in head:
        crc = _CRC_8[crc ^ byte]
    return crc
