"""Tags of Matroska and WebM (RFC 9559): which only name programs, count frames or repeat what the streams say."""

import re
from collections.abc import Iterator

from assurai_datasets.media.containers.boxes import HANDLER_NAME
from assurai_datasets.media.containers.ebml import Element, elements
from assurai_datasets.media.containers.survey import is_program

_TAG, _SIMPLE_TAG, _TAG_NAME, _TAG_STRING, _TAG_BINARY = 0x7373, 0x67C8, 0x45A3, 0x4487, 0x4485
_MAX_DEPTH = 4
_NUMBERS = re.compile(rb"[\d:.]*\0*")
_BRANDS = re.compile(
    rb"(isom|iso[2-9a-c]|avc1|hev1|hvc1|av01|mp4[12]|mp71|3g[a-z0-9]{2}|m4[abvp] |qt  |dash|ms(dh|ix|nv)|f4v "
    rb"|cmf[a-z0-9])*\0*",
    re.IGNORECASE,
)
_TECHNICAL = {
    **dict.fromkeys(b"ENCODER|_STATISTICS_WRITING_APP".split(b"|"), is_program),
    **dict.fromkeys(
        b"DURATION|BPS|NUMBER_OF_FRAMES|NUMBER_OF_BYTES|MINOR_VERSION|ALPHA_MODE".split(b"|"),
        _NUMBERS.fullmatch,
    ),
    **dict.fromkeys(b"MAJOR_BRAND|COMPATIBLE_BRANDS".split(b"|"), _BRANDS.fullmatch),
    b"_STATISTICS_TAGS": re.compile(rb"(BPS|DURATION|NUMBER_OF_FRAMES|NUMBER_OF_BYTES|[ \0])*").fullmatch,
    b"VENDOR_ID": re.compile(rb"(\[0\]|FFMP|appl|\0)*").fullmatch,
    b"SOURCE_ID": re.compile(rb"(0x)?[0-9A-Fa-f]*\0*").fullmatch,
}


def is_technical(content: bytes, tags: Element) -> bool:
    """Return whether tags tell nothing about anyone."""
    return all(_tells_nothing(name.upper(), value) for name, value in _simple_tags(content, tags, 0))


def _tells_nothing(name: bytes, value: bytes) -> bool:
    if name == b"HANDLER_NAME":
        return HANDLER_NAME.fullmatch(value) is not None or is_program(value)
    check = _TECHNICAL.get(name) or _TECHNICAL.get(name.split(b"-")[0])
    return check is not None and bool(check(value))


def _simple_tags(content: bytes, parent: Element, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and values of tags; what leaves the element around it or is no text has a name nobody knows."""
    name, value, end = b"", b"", parent.end or parent.body
    for part in elements(content, parent.body, end):
        if part.end is None or part.end > end or depth > _MAX_DEPTH or part.id == _TAG_BINARY:
            yield b"", b""
            return
        if part.id in (_TAG, _SIMPLE_TAG):
            yield from _simple_tags(content, part, depth + 1)
        elif part.id == _TAG_NAME:
            name = content[part.body : part.end].strip(b"\0")
        elif part.id == _TAG_STRING:
            value = content[part.body : part.end]
    if parent.id == _SIMPLE_TAG:
        yield name, value
