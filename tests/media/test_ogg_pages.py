"""Ogg pages out of order, and comments in every place where streams keep them."""

import io
import struct
import time
import zlib

import av
import numpy as np
import pytest
import soundfile

from assurai_datasets.media import clean_media, probe_media
from assurai_datasets.media.containers import apply_edits, survey

SECRET = b"secret-of-hong"


def checksum(page):
    """The CRC of RFC 3533, bit by bit of a table: polynomial 0x04c11db7, start 0, no reflection."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return struct.pack("<I", value)


def make_page(packets, *, serial=1, number=0, flags=0, position=0, cut=False):
    """A page of whole packets, or of the beginning of one where it is cut."""
    body, lacing = b"".join(packets), b""
    for packet in packets:
        lacing += b"\xff" * (len(packet) // 255) + (b"" if cut else bytes([len(packet) % 255]))
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qII", position, serial, number) + bytes(4)
    page = head + bytes([len(lacing)]) + lacing + body
    return page[:22] + checksum(page) + page[26:]


def pages_of(content):
    pages, at = [], 0
    while at < len(content):
        count = content[at + 26]
        end = at + 27 + count + sum(content[at + 27 : at + 27 + count])
        pages.append(content[at:end])
        at = end
    return pages


def comments(*texts, vendor=b"Lavf62.3.100"):
    parts = [struct.pack("<I", len(text)) + text for text in texts]
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(parts)) + b"".join(parts)


def cleaned_of(content):
    """What survey and edits make of a file, with nothing left to remove."""
    found = survey(content, "ogg")
    assert found.private
    cleaned = apply_edits(content, found.edits)
    assert SECRET not in cleaned
    assert survey(cleaned, "ogg").private == ()
    assert all(page[22:26] == checksum(page) for page in pages_of(cleaned))
    return cleaned


@pytest.fixture
def vorbis():
    """The pages of four seconds of noise."""
    file, noise = io.BytesIO(), np.random.default_rng(1).uniform(-0.3, 0.3, 64_000).astype(np.float32)
    soundfile.write(file, noise, 16_000, format="OGG")
    return pages_of(file.getvalue())


def test_a_page_that_is_missing_twice_there_or_in_another_place_is_refused(vorbis, codes_of):
    assert len(vorbis) > 5
    orders = ([0, 1, 3, 4], [0, 1, 2, 2, 3, 4], [0, 1, 3, 2, 4])
    for order in orders:
        content = b"".join([*(vorbis[index] for index in order), *vorbis[5:]])
        assert codes_of(probe_media(content, fast=True)) == ["media-unreadable"]


def test_chained_and_multiplexed_streams_are_in_order(vorbis, codes_of):
    whole = b"".join(vorbis)
    assert survey(whole + whole, "ogg").faults == ()
    other = [make_page([b"x" * 40], serial=7, number=3 + index, flags=2 * (index == 0)) for index in range(3)]
    other[-1] = make_page([b"x" * 40], serial=7, number=5, flags=4)
    mixed = b"".join([vorbis[0], other[0], vorbis[1], other[1], vorbis[2], other[2], *vorbis[3:]])
    assert survey(mixed, "ogg").faults == ()


def test_bytes_behind_the_last_page_go(vorbis, codes_of):
    plain = b"".join(vorbis)
    assert codes_of(probe_media(plain + SECRET)) == ["media-header-malformed", "media-metadata-private"]
    assert clean_media(plain + SECRET) == (plain, ("trailing-data",))


def test_comments_of_speex_go():
    head = make_page([b"Speex   1.2.1".ljust(80, b"\0")], flags=2)
    rest = make_page([comments(b"artist=" + SECRET)], number=1) + make_page([b"x"], number=2, flags=4)
    assert survey(head + rest, "ogg").private == ("vorbis-comment",)
    assert len(cleaned_of(head + rest)) == len(head + rest)


@pytest.mark.parametrize("joined", [False, True])
def test_pictures_and_comments_go_from_flac_in_ogg(make_clip, make_tone, joined):
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        stream = container.add_stream("flac", rate=16_000, layout="mono")
        tone = (make_tone()[:, 0] * 32_767).astype("int16")
        for start in range(0, len(tone), 4_000):
            frame = av.AudioFrame.from_ndarray(tone[None, start : start + 4_000], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 16_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    first, _, *others = pages_of(file.getvalue())
    picture = b"\0\0\0\3\0\0\0\0" + struct.pack(">I", len(SECRET)) + SECRET + bytes(20)
    blocks = [b"\x04" + struct.pack(">I", len(body))[1:] + body for body in (comments(b"artist=" + SECRET),)]
    blocks.append(b"\x86" + struct.pack(">I", len(picture))[1:] + picture)
    serial = struct.unpack_from("<I", first, 14)[0]
    headers = [blocks] if joined else [[block] for block in blocks]
    pages = [make_page(packets, serial=serial, number=1 + index) for index, packets in enumerate(headers)]
    later = [make_page_again(page, number=1 + len(pages) + index) for index, page in enumerate(others)]
    dirty = first.replace(b"\x7fFLAC\x01\x00\x00\x01", b"\x7fFLAC\x01\x00\x00\x02")
    dirty = dirty[:22] + checksum(dirty) + dirty[26:] + b"".join([*pages, *later])
    cleaned, removed = clean_media(dirty)
    assert removed == ("picture", "vorbis-comment")
    assert cleaned == cleaned_of(dirty)
    assert probe_media(cleaned).samples == 8000


def make_page_again(page, *, number):
    page = page[:18] + struct.pack("<I", number) + page[22:]
    return page[:22] + checksum(page) + page[26:]


def test_a_vendor_that_is_no_program_goes_for_good():
    head, tags = make_page([b"OpusHead" + bytes(11)], flags=2), comments(vendor=SECRET)
    cleaned_of(head + make_page([b"OpusTags" + tags], number=1, flags=4))


def test_text_behind_the_last_comment_goes():
    head, tags = make_page([b"OpusHead" + bytes(11)], flags=2), comments() + SECRET
    cleaned_of(head + make_page([b"OpusTags" + tags], number=1, flags=4))


def interleaved(streams):
    """Streams whose comments fill two pages each, one after the other."""
    tags = b"OpusTags" + comments(b"artist=" + SECRET.ljust(600, b"x"))
    serials = range(1, streams + 1)
    pages = [make_page([b"OpusHead" + bytes(11)], serial=serial, flags=2) for serial in serials]
    pages += [make_page([tags[:510]], serial=serial, number=1, cut=True) for serial in serials]
    pages += [make_page([tags[510:]], serial=serial, number=2, flags=5) for serial in serials]
    return b"".join(pages)


def test_comments_of_streams_that_alternate_all_go():
    content = interleaved(2)
    assert content.count(SECRET) == 2
    assert len({zlib.crc32(cleaned_of(content)) for _ in range(3)}) == 1
    starts = [edit.start for edit in survey(content, "ogg").edits]
    assert len(set(starts)) == len(starts) == 4


def test_comments_of_many_streams_cost_no_more_than_their_pages():
    content = interleaved(300)
    start = time.monotonic()
    found = survey(content, "ogg")
    assert time.monotonic() - start < 2
    assert sum(len(edit.replacement) for edit in found.edits) < len(content)
