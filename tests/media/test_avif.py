"""What an AVIF needs to show its picture stays, and everything else goes."""

import struct
import time

import numpy as np
import pytest

from assurai_datasets.media import clean_media, probe_media
from tests.media.test_clean import SECRET, XMP, assert_clean, box, exif_block, pixels_of

HIDDEN = SECRET.encode()
FULL = bytes(4)


def boxes_of(content, at=0, end=None):
    end = len(content) if end is None else end
    while at < end:
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, at, at + (size or end - at)
        at += size or end - at


def find(content, *path):
    """Where the box at the end of a path stands; `meta` has four bytes before its first box."""
    at, end = 0, len(content)
    for kind in path:
        start, end = next((at, end) for name, at, end in boxes_of(content, at, end) if name == kind)
        at = start + (12 if kind == b"meta" else 8)
    return start, end


def grown(content, path, new):
    """The file with one more box at the end of one at a path, and the offsets of its items moved."""
    _, end = find(content, *path)
    data = bytearray(content)
    for depth in range(len(path)):
        start, _ = find(content, *path[: depth + 1])
        struct.pack_into(">I", data, start, struct.unpack_from(">I", data, start)[0] + len(new))
    start, stop = find(content, b"meta", b"iloc")
    assert content[start + 8 : start + 14] == b"\0\0\0\0\x44\0"
    for at in range(start + 16, stop, 14):
        struct.pack_into(">I", data, at + 6, struct.unpack_from(">I", data, at + 6)[0] + len(new))
    data[end:end] = new
    return bytes(data)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (b"mpvd", "mpvd"),
        (b"abcd", "abcd"),
        (b"free", "unreferenced-data"),
        (b"skip", "unreferenced-data"),
        (b"mdat", "unreferenced-data"),
        (b"ftyp", "ftyp"),
        (b"moov", "moov"),
    ],
)
def test_a_box_that_the_picture_does_not_need_goes(make_picture, kind, name):
    dirty = make_picture("AVIF") + box(kind, HIDDEN)
    cleaned, removed = assert_clean(dirty)
    assert removed == {name}
    assert len(cleaned) == len(dirty)
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


def test_a_position_behind_the_picture_goes(make_picture):
    dirty = make_picture("AVIF") + box(b"udta", box(b"\xa9xyz", b"\0\x0e\x15\xc7" + HIDDEN))
    assert probe_media(dirty).has_gps
    assert assert_clean(dirty)[1] == {"gps", "tags"}


def test_bytes_behind_the_last_box_go(make_picture):
    content = make_picture("AVIF")
    assert clean_media(content + b"Hong") == (content + bytes(4), ("trailing-data",))


def test_data_behind_a_last_box_without_a_size_goes(make_picture):
    content = make_picture("AVIF")
    start, _ = find(content, b"mdat")
    assert assert_clean(content[:start] + bytes(4) + content[start + 4 :] + HIDDEN)[1] == {"unreferenced-data"}


@pytest.mark.parametrize("path", [(b"meta",), (b"meta", b"iprp", b"ipco")])
@pytest.mark.parametrize("kind", [b"udta", b"uuid", b"xml ", b"free", b"udes"])
def test_a_box_among_the_descriptions_that_none_is_goes(make_picture, path, kind):
    dirty = grown(make_picture("AVIF"), path, box(kind, bytes(16), HIDDEN))
    cleaned, _ = assert_clean(dirty)
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


def test_a_name_given_to_an_item_goes(make_picture):
    dirty = make_picture("AVIF").replace(b"Color\0", b"Hong!\0")
    cleaned, removed = clean_media(dirty)
    assert removed == ("item-name",)
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


def test_what_is_left_of_exif_and_xmp_is_empty_and_well_formed(make_picture):
    dirty = make_picture("AVIF", exif=exif_block(), xmp=XMP)
    assert "gps" in probe_media(dirty).private
    cleaned, removed = assert_clean(dirty)
    assert removed == {"exif", "gps", "xmp"}
    found = probe_media(cleaned)
    assert (found.has_exif, found.has_gps, found.has_xmp, found.faults) == (False, False, False, ())
    assert b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>  " in cleaned


def test_a_sequence_stays_but_for_its_times(make_picture):
    content = make_picture("AVIF", frames=3)
    cleaned, removed = clean_media(content)
    assert set(removed) <= {"time"}
    assert np.array_equal(pixels_of(content), pixels_of(cleaned))


def items_of(count, size, *, same):
    names = b"".join(
        box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", 1 if same else index, 0, b"mime"), b"\0")
        for index in range(1 if same else count)
    )
    places = b"".join(struct.pack(">HHHII", 1 if same else index, 0, 1, 0, size) for index in range(count))
    return box(
        b"meta",
        FULL,
        box(b"iinf", FULL, struct.pack(">H", 1 if same else count), names),
        box(b"iloc", FULL, struct.pack(">HH", 0x4400, count), places),
    )


@pytest.mark.parametrize("same", [True, False])
def test_items_that_all_name_the_whole_file_cost_little(same, codes_of):
    size = 2 << 20
    content = box(b"ftyp", b"avif", FULL, b"avif") + items_of(40_000, size, same=same)
    content += box(b"mdat", b"x" * (size - len(content) - 8))
    start = time.monotonic()
    assert "media-unreadable" in codes_of(probe_media(content))
    assert time.monotonic() - start < 2


def test_boxes_without_end_cost_little(make_picture, codes_of):
    start = time.monotonic()
    assert "media-unreadable" in codes_of(probe_media(make_picture("AVIF") + box(b"free") * 500_000))
    assert time.monotonic() - start < 2
