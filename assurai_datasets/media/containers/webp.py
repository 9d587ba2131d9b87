"""WebP (RFC 9649): chunks and frames, and the ones that tell of people."""

import struct
from collections.abc import Iterable, Sequence

from assurai_datasets.media.containers.exif import orientation_block, read_exif
from assurai_datasets.media.containers.riff import Chunk, name_of, read_chunks
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private
from assurai_datasets.schema.codes import Code

_FRAME_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_KEPT = _FRAME_KEPT | {b"VP8X", b"ANIM", b"ANMF", b"ICCP"}
_FLAGS = {b"EXIF": 0x08, b"XMP ": 0x04}
_FRAME_HEADER_BYTES = 16


def survey_webp(content: bytes) -> Notes:
    """Yield damage and private metadata of a WebP file."""
    (size,) = struct.unpack_from("<I", content, 4)
    end = 8 + size + size % 2
    if 8 + size > len(content):
        yield Damage(Code.MEDIA_TRUNCATED, f"it declares {8 + size:,} bytes and holds {len(content):,}")
    chunks = list(read_chunks(content, 12, min(end, len(content)), "<"))
    edits: set[Edit] = set()
    for note in _parts(content, chunks):
        yield note
        edits.update(note.edits if isinstance(note, Private) else ())
    if len(content) > end and content[end:].strip(b"\0"):
        yield Private("trailing-data", (Edit(end, len(content)),))
    if edits:
        yield Edit(4, 8, struct.pack("<I", size - sum(_removed_bytes(edit) for edit in edits)))
        yield from _flags(content, chunks, edits)


def _parts(content: bytes, chunks: Sequence[Chunk]) -> Notes:
    for chunk in chunks:
        if chunk.name == b"ANMF":
            yield from _frame(content, chunk)
        elif chunk.name not in _KEPT:
            names, replacement = _essential(content, chunk)
            stop = min(chunk.end + chunk.size % 2, len(content))
            yield from (Private(name, (Edit(chunk.start, stop, replacement),)) for name in names)


def _frame(content: bytes, frame: Chunk) -> Notes:
    """Yield what is in a frame of an animation and does not belong there; its own size changes with that."""
    end, removed = min(frame.end + frame.size % 2, len(content)), 0
    for chunk in read_chunks(content, frame.body + _FRAME_HEADER_BYTES, end, "<"):
        if chunk.name not in _FRAME_KEPT:
            edit = Edit(chunk.start, min(chunk.end + chunk.size % 2, end))
            removed += _removed_bytes(edit)
            yield Private(name_of(chunk.name), (edit,))
    if removed:
        yield Edit(frame.start + 4, frame.body, struct.pack("<I", end - frame.body - removed))


def _essential(content: bytes, chunk: Chunk) -> tuple[tuple[str, ...], bytes]:
    """Return the names of what is private in a chunk, and what is to stay of it: an orientation."""
    if chunk.name != b"EXIF":
        return (name_of(chunk.name),), b""
    exif = read_exif(content[chunk.body : chunk.end].removeprefix(b"Exif\0\0"))
    if exif.orientation is None:
        return exif.names, b""
    block = orientation_block(exif.orientation, is_byte=exif.is_byte)
    return exif.names, b"EXIF" + struct.pack("<I", len(block)) + block


def _removed_bytes(edit: Edit) -> int:
    return edit.end - edit.start - len(edit.replacement or b"")


def _flags(content: bytes, chunks: Sequence[Chunk], edits: Iterable[Edit]) -> Notes:
    """Yield the header's flags without those for chunks that are gone."""
    gone = {edit.start for edit in edits if not edit.replacement}
    left = {chunk.name for chunk in chunks if chunk.start not in gone}
    flags = content[20] & ~sum(flag for name, flag in _FLAGS.items() if name not in left)
    if content[12:16] == b"VP8X" and flags != content[20]:
        yield Edit(20, 21, bytes([flags]))
