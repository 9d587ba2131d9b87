"""RIFF (AVI, and what WAV and WebP need): chunks, their sizes, and the ones that tell of people."""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from assurai_datasets.media.containers.stretches import Stretch, remove_stretches
from assurai_datasets.media.containers.survey import (
    Damage,
    Edit,
    EndlessError,
    Notes,
    Private,
    blank,
    bounded,
    is_program,
    spell_name,
)
from assurai_datasets.schema.codes import Code

_UNKNOWN = 0xFFFFFFFF
_PADDING = frozenset({b"JUNK", b"junk"})
_AVI_KEPT = _PADDING | frozenset(
    b"LIST:hdrl|LIST:strl|LIST:movi|LIST:odml|LIST:rec |idx1|avih|strh|strf|strd|indx|dmlh|vprp".split(b"|")
)
_AVI_LISTS = frozenset({b"LIST:hdrl", b"LIST:odml", b"LIST:strl"})
_MAX_DEPTH = 2
_NAMES = {b"LIST:INFO": "info", b"XMP": "xmp", b"_PMX": "xmp"}


_STREAM_LIST = re.compile(rb"LIST....strl", re.DOTALL)
_STREAM_CHUNKS = (b"db", b"dc", b"pc", b"wb", b"tx", b"sb")
_OTHER_CHUNKS = frozenset({b"LIST", b"idx1"}) | _PADDING
_INDEX_STUB = re.compile(rb"(\x04\0[\0\1][\0\1]\0{4}\d\d[a-z]{2}|odmldmlh\xf8\0{3})\0*")
"""What FFmpeg leaves in the padding that it keeps free for an index of indexes."""
_MOST_CHUNKS = 3_000_000
"""Chunks of data in one file: four hours of 60 frames and 100 packets of sound a second are half as many."""
_HEAD = struct.Struct("<4sI")
_PRINTABLE = re.compile(rb"[ -~]{4}")
_HOLE = b""
"""The name of a stretch between chunks."""


class Chunk(NamedTuple):
    """A chunk: its name (`LIST:INFO` for a list), where it starts, where its body lies, and the size it declares."""

    name: bytes
    start: int
    body: int
    end: int
    size: int


def survey_avi(content: bytes) -> Notes:
    """Yield damage and private metadata of an AVI file, which may be a row of RIFF forms."""
    at = 0
    movies = list[Chunk]()
    for at, end in bounded(_forms(content)):
        yield from _level(content, at + 12, min(end, len(content)), movies)
        at = end
    yield from _movies(content, movies)
    if at < len(content) and content[at:].strip(b"\0"):
        yield Private("trailing-data", (Edit(at, len(content)),))


def read_chunks(content: bytes, at: int, end: int, order: str) -> Iterator[Chunk]:
    """Return the chunks of a stretch; the last one may reach beyond its end."""
    return bounded(_chunks(content, at, end, order))


def chunk_at(content: bytes, at: int, order: str) -> Chunk:
    """Return the chunk that begins at a place."""
    name, size = struct.unpack_from(f"{order}4sI", content, at)
    if size == _UNKNOWN and name == b"data" and content[12:16] == b"ds64":
        (size,) = struct.unpack_from(f"{order}Q", content, 28)
    if name == b"LIST":
        name += b":" + content[at + 8 : at + 12]
    return Chunk(name, at, at + 8, at + 8 + size, size)


def discard_stretches(stretches: Iterable[Stretch], order: str) -> Notes:
    """Yield stretches of whole chunks as private metadata, to become padding of the same size; nothing moves."""

    def pad(start: int, end: int) -> tuple[Edit, ...]:
        return Edit(start, start + 8, struct.pack(f"{order}4sI", b"JUNK", end - start - 8)), blank(start + 8, end)

    return remove_stretches(stretches, pad)


def names_programs(content: bytes, chunk: Chunk, order: str) -> bool:
    """Return whether a chunk is a list of texts that only name the program that wrote the file."""
    if chunk.name != b"LIST:INFO":
        return False
    at, end = chunk.body + 4, min(chunk.end, len(content))
    while at + 8 <= end:
        inner = chunk_at(content, at, order)
        if inner.name != b"ISFT" or not is_program(content[inner.body : min(inner.end, end)]):
            return False
        at = inner.end + inner.size % 2
    return not content[at:end].strip(b"\0")


