"""Ogg (RFC 3533): pages with checksums and numbers, and the comment packets of each stream."""

import struct
import zlib
from typing import NamedTuple

from assurai_datasets.media.containers.ogg_packets import PacketReader
from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private
from assurai_datasets.schema.codes import Code

_BEGIN, _END = 0x02, 0x04
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """A page: where it lies, its flags, its stream and number, and the lengths of its segments."""

    start: int
    body: int
    end: int
    flags: int
    stream: int
    number: int
    lacing: bytes


def survey_ogg(content: bytes) -> Notes:
    """Yield damage and private metadata of an Ogg file."""
    at = 0
    last: dict[int, Page] = {}
    packets = PacketReader(content)
    while content.startswith(b"OggS", at):
        page = _page(content, at)
        if (damage := _page_damage(content, page, last.get(page.stream))) is not None:
            yield damage
            return
        if page.flags & _BEGIN:
            packets.begin(page.stream)
        packets.add(page.stream, page.start, page.end, page.body, page.lacing)
        last[page.stream] = page
        at = page.end
    if any(not page.flags & _END for page in last.values()):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "the mark of its last page is missing")
    for name in sorted(packets.names):
        yield Private(name, ())
    for start, changed in packets.changed.items():
        whole = bytes(changed)
        yield Edit(start, start + len(whole), whole[:22] + _checksum(whole) + whole[26:])
    yield from _rest(content, at)


def _page(content: bytes, at: int) -> Page:
    flags, _, stream, number = struct.unpack_from("<BqII", content, at + 5)
    count = content[at + 26]
    lacing = content[at + 27 : at + 27 + count]
    body = at + 27 + count
    return Page(at, body, body + sum(lacing), flags, stream, number, lacing)


def _page_damage(content: bytes, page: Page, before: Page | None) -> Damage | None:
    if page.end > len(content):
        return Damage(Code.MEDIA_TRUNCATED, "it ends inside a page")
    if _checksum(content[page.start : page.end]) != content[page.start + 22 : page.start + 26]:
        return Damage(Code.MEDIA_UNREADABLE, f"the page at byte {page.start:,} does not match its checksum")
    if before is not None and not page.flags & _BEGIN and page.number != (before.number + 1) & 0xFFFFFFFF:
        found = f"the page at byte {page.start:,} is number {page.number:,} of its stream and follows {before.number:,}"
        return Damage(Code.MEDIA_UNREADABLE, found)
    return None


def _checksum(page: bytes) -> bytes:
    """Ogg's CRC runs over mirrored bits and without inversion; zlib's table does the work all the same."""
    mirrored = (page[:22] + b"\0\0\0\0" + page[26:]).translate(_MIRROR)
    value = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{value:032b}"[::-1], 2).to_bytes(4, "little")


def _rest(content: bytes, at: int) -> Notes:
    """Yield what follows the last page that could be found."""
    if at == len(content):
        return
    if content.find(b"OggS", at) >= 0:
        yield Damage(Code.MEDIA_UNREADABLE, f"there is no page at byte {at:,}, where one should be")
        return
    yield Damage(Code.MEDIA_HEADER_MALFORMED, f"{len(content) - at:,} bytes follow its last page")
    if content[at:].strip(b"\0"):
        yield Private("trailing-data", (Edit(at, len(content)),))
