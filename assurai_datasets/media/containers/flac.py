"""FLAC (RFC 9639): metadata blocks before the first frame."""

import struct

from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, is_program
from assurai_datasets.media.containers.vorbis import private_comments
from assurai_datasets.schema.codes import Code

_COMMENT = 4
_STREAMINFO, _SEEKTABLE = 0, 3
_NAMES = {2: "application-data", _COMMENT: "vorbis-comment", 5: "cue-sheet", 6: "picture"}
_LAST = 0x80


def survey_flac(content: bytes) -> Notes:
    """Yield damage and private metadata of a FLAC file."""
    start = content.find(b"fLaC")
    at, kept, gone = start + 4, [], []
    while True:
        (head,) = struct.unpack_from(">I", content, at)
        kind, end = head >> 24 & ~_LAST, at + 4 + (head & 0xFFFFFF)
        block = content[at:end]
        if end > len(content):
            yield Damage(Code.MEDIA_TRUNCATED, "it ends inside its metadata")
            return
        if (name := _private_name(kind, block[4:])) is None:
            kept.append(block)
        else:
            gone.append(name)
        at = end
        if head >> 31:
            break
    if start:
        gone.append("id3")
    for name in gone:
        yield Private(name, (Edit(0, at, b"fLaC" + _chain(kept)),))
    if content[-128:-125] == b"TAG":
        yield Private("id3", (Edit(len(content) - 128, len(content)),))


def _private_name(kind: int, body: bytes) -> str | None:
    if kind in (_STREAMINFO, _SEEKTABLE) or (kind == 1 and not body.strip(b"\0")):
        return None
    if kind == _COMMENT and all(is_program(value) for value in private_comments(body)):
        return None
    return _NAMES.get(kind, f"block-{kind}")


def _chain(blocks: list[bytes]) -> bytes:
    """Join blocks and mark the last one as such."""
    marked = [bytes([block[0] & ~_LAST]) + block[1:] for block in blocks]
    marked[-1] = bytes([marked[-1][0] | _LAST]) + marked[-1][1:]
    return b"".join(marked)
