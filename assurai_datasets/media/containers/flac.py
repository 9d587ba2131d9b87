"""FLAC (RFC 9639): metadata blocks before the first frame, and what follows the last."""

import struct
from collections.abc import Iterator

from assurai_datasets.media.containers.flac_frames import frame_end, has_checksum, last_frame, read_frame, read_info
from assurai_datasets.media.containers.stretches import Stretch, remove_stretches
from assurai_datasets.media.containers.survey import (
    Damage,
    Edit,
    MalformedError,
    Notes,
    Private,
    bounded,
    gathered,
    is_program,
)
from assurai_datasets.media.containers.tags import tag_at, tags_before
from assurai_datasets.media.containers.vorbis import private_comments
from assurai_datasets.schema.codes import Code

_COMMENT = 4
_STREAMINFO, _PADDING, _SEEKTABLE = 0, 1, 3
_NAMES = {_PADDING: "padding", 2: "application-data", _COMMENT: "vorbis-comment", 5: "cue-sheet", 6: "picture"}
_LAST = 0x80


def survey_flac(content: bytes) -> Notes:
    """Yield damage and private metadata of a FLAC file."""
    start = _start(content)
    blocks, at = [], start + 4
    for block in bounded(metadata_blocks(content, at)):
        blocks.append(block)
        at += len(block)
    if at > len(content) or not blocks or not blocks[-1][0] & _LAST:
        yield Damage(Code.MEDIA_TRUNCATED, "it ends inside its metadata")
        return
    kept = [block for block in blocks if private_name(block) is None]
    names = {name for block in blocks if (name := private_name(block)) is not None} | ({"id3"} if start else set())
    for name in sorted(names):
        yield Private(name, ())
    if names:
        yield Edit(0, at, b"fLaC" + _chain(kept))
    back = gathered(tags_before(content, at, len(content)))
    yield from _behind_frames(content, at, back[-1].start if back else len(content), blocks[0])
    yield from remove_stretches(reversed(back), _cut)


def _cut(start: int, end: int) -> tuple[Edit, ...]:
    return (Edit(start, end),)


def _behind_frames(content: bytes, at: int, end: int, block: bytes) -> Notes:
    """Yield what stands between the last frame and the tags behind it, or that nobody can tell where that begins."""
    if not content[at:end].strip(b"\0"):
        return
    info = read_info(block)
    frame = last_frame(content, at, info)
    if frame is None and read_frame(content, at, info) is None:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "no frame follows its metadata")
        return
    if frame is None:
        yield Damage(
            Code.MEDIA_TRUNCATED, f"its header declares {info.samples:,} samples, and the last frame is missing"
        )
        return
    try:
        begin = frame_end(content, frame)
    except IndexError:
        yield Damage(Code.MEDIA_TRUNCATED, "its last frame is cut")
    except ValueError:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "its last frame is damaged, and nobody can tell where it ends")
    else:
        yield from _rest(content, frame.start, begin, end)


def _rest(content: bytes, start: int, begin: int, end: int) -> Notes:
    if begin < end and not has_checksum(content[start:begin]):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "its last frame is damaged, and nobody can tell where it ends")
    elif content[begin:end].strip(b"\0"):
        yield from remove_stretches([Stretch("trailing-data", begin, end)], _cut)


def metadata_blocks(content: bytes, at: int) -> Iterator[bytes]:
    """Yield blocks of metadata with their heads, up to the last or one that is cut."""
    while True:
        (head,) = struct.unpack_from(">I", content, at)
        end = at + 4 + (head & 0xFFFFFF)
        if end > len(content):
            return
        yield content[at:end]
        if head >> 31:
            return
        at = end


def private_name(block: bytes) -> str | None:
    """Return what to call the private metadata a block holds, or None where it holds none."""
    kind, body = block[0] & ~_LAST, block[4:]
    if kind in (_STREAMINFO, _SEEKTABLE) or (kind == _PADDING and not body.strip(b"\0")):
        return None
    if kind == _COMMENT and all(is_program(value) for value in private_comments(body)):
        return None
    return _NAMES.get(kind, f"block-{kind}")


def _start(content: bytes) -> int:
    """Return where the stream begins; the tags before it may hold its magic word too."""
    at = 0
    while content.startswith(b"ID3", at) and (tag := tag_at(content, at, len(content))) is not None:
        at = tag.end
    if (start := content.find(b"fLaC", at)) < 0:
        raise MalformedError("no stream follows its tags")
    return start


def _chain(blocks: list[bytes]) -> bytes:
    """Join blocks and mark the last one as such."""
    marked = [bytes([block[0] & ~_LAST]) + block[1:] for block in blocks]
    marked[-1] = bytes([marked[-1][0] | _LAST]) + marked[-1][1:]
    return b"".join(marked)
