"""Ogg (RFC 3533): pages with checksums, and the comment packet of each stream."""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private, is_program
from assurai_datasets.media.containers.vorbis import private_comments, without_comments
from assurai_datasets.schema.codes import Code

_COMMENT_HEADS = (b"\x03vorbis", b"OpusTags", b"\x81theora")
_FLAC_COMMENT = 4
_BEGIN, _END = 0x02, 0x04
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Page(NamedTuple):
    """A page: where it starts, where its body lies, its flags, its stream, and the lengths of its segments."""

    start: int
    body: int
    end: int
    flags: int
    stream: int
    lacing: bytes


@dataclass(slots=True)
class _Packet:
    """A packet while it is put together: the stretches of the file it lies in."""

    stretches: list[tuple[int, int]] = field(default_factory=list)

    def bytes_of(self, content: bytes) -> bytes:
        return b"".join(content[start:end] for start, end in self.stretches)


def survey_ogg(content: bytes) -> Notes:
    """Yield damage and private metadata of an Ogg file."""
    pages = []
    at = 0
    while at < len(content):
        page = _page(content, at)
        if page is None or page.end > len(content):
            damage = _damage_at(content, at, page)
            yield damage
            if damage.code != Code.MEDIA_HEADER_MALFORMED:
                return
            break
        if _checksum(content[page.start : page.end]) != content[at + 22 : at + 26]:
            yield Damage(Code.MEDIA_UNREADABLE, f"the page at byte {at:,} does not match its checksum")
            return
        pages.append(page)
        at = page.end
    yield from _stream_ends(pages)
    yield from _comments(content, pages)


def _page(content: bytes, at: int) -> Page | None:
    if content[at : at + 4] != b"OggS":
        return None
    flags, _, stream = struct.unpack_from("<BqI", content, at + 5)
    count = content[at + 26]
    lacing = content[at + 27 : at + 27 + count]
    body = at + 27 + count
    return Page(at, body, body + sum(lacing), flags, stream, lacing)


def _damage_at(content: bytes, at: int, page: Page | None) -> Damage:
    if page is not None:
        return Damage(Code.MEDIA_TRUNCATED, "it ends inside a page")
    if content.find(b"OggS", at) < 0:
        return Damage(Code.MEDIA_HEADER_MALFORMED, f"{len(content) - at:,} bytes follow its last page")
    return Damage(Code.MEDIA_UNREADABLE, f"there is no page at byte {at:,}, where one should be")


def _checksum(page: bytes) -> bytes:
    """Ogg's CRC runs over mirrored bits and without inversion; zlib's table does the work all the same."""
    mirrored = (page[:22] + b"\0\0\0\0" + page[26:]).translate(_MIRROR)
    value = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{value:032b}"[::-1], 2).to_bytes(4, "little")


def _stream_ends(pages: list[Page]) -> Notes:
    last = {page.stream: page for page in pages}
    if any(not page.flags & _END for page in last.values()):
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "the mark of its last page is missing")


def _comments(content: bytes, pages: list[Page]) -> Notes:
    """Yield the comment packets; cleaned ones keep their length, so that only the checksums of their pages change."""
    for packet in _comment_packets(content, pages):
        body = packet.bytes_of(content)
        head = next((head for head in _COMMENT_HEADS if body.startswith(head)), body[:4])
        if all(is_program(value) for value in private_comments(body[len(head) :])):
            continue
        cleaned = head + without_comments(body[len(head) :])
        yield Private("vorbis-comment", tuple(_page_edits(content, pages, packet, cleaned)))


def _comment_packets(content: bytes, pages: list[Page]) -> Iterator[_Packet]:
    """Yield the second packet of every stream that has a comment there."""
    open_packets: dict[int, tuple[int, _Packet]] = {}
    for page in pages:
        if page.flags & _BEGIN:
            open_packets[page.stream] = (0, _Packet())
        if page.stream not in open_packets:
            continue
        index, packet = open_packets[page.stream]
        at = page.body
        for length in page.lacing:
            packet.stretches.append((at, at + length))
            at += length
            if length < 255:
                if index == 1 and _is_comment(packet.bytes_of(content)):
                    yield packet
                index, packet = index + 1, _Packet()
            if index > 1:
                break
        if index > 1:
            del open_packets[page.stream]
        else:
            open_packets[page.stream] = (index, packet)


def _is_comment(body: bytes) -> bool:
    return body.startswith(_COMMENT_HEADS) or (len(body) > 4 and body[0] & 0x7F == _FLAC_COMMENT)


def _page_edits(content: bytes, pages: list[Page], packet: _Packet, cleaned: bytes) -> Iterator[Edit]:
    """Yield the pages a packet lies in, with its bytes replaced and the checksums made anew."""
    first, last = packet.stretches[0][0], packet.stretches[-1][1]
    at = bisect_right(pages, first, key=lambda page: page.start) - 1
    start = pages[at].start
    end = next(page.end for page in pages[at:] if page.end >= last)
    image = bytearray(content[start:end])
    done = 0
    for begin, stop in packet.stretches:
        image[begin - start : stop - start] = cleaned[done : done + stop - begin]
        done += stop - begin
    for page in islice(pages, at, None):
        if page.start >= end:
            return
        whole = bytes(image[page.start - start : page.end - start])
        yield Edit(page.start, page.end, whole[:22] + _checksum(whole) + whole[26:])
