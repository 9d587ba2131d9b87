"""AVIF: the boxes that a picture or a sequence needs, and everything else, which is overwritten where it stands."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from assurai_datasets.media.containers.boxes import Box, boxes_inside, free_box, spell, survey_handler, survey_tree
from assurai_datasets.media.containers.heif import Stretch, read_items, read_places, survey_items
from assurai_datasets.media.containers.survey import Damage, MalformedError, Notes, Private, blank, is_program
from assurai_datasets.media.containers.timed_metadata import blank_samples
from assurai_datasets.schema.codes import Code

_META = frozenset({b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"iref", b"idat", b"dinf", b"grpl"})
_PROPERTIES = frozenset(
    b"av1C av1M ispe pixi colr pasp irot imir clap auxC a1op a1lx lsel clli mdcv cclv amve rloc ndwt reve".split()
)
_FREE = frozenset({b"free", b"skip"})
_MOST_CHUNKS = 200_000


def survey_avif(content: bytes) -> Notes:
    """Yield damage and private metadata of an AVIF file, still or sequence."""
    found = boxes_inside(content, 0, len(content))
    end = found[-1].end
    if end > len(content):
        yield Damage(Code.MEDIA_TRUNCATED, f"the box {spell(found[-1].kind)!r} is cut")
        return
    needed = _needed(content, found)
    for box in found:
        if box.kind != b"mdat" and needed.get(box.kind) != box:
            yield from _freed(content, box)
    if content[end:].strip(b"\0"):
        yield Private("trailing-data", (blank(end, len(content)),))
    yield from _pictures(content, needed, [box for box in found if box.kind == b"mdat"])


def _needed(content: bytes, found: list[Box]) -> dict[bytes, Box]:
    """Return the boxes that describe the picture: the first of each kind, and `moov` of a sequence only."""
    first = {box.kind: box for box in reversed(found)}
    brands = content[first[b"ftyp"].body : first[b"ftyp"].end] if b"ftyp" in first else b""
    kinds = (b"ftyp", b"meta", b"moov") if b"avis" in brands else (b"ftyp", b"meta")
    return {kind: first[kind] for kind in kinds if kind in first}


def _freed(content: bytes, box: Box) -> Notes:
    """Yield a box that no picture needs, unless it is empty or names the program that left it."""
    body = content[box.body : box.end]
    if not body.strip(b"\0"):
        return
    if box.kind not in _FREE:
        yield from free_box(content, box)
    elif not is_program(body):
        yield Private("unreferenced-data", (blank(box.body, box.end),))


def _pictures(content: bytes, needed: Mapping[bytes, Box], stores: list[Box]) -> Notes:
    used: list[Stretch] = []
    if (meta := needed.get(b"meta")) is not None:
        children = _children(content, meta, skipped=4)
        inner = {box.kind: box for box in reversed(children)}
        places = _places(content, inner)
        yield from _descriptions(content, children)
        yield from _items(content, inner, places)
        used += (part for parts in places.values() for part in parts)
        stores = [*stores, *(box for box in children if box.kind == b"idat")]
    if (movie := needed.get(b"moov")) is not None:
        yield from survey_tree(content, movie)
        if b"stz2" in content[movie.body : movie.end]:  # sizes of samples in a form that nobody reads here
            return
        used += _samples(content, movie)
    yield from _unused(content, stores, used)


def _children(content: bytes, parent: Box, *, skipped: int = 0) -> list[Box]:
    found = boxes_inside(content, parent.body + skipped, parent.end)
    if found and found[-1].end > parent.end:
        raise MalformedError(f"the box {spell(found[-1].kind)!r} leaves the box around it")
    return found


def _descriptions(content: bytes, children: Iterable[Box]) -> Notes:
    for box in children:
        if box.kind not in _META:
            yield from _freed(content, box)
        elif box.kind == b"hdlr":
            yield from survey_handler(content, box)
        elif box.kind == b"iprp":
            yield from _properties(content, box)


def _properties(content: bytes, parent: Box) -> Notes:
    for box in _children(content, parent):
        for inner in _children(content, box) if box.kind == b"ipco" else ():
            if inner.kind not in _PROPERTIES:
                yield from _freed(content, inner)


def _places(content: bytes, inner: Mapping[bytes, Box]) -> dict[int, list[Stretch]]:
    data = inner[b"idat"].body if b"idat" in inner else 0
    return read_places(content, inner[b"iloc"], data) if b"iloc" in inner else {}


def _items(content: bytes, inner: Mapping[bytes, Box], places: Mapping[int, list[Stretch]]) -> Notes:
    if any(part.end > len(content) for parts in places.values() for part in parts):
        yield Damage(Code.MEDIA_TRUNCATED, "parts of its picture lie beyond the end of the file")
    elif b"iinf" in inner:
        yield from survey_items(content, read_items(content, inner[b"iinf"]), places)


def _samples(content: bytes, movie: Box) -> Iterator[Stretch]:
    for box in _children(content, movie):
        if box.kind == b"trak":
            for index, edit in enumerate(blank_samples(content, box.body, box.end)):
                if index == _MOST_CHUNKS:
                    raise MalformedError(f"a track in more than {_MOST_CHUNKS:,} chunks")
                yield Stretch(edit.start, edit.end)


def _unused(content: bytes, stores: Iterable[Box], used: Iterable[Stretch]) -> Notes:
    """Yield what lies in the stores of data and belongs to no item and no sample."""
    gaps = deque(_gaps(used, len(content)))
    for store in sorted(stores, key=lambda box: box.body):
        while gaps and gaps[0].start < store.end:
            start, end = max(gaps[0].start, store.body), min(gaps[0].end, store.end)
            if start < end and content[start:end].strip(b"\0"):
                yield Private("unreferenced-data", (blank(start, end),))
            if gaps[0].end > store.end:
                break
            gaps.popleft()


def _gaps(used: Iterable[Stretch], end: int) -> Iterator[Stretch]:
    at = 0
    for part in sorted((*used, Stretch(end, end))):
        if part.start > at:
            yield Stretch(at, part.start)
        at = max(at, part.end)
