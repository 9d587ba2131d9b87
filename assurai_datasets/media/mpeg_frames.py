"""Rows of MPEG audio frames: how many samples they hold, and how many their table of contents declares."""

from typing import NamedTuple

from assurai_datasets.media.containers.mp3 import tag_bytes

_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBPS = {
    (True, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_FULL = 3
"""The version bits of MPEG-1; other versions halve the rates."""
_LAYER_1, _LAYER_3 = 3, 1
_MONO = 3
_HEAD_BYTES = 64
"""Within as many bytes of a frame a table of contents tells its number of frames."""
_TAILS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")


class Header(NamedTuple):
    """What the four bytes before a frame say; a frame of free format does not tell its length."""

    form: tuple[int, int, int, bool]
    samples: int
    length: int | None


class Row(NamedTuple):
    """Frames one behind the other.

    Attributes:
        samples: What they hold together, without the table of contents.
        frames: How many there are, without the table of contents.
        declared: Frames that the table of contents declares; None without a table, or where it does not say.
        is_even: Whether all have the same layer, rate and number of channels.
        is_all: Whether nothing but tags or a cut frame follows.
    """

    samples: int
    frames: int
    declared: int | None
    is_even: bool = True
    is_all: bool = True


def read_header(head: bytes) -> Header | None:
    """Return what the first four bytes of a frame say, or None where they begin none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer, kbps_index, rate_index = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 0 or kbps_index == 15 or rate_index == 3:
        return None
    samples = 384 if layer == _LAYER_1 else 576 if layer == _LAYER_3 and version != _FULL else 1152
    slot = 4 if layer == _LAYER_1 else 1
    kbps, rate_hz = _KBPS[version == _FULL, layer][kbps_index], _RATES_HZ[version][rate_index]
    length = (samples // 8 // slot * kbps * 1000 // rate_hz + (head[2] >> 1 & 1)) * slot
    return Header((version, layer, rate_index, head[3] >> 6 == _MONO), samples, length if kbps else None)


def read_row(content: bytes) -> Row | None:
    """Return what the row of frames behind the tags of a file tells, or None where none begins there."""
    at = skip_tags(content)
    first = read_header(content[at : at + 4])
    if first is None:
        return None
    has_table, declared = _read_table(content[at : at + _HEAD_BYTES], first)
    if first.length is None:
        return Row(0, 0, declared)
    at += first.length if has_table else 0
    frames, is_even = 0, True
    while (head := read_header(content[at : at + 4])) is not None and head.length is not None:
        if at + head.length > len(content):
            break
        frames, at, is_even = frames + 1, at + head.length, is_even and head.form == first.form
    is_all = head is not None or content.startswith(_TAILS, at) or not content[at:].strip(b"\0")
    return Row(frames * first.samples, frames, declared, is_even, is_all)


def skip_tags(content: bytes) -> int:
    """Return where a file begins behind its ID3 tags."""
    at = 0
    while content.startswith(b"ID3", at):
        at += tag_bytes(content, at)
    return at


def _read_table(frame: bytes, head: Header) -> tuple[bool, int | None]:
    """Return whether a frame is a Xing, Info or VBRI table, and the number of frames it declares."""
    version, layer, _, is_mono = head.form
    side = (17 if is_mono else 32) if version == _FULL else (9 if is_mono else 17)
    if layer == _LAYER_3 and frame[4 + side : 8 + side] in (b"Xing", b"Info"):
        has_count = bool(frame[11 + side : 12 + side] > b"" and frame[11 + side] & 1)
        return True, int.from_bytes(frame[12 + side : 16 + side], "big") if has_count else None
    if layer == _LAYER_3 and frame[36:40] == b"VBRI":
        return True, int.from_bytes(frame[50:54], "big")
    return False, None