def name_of(name: bytes) -> str:
    """Return what to call the metadata in a chunk of a name."""
    plain = name.strip(b" \0")
    return _NAMES.get(plain, spell_name(plain).lower() or "unnamed-chunk")


def _chunks(content: bytes, at: int, end: int, order: str) -> Iterator[Chunk]:
    """Yield the chunks of a stretch; the last one may reach beyond its end."""
    while at + 8 <= end:
        chunk = chunk_at(content, at, order)
        yield chunk
        at = chunk.end + chunk.size % 2


def _forms(content: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while content[at : at + 4] == b"RIFF":
        (size,) = struct.unpack_from("<I", content, at + 4)
        end = at + 8 + size + size % 2
        yield at, end
        at = end


def _level(content: bytes, at: int, end: int, movies: list[Chunk], depth: int = 0) -> Notes:
    """Yield what the chunks of an AVI list hold, and those of the header lists among them; gather lists of data."""
    chunks = list(read_chunks(content, at, end, "<"))
    movies += [chunk._replace(end=min(chunk.end, end)) for chunk in chunks if chunk.name == b"LIST:movi"]
    for chunk in chunks:
        if chunk.end > end:
            yield Damage(Code.MEDIA_TRUNCATED, f"the chunk {spell_name(chunk.name)!r} is cut")
        if chunk.name in _AVI_LISTS and depth < _MAX_DEPTH:
            yield from _level(content, chunk.body + 4, min(chunk.end, end), movies, depth + 1)
        elif chunk.name in _PADDING:
            yield from _padding(content, chunk.body, min(chunk.end, end))
    yield from discard_stretches(
        (
            Stretch(name_of(chunk.name), chunk.start, min(chunk.end + chunk.size % 2, end))
            for chunk in chunks
            if chunk.name not in _AVI_KEPT and not names_programs(content, chunk, "<")
        ),
        "<",
    )


def _padding(content: bytes, start: int, end: int) -> Notes:
    """Yield what stands in padding, unless it is the name of a program or the beginning of an index."""
    body = content[start:end]
    if body.strip(b"\0") and not is_program(body) and not _INDEX_STUB.fullmatch(body):
        yield Private("padding", (blank(start, end),))


def _movies(content: bytes, movies: list[Chunk]) -> Notes:
    """Yield what stands between the pictures and the sound: padding that holds anything, and unknown chunks."""
    header = content[: movies[0].start] if movies else b""
    streams = min(len(_STREAM_LIST.findall(header)), 100)
    known = frozenset(b"%02d%b" % (number, kind) for number in range(streams) for kind in _STREAM_CHUNKS)
    known |= {b"ix%02d" % number for number in range(streams)}
    unknown, stray = list[Stretch](), 0
    for name, start, end in bounded(_other_chunks(content, movies, known)):
        if name in _PADDING:
            yield from _padding(content, start + 8, end)
        elif name == _HOLE:
            stray += len(content[start:end].strip(b"\0"))
        elif name not in _OTHER_CHUNKS:
            unknown.append(Stretch(name_of(name), start, end))
    yield from discard_stretches(unknown, "<")
    if stray:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"{stray:,} bytes among its data belong to no chunk")


def _other_chunks(content: bytes, movies: list[Chunk], known: frozenset[bytes]) -> Iterator[tuple[bytes, int, int]]:
    """Yield what lists of data hold that is no data of a stream; lists in them count as if they were none."""
    left = _MOST_CHUNKS
    some_known = re.compile(b"|".join(sorted(known)) or rb"(?!)")
    for movie in movies:
        at, end = movie.body + 4, movie.end
        while at + 8 <= end:
            name, size = _HEAD.unpack_from(content, at)
            if name in known:
                at += 8 + size + (size & 1)
            elif content[at - 1 : at + 3] in known:  # the byte that makes a length even was left out
                at -= 1
            elif _PRINTABLE.fullmatch(name) and at + 8 + size <= end:
                after = at + 12 if name == b"LIST" else at + 8 + size + (size & 1)
                yield name, at, min(after, end)
                at = after
            else:
                found = some_known.search(content, at, end)
                yield _HOLE, at, found.start() if found else end
                at = found.start() if found else end
            left -= 1
            if left < 0:
                raise EndlessError(f"it consists of more than {_MOST_CHUNKS:,} chunks of data")
