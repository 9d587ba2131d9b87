"""PNG (W3C, third edition): damage, private metadata, and what Pillow is to decode of a file."""

import zlib
from collections.abc import Sequence

from assurai_datasets.media.containers.exif import Exif, orientation_block, read_exif
from assurai_datasets.media.containers.png_chunks import Chunk, make_chunk, read_chunks
from assurai_datasets.media.containers.png_order import find_disorder
from assurai_datasets.media.containers.png_texts import TEXTS, Profile, last_profile, name_text
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, apply_edits, spell_name
from assurai_datasets.schema.codes import Code

_KEPT = frozenset(
    b"tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs acTL fcTL fdAT sTER oFFs".split()
)
_ANCILLARY = 0x20


def survey_png(content: bytes) -> Notes:
    """Yield damage and private metadata of a PNG file."""
    chunks, damage = _sound_chunks(content)
    yield from _private(content, chunks)
    if damage is not None:
        yield damage
        return
    if not chunks or chunks[-1].kind != b"IEND":
        yield Damage(Code.MEDIA_TRUNCATED, "the end chunk IEND is missing")
        return
    if (disorder := find_disorder(content, chunks)) is not None:
        yield Damage(Code.MEDIA_UNREADABLE, disorder)
    if content[chunks[-1].end :].strip(b"\0\r\n"):
        yield Private("trailing-data", (Edit(chunks[-1].end, len(content)),))


def decodable_png(content: bytes) -> bytes:
    """Return a PNG without its texts, for which Pillow refuses a picture if they are long; a build removes them.

    An orientation that stands in a text is kept.
    """
    chunks = [chunk for chunk in read_chunks(content) if chunk.end <= len(content)]
    profile = _turning_profile(chunks, content)
    edits = [_text_edit(chunk, profile) for chunk in chunks if chunk.kind in TEXTS]
    return apply_edits(content, edits)


def _sound_chunks(content: bytes) -> tuple[list[Chunk], Damage | None]:
    """Return the chunks before the first damaged one, and what is wrong with that."""
    chunks: list[Chunk] = []
    for chunk in read_chunks(content):
        if (damage := _damage(chunk, content)) is not None:
            return chunks, damage
        chunks.append(chunk)
    return chunks, None


def _damage(chunk: Chunk, content: bytes) -> Damage | None:
    if chunk.end > len(content):
        return Damage(Code.MEDIA_TRUNCATED, f"it ends inside the chunk {spell_name(chunk.kind)}")
    checksum = int.from_bytes(content[chunk.end - 4 : chunk.end], "big")
    if zlib.crc32(memoryview(content)[chunk.start + 4 : chunk.end - 4]) != checksum:
        return Damage(Code.MEDIA_UNREADABLE, f"the chunk {spell_name(chunk.kind)} does not match its checksum")
    return None


def _private(content: bytes, chunks: Sequence[Chunk]) -> Notes:
    profile = _turning_profile(chunks, content)
    for chunk in chunks:
        if chunk.kind == b"eXIf":
            exif = read_exif(chunk.body(content))
            for name in exif.names:
                yield Private(name, (Edit(chunk.start, chunk.end, _exif_chunk(exif)),))
        elif chunk.kind in TEXTS:
            for name in _text_names(chunk, content, profile):
                yield Private(name, (_text_edit(chunk, profile),))
        elif chunk.kind[0] & _ANCILLARY and chunk.kind not in _KEPT:
            name = "time" if chunk.kind == b"tIME" else spell_name(chunk.kind)
            yield Private(name, (Edit(chunk.start, chunk.end),))


def _turning_profile(chunks: Sequence[Chunk], content: bytes) -> Profile | None:
    """Return the EXIF block among the texts; it turns the picture only where no chunk eXIf does."""
    profile = last_profile(chunks, content)
    if profile is not None and any(chunk.kind == b"eXIf" for chunk in chunks):
        return Profile(profile.chunk, profile.exif._replace(orientation=None))
    return profile


def _text_names(chunk: Chunk, content: bytes, profile: Profile | None) -> tuple[str, ...]:
    if profile is not None and chunk == profile.chunk:
        return profile.exif.names or ("exif",)
    name = name_text(chunk, content)
    return () if name is None else (name,)


def _text_edit(chunk: Chunk, profile: Profile | None) -> Edit:
    turning = profile is not None and chunk == profile.chunk
    return Edit(chunk.start, chunk.end, _exif_chunk(profile.exif) if profile and turning else b"")


def _exif_chunk(exif: Exif) -> bytes:
    if exif.orientation is None:
        return b""
    return make_chunk(b"eXIf", orientation_block(exif.orientation, is_byte=exif.is_byte))
