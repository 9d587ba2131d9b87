"""The rules of PNG about which chunks there are, and in which order; Pillow knows few of them."""

from collections.abc import Iterator, Sequence

from assurai_datasets.media.containers.png_chunks import HEADER_BYTES, Chunk, Header, read_header
from assurai_datasets.media.containers.survey import spell_name

_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_ANCILLARY = 0x20
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_LENGTHS = {b"cHRM": 32, b"gAMA": 4, b"pHYs": 9, b"sRGB": 1, b"acTL": 8, b"fcTL": 26, b"oFFs": 9, b"sTER": 1}
_KEY_COLOUR_BYTES = {0: 2, 2: 6}
_PALETTE, _GREYS = 3, (0, 4)


def find_disorder(content: bytes, chunks: Sequence[Chunk]) -> str | None:
    """Return the first rule that the chunks of a whole file break, in words, or None."""
    return next(_disorder(content, chunks), None)


def _disorder(content: bytes, chunks: Sequence[Chunk]) -> Iterator[str]:
    kinds = [chunk.kind for chunk in chunks]
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") > 1 or chunks[0].length != HEADER_BYTES:
        yield f"it does not begin with one header IHDR of {HEADER_BYTES} bytes"
        return
    header = read_header(chunks[0].body(content))
    yield from _header(header)
    yield from _names(kinds)
    if b"IDAT" not in kinds:
        yield "it holds no picture"
        return
    if chunks[-1].length:
        yield "its end chunk IEND is not empty"
    first, pieces = kinds.index(b"IDAT"), kinds.count(b"IDAT")
    if kinds[first : first + pieces] != [b"IDAT"] * pieces:
        yield "other chunks stand between those of its pixels"
    yield from _palette(header, chunks, first)
    yield from _lengths(header, chunks)
    yield from _animation(content, chunks, first)


def _header(header: Header) -> Iterator[str]:
    if header.depth not in _DEPTHS.get(header.colour, ()):
        yield f"its header declares colour type {header.colour} of {header.depth} bits"
    if header.compression or header.filtering or header.interlace > 1:
        yield "its header declares a way of compression, filtering or interlacing that does not exist"


def _names(kinds: Sequence[bytes]) -> Iterator[str]:
    for kind in kinds:
        if not kind.isalpha():
            yield f"a chunk has the name {spell_name(kind)}, which is not four letters"
        elif not kind[0] & _ANCILLARY and kind not in _CRITICAL:
            yield f"the chunk {spell_name(kind)} is critical and unknown"


def _palette(header: Header, chunks: Sequence[Chunk], first_pixels: int) -> Iterator[str]:
    places = [index for index, chunk in enumerate(chunks) if chunk.kind == b"PLTE"]
    if header.colour == _PALETTE and not places:
        yield "its palette PLTE is missing"
    if places and (len(places) > 1 or places[0] > first_pixels or header.colour in _GREYS):
        yield "its palette PLTE stands where none belongs"
    for index in places:
        length = chunks[index].length
        if length % 3 or not 0 < length <= 3 * 256:
            yield f"its palette PLTE has {length:,} bytes"


def _lengths(header: Header, chunks: Sequence[Chunk]) -> Iterator[str]:
    key = _KEY_COLOUR_BYTES.get(header.colour)
    lengths = _LENGTHS if key is None else {**_LENGTHS, b"tRNS": key}
    for chunk in chunks:
        if chunk.length != lengths.get(chunk.kind, chunk.length):
            yield f"its chunk {spell_name(chunk.kind)} has {chunk.length:,} bytes, not {lengths[chunk.kind]}"


def _animation(content: bytes, chunks: Sequence[Chunk], first_pixels: int) -> Iterator[str]:
    """Yield where chunks of an animation would never be shown, and keep what nobody sees."""
    kinds = [chunk.kind for chunk in chunks]
    if _ANIMATION.isdisjoint(kinds):
        return
    if kinds.count(b"acTL") != 1 or kinds.index(b"acTL") > first_pixels:
        yield "it holds frames and does not begin as an animation"
        return
    declared = int.from_bytes(chunks[kinds.index(b"acTL")].body(content)[:4], "big")
    if declared != kinds.count(b"fcTL"):
        yield f"it declares {declared:,} frames and holds {kinds.count(b'fcTL'):,}"
    parts = [kind for kind in kinds if kind in (b"IDAT", b"fcTL", b"fdAT")]
    for before, after in zip(parts, (*parts[1:], b""), strict=True):
        if before == b"fcTL" and after not in (b"IDAT", b"fdAT"):
            yield "a frame has no pixels"
        if before == b"IDAT" and after == b"fdAT":
            yield "a frame has no header"
    yield from _first_frame(parts)


def _first_frame(parts: Sequence[bytes]) -> Iterator[str]:
    if b"fdAT" in parts and b"fdAT" in parts[: parts.index(b"IDAT")]:
        yield "a frame stands before the picture"
