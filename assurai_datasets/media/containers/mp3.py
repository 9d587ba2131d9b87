"""MPEG audio: tags before, between and after the frames, and the frames themselves."""

import struct

from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, is_program
from assurai_datasets.schema.codes import Code

_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_V1 = {
    3: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2_LAYER_1 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_PROGRAM_FRAMES = frozenset({b"TSSE", b"TENC", b"TSS"})
_ENOUGH_FRAMES = 3


def survey_mp3(content: bytes) -> Notes:
    """Yield damage and private metadata of an MP3 file."""
    start, end = 0, len(content)
    while content[start : start + 3] == b"ID3":
        stop = start + tag_bytes(content, start)
        if not _names_programs(content, start, stop):
            yield Private("id3", (Edit(start, min(stop, end)),))
        start = stop
    if content[end - 128 : end - 125] == b"TAG":
        yield Private("id3", (Edit(end - 128, end),))
        end -= 128
    if content[end - 32 : end - 24] == b"APETAGEX":
        size, _, flags = struct.unpack_from("<III", content, end - 20)
        begin = max(start, end - size - (32 if flags >> 31 else 0))
        yield Private("ape", (Edit(begin, end),))
        end = begin
    yield from _frames(content, start, end)


def tag_bytes(content: bytes, at: int) -> int:
    """Return the length of the ID3v2 tag that begins at a place."""
    size = 0
    for byte in content[at + 6 : at + 10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if content[at + 5] & 0x10 else 0)


def _names_programs(content: bytes, at: int, end: int) -> bool:
    """Return whether a tag of version 2.3 or 2.4 only names the encoder."""
    if content[at + 3] not in (3, 4) or content[at + 5] & 0xC0:
        return False
    place = at + 10
    while place + 10 <= end and content[place]:
        name, size = struct.unpack_from(">4sI", content, place)
        value = content[place + 11 : place + 10 + size].replace(b"\0", b"")
        if name not in _PROGRAM_FRAMES or not is_program(value):
            return False
        place += 10 + size
    return True


def _frames(content: bytes, at: int, end: int) -> Notes:
    """Walk the frames; the last one must be whole, where it is certain that these are frames."""
    frames = 0
    while at + 4 <= end:
        length = _frame_bytes(content[at : at + 4])
        if length is None:
            if frames < _ENOUGH_FRAMES:
                yield Damage(Code.MEDIA_HEADER_MALFORMED, "no row of MPEG frames follows its tags")
            elif content[at:end].strip(b"\0"):
                yield Damage(Code.MEDIA_HEADER_MALFORMED, f"stray bytes stand between its frames at byte {at:,}")
            return
        if at + length > end and frames >= _ENOUGH_FRAMES:
            yield Damage(Code.MEDIA_TRUNCATED, f"its last frame lacks {at + length - end} bytes")
            return
        frames, at = frames + 1, at + length


def _frame_bytes(head: bytes) -> int | None:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate_index, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] < 0xE0 or version == 1 or layer == 0 or rate_index in (0, 15) or rate == 3:
        return None
    kbps = _V1[layer][rate_index] if version == 3 else (_V2_LAYER_1 if layer == 3 else _V2)[rate_index]
    samples = 384 if layer == 3 else 576 if layer == 1 and version != 3 else 1152
    slot = 4 if layer == 3 else 1
    return (samples // 8 // slot * kbps * 1000 // _RATES_HZ[version][rate] + (head[2] >> 1 & 1)) * slot
