"""MPEG audio: tags before, between and after the frames, and the frames themselves."""

from assurai_datasets.media.containers.stretches import Stretch, is_text, remove_stretches
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, blank, bounded, gathered
from assurai_datasets.media.containers.tags import names_programs, tag_at, tag_bytes, tags_before
from assurai_datasets.schema.codes import Code

_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_V1 = {
    3: (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2_LAYER_1 = (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_ENOUGH_FRAMES = 3
_LAYER = 0x06
_MOST_GUESSES = 1 << 20

__all__ = ["survey_mp3", "tag_bytes"]


def survey_mp3(content: bytes) -> Notes:
    """Yield damage and private metadata of an MP3 file."""
    tags, start = _front(content)
    back = gathered(tags_before(content, start, len(content)))
    end = back[-1].start if back else len(content)
    yield from _before_frames(content, tags, start)
    yield from _frames(content, start, end)
    yield from remove_stretches(reversed(back), _cut)


def _cut(start: int, end: int) -> tuple[Edit, ...]:
    return (Edit(start, end),)


def _empty(start: int, end: int) -> tuple[Edit, ...]:
    """Return edits that leave of an ID3 tag its head, so that decoders pass over as much as they did."""
    return (blank(min(start + 10, end), end),)


def _front(content: bytes) -> tuple[list[Stretch], int]:
    """Return the tags before the frames, and where the frames begin."""
    tags, at = [], 0
    while (tag := tag_at(content, at, len(content))) is not None and tag.name != "lyrics":
        tags.append(tag)
        at = tag.end
    return gathered(tags), _first_frame(content, at)


def _before_frames(content: bytes, tags: list[Stretch], first: int) -> Notes:
    """Yield the private tags before the frames, with what stands between: sizes of tags are wrong now and then."""
    at = tags[-1].end if tags else 0
    gap = content[at:first].strip(b"\0")
    private = [tag for tag in tags if gap or not names_programs(content, tag)]
    if at == first:
        yield from remove_stretches(private, _cut)
    elif tags and content.startswith(b"ID3"):
        # what decoders make of a first frame depends on whether it stands where the tag says: nothing may move
        for tag in private:
            yield Private(tag.name, _empty(tag.start, tag.end))
        if gap:
            yield Edit(at, first, None)
    elif private or (gap and is_text(gap)):
        yield Private(private[0].name if private else "leading-data", _cut(0, first))


def _first_frame(content: bytes, at: int) -> int:
    """Return where a row of frames begins, or the place itself where none does."""
    place = at
    for _ in range(_MOST_GUESSES):
        if (place := content.find(b"\xff", place)) < 0:
            break
        if _is_row(content, place):
            return place
        place += 1
    return at


def _is_row(content: bytes, at: int) -> bool:
    for _ in range(_ENOUGH_FRAMES):
        length = _frame_bytes(content[at : at + 4]) if at + 4 <= len(content) else None
        if length is None:
            return False
        at += length
    return True


def _walk(content: bytes, at: int, end: int) -> tuple[int, int, list[Stretch]]:
    """Return how many frames there are, where they end (beyond the file where the last is cut), and tags among them."""
    frames, tags = 0, list[Stretch]()
    layer = content[at + 1 : at + 2] or b"\0"
    while at + 4 <= end:
        head = content[at : at + 4]
        # the mark before a text in UTF-16 begins like a frame of layer I
        length = _frame_bytes(head) if not (head[1] ^ layer[0]) & _LAYER else None
        if length is not None:
            frames, at = frames + 1, at + length
        elif frames and (tag := tag_at(content, at, end)) is not None:
            tags.append(tag)
            at = tag.end
        else:
            break
    return frames, at, tags


def _frames(content: bytes, start: int, end: int) -> Notes:
    """Yield the tags between and behind the frames; the last must be whole where it is certain to be one."""
    frames, at, tags = _walk(content, start, end)
    behind = list[Stretch]()
    while tags and tags[-1].end == (behind[0].start if behind else at):
        behind.insert(0, tags.pop())
    inner = (tag for tag in bounded(tags) if not names_programs(content, tag))
    # decoders pass over a tag between frames, but not over a gap or a frame that comes earlier than it did
    yield from remove_stretches(inner, _empty)
    rest = content[at:end].strip(b"\0")
    if rest and (is_text(rest) or (frames >= _ENOUGH_FRAMES and not _holds_frames(content, start, at, end))):
        behind.append(Stretch("trailing-data", at, end))
    elif frames < _ENOUGH_FRAMES and at + 4 <= end:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "no row of MPEG frames follows its tags")
    elif at > end and frames > _ENOUGH_FRAMES:
        yield Damage(Code.MEDIA_TRUNCATED, f"its last frame lacks {at - end} bytes")
    elif rest and at + 4 <= end:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"stray bytes stand between its frames at byte {at:,}")
    yield from remove_stretches(behind, _cut)


def _holds_frames(content: bytes, first: int, at: int, end: int) -> bool:
    """Return whether behind a place another frame of the form of the first follows, which decoders may find."""
    place = at
    for _ in range(_MOST_GUESSES):
        if (place := content.find(b"\xff", place, end - 3)) < 0:
            return False
        head = content[place : place + 4]
        same = (head[1] ^ content[first + 1]) & 0xFE == 0 == (head[2] ^ content[first + 2]) & 0x0C
        if same and (length := _frame_bytes(head)) is not None and _goes_on(content, place + length, end):
            return True
        place += 1
    return True


def _goes_on(content: bytes, at: int, end: int) -> bool:
    """Return whether a frame or the end follows."""
    return at + 4 > end or _frame_bytes(content[at : at + 4]) is not None


def _frame_bytes(head: bytes) -> int | None:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate_index, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] < 0xE0 or version == 1 or layer == 0 or rate_index in (0, 15) or rate == 3:
        return None
    kbps = _V1[layer][rate_index] if version == 3 else (_V2_LAYER_1 if layer == 3 else _V2)[rate_index]
    samples = 384 if layer == 3 else 576 if layer == 1 and version != 3 else 1152
    slot = 4 if layer == 3 else 1
    return (samples // 8 // slot * kbps * 1000 // _RATES_HZ[version][rate] + (head[2] >> 1 & 1)) * slot
