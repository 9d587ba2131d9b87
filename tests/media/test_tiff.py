"""What a TIFF needs to show its picture stays, everything else goes, and what is missing is told."""

import io
import struct
import time

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from assurai_datasets.media import clean_media, probe_media
from assurai_datasets.media.containers import apply_edits, survey
from tests.media.test_clean import SECRET, assert_clean, pixels_of

HIDDEN = SECRET.encode()
WIDTH, HEIGHT = 40, 30
PIXELS = bytes((x * 5 + y * 3) % 256 for y in range(HEIGHT) for x in range(WIDTH))
BYTE, TEXT, SHORT, LONG, DOUBLE = 1, 2, 3, 4, 12
BASIC = {256: WIDTH, 257: HEIGHT, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: HEIGHT, 279: len(PIXELS)}


def entry(tag, kind, count, value):
    form = {BYTE: "B3x", SHORT: "H2x"}.get(kind, "I") if count == 1 else "I"
    return struct.pack(f"<HHI{form}", tag, kind, count, value)


def folder(*entries):
    return struct.pack("<H", len(entries)) + b"".join(entry(*each) for each in sorted(entries)) + bytes(4)


def tiff_of(*extra, behind=b"", pixels=PIXELS, tail=b"", **changed):
    """A grey picture of 40 x 30 pixels; values of the extra tags count from the start of what lies behind the tags."""
    tags = BASIC | {int(name[1:]): value for name, value in changed.items()}
    data = 8 + 6 + 12 * (len(tags) + len(extra))
    tags[273] = tags[273] or data + len(behind)
    entries = [(tag, LONG, 1, value) for tag, value in tags.items()]
    moved = [(tag, kind, count, value + data) for tag, kind, count, value in extra]
    return struct.pack("<2sHI", b"II", 42, 8) + folder(*entries, *moved) + behind + pixels + tail


def saved(draw, tags, *, kinds=None, **options):
    directory = ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory.tagtype[tag] = (kinds or {}).get(tag, TEXT)
        directory[tag] = value
    file = io.BytesIO()
    draw().save(file, "TIFF", tiffinfo=directory, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        (42112, "text"),
        (50838, "text"),
        (333, "text"),
        (337, "device"),
        (50735, "device"),
        (50827, "device"),
        (37510, "exif"),
        (34737, "gps"),
        (65000, "tags"),
        (282, "tags"),
    ],
)
def test_a_tag_that_the_picture_does_not_need_goes(draw, tag, name):
    dirty = saved(draw, {tag: SECRET})
    cleaned, removed = assert_clean(dirty)
    assert removed == {name}
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


def test_a_position_in_the_words_of_maps_goes(draw):
    tie_point = (0.0, 0.0, 0.0, 126.978, 37.5665, 0.0)
    dirty = saved(draw, {33550: (0.1, 0.1, 0.0), 33922: tie_point}, kinds={33550: DOUBLE, 33922: DOUBLE})
    assert probe_media(dirty).has_gps
    cleaned, removed = clean_media(dirty)
    assert removed == ("gps",)
    assert struct.pack("<d", 37.5665) not in cleaned


def test_a_second_picture_behind_the_first_one_goes_with_its_tags():
    at = 8 + 6 + 12 * 10
    inner = folder((256, LONG, 1, 1), (315, TEXT, len(HIDDEN), at + 30))
    dirty = tiff_of((330, LONG, 1, 0), behind=inner + HIDDEN)
    _, removed = assert_clean(dirty)
    assert removed == {"further-pictures"}


@pytest.mark.parametrize("inner", [34853, 40965, 37500])
def test_what_a_directory_inside_exif_points_to_goes(inner):
    at = 8 + 6 + 12 * 10
    behind = folder((inner, LONG, 1, at + 18)) + folder((1, TEXT, len(HIDDEN), at + 36)) + HIDDEN
    _, removed = assert_clean(tiff_of((34665, LONG, 1, 0), behind=behind))
    assert removed == ({"exif", "gps"} if inner == 34853 else {"exif"})


def test_tags_go_where_a_page_is_a_jpeg_file_of_the_old_kind(make_picture):
    thumbnail = make_picture("JPEG", size=(32, 16))
    plain = tiff_of((315, TEXT, len(HIDDEN), 0), behind=HIDDEN)
    at = len(plain)
    page = (
        (256, LONG, 1, 32),
        (257, LONG, 1, 16),
        (259, LONG, 1, 6),
        (513, LONG, 1, at + 66),
        (514, LONG, 1, len(thumbnail)),
    )
    dirty = bytearray(plain + folder(*page) + thumbnail)
    struct.pack_into("<I", dirty, 8 + 2 + 12 * 10, at)
    found = survey(bytes(dirty), "tiff")
    cleaned = apply_edits(bytes(dirty), found.edits)
    assert (found.private, HIDDEN in cleaned, cleaned.endswith(thumbnail)) == (("author",), False, True)


def test_values_that_lie_in_each_other_go_whole():
    behind = b"x" * 20 + HIDDEN.ljust(30, b"\0")
    _, removed = assert_clean(tiff_of((315, TEXT, 24, 0), (33432, TEXT, 40, 10), behind=behind))
    assert removed == {"author", "copyright"}


@pytest.mark.parametrize(
    ("parts", "name"), [({"tail": HIDDEN}, "trailing-data"), ({"behind": HIDDEN}, "unreferenced-data")]
)
def test_bytes_that_no_tag_refers_to_go(parts, name):
    dirty = tiff_of(**parts)
    cleaned, removed = assert_clean(dirty)
    assert removed == {name}
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


def test_a_description_that_is_the_pixels_goes_without_them():
    plain = tiff_of((270, TEXT, 1200, 0))
    cleaned, removed = clean_media(plain)
    assert removed == ("text",)
    assert np.array_equal(pixels_of(plain), pixels_of(cleaned))


PAGES = {"save_all": True, "append_images": [Image.new("L", (9, 7), 3)]}


@pytest.mark.parametrize(
    ("modes", "options"),
    [
        (["1", "L", "P", "I;16", "F", "RGBA", "CMYK", "YCbCr", "LAB"], {}),
        (["1", "L", "P", "I;16", "F", "RGBA", "CMYK"], {"compression": "tiff_lzw"}),
        (["L", "RGB", "CMYK"], {"compression": "jpeg"}),
        (["1"], {"compression": "group4"}),
        (["L", "RGB"], PAGES | {"big_tiff": True}),
        (["L", "RGB"], PAGES | {"compression": "tiff_lzw"}),
        (["L", "RGB"], {"strip_size": 500, "dpi": (72, 72), "tiffinfo": {305: "Pillow 13.0"}}),
    ],
)
def test_what_a_picture_needs_stays_byte_for_byte(draw, modes, options):
    for mode in modes:
        picture = draw((40, 30)).convert("I").convert(mode) if mode == "I;16" else draw((40, 30)).convert(mode)
        file = io.BytesIO()
        picture.save(file, "TIFF", **options)
        found = survey(file.getvalue(), "tiff")
        assert (found.faults, found.private, found.edits) == ((), (), ())


@pytest.mark.parametrize(
    "broken",
    [
        {"_278": 10},
        {"_279": 600},
        {"_279": 0},
        {"_273": 4},
        {"_273": 20},
        {"_273": 5_000_000},
        {"pixels": PIXELS[:-1]},
    ],
)
def test_a_picture_that_lacks_strips_or_bytes_is_truncated(broken, codes_of):
    assert codes_of(probe_media(tiff_of())) == []
    assert "media-truncated" in codes_of(probe_media(tiff_of(**broken)))


def test_a_value_beyond_the_end_of_the_file_is_truncated(codes_of):
    assert "media-truncated" in codes_of(probe_media(tiff_of((318, LONG, 2, 100_000))))


def test_a_tile_less_than_the_size_needs_is_truncated(codes_of):
    tags = {tag: value for tag, value in BASIC.items() if tag not in (273, 278, 279)}
    entries = [(tag, LONG, 1, value) for tag, value in tags.items()]
    for count, codes in ((6, []), (5, ["media-truncated"])):
        data = 8 + 6 + 12 * 10
        tables = struct.pack(f"<{count}I", *(data + 8 * count + 256 * i for i in range(count)))
        sizes = struct.pack(f"<{count}I", *[256] * count)
        tiles = [(322, LONG, 1, 16), (323, LONG, 1, 16), (324, LONG, count, data), (325, LONG, count, data + 4 * count)]
        content = struct.pack("<2sHI", b"II", 42, 8) + folder(*entries, *tiles) + tables + sizes
        found = survey(content + bytes(range(256)) * count, "tiff")
        assert [fault.code.value for fault in found.faults] == codes


def test_a_jpeg_strip_without_its_end_is_truncated(make_picture, codes_of):
    content = bytearray(make_picture("TIFF", compression="jpeg"))
    content[content.rindex(b"\xff\xd9", 0, struct.unpack_from("<I", content, 4)[0])] = 0
    assert "media-truncated" in codes_of(probe_media(bytes(content)))


def tables_that_all_name_one(folders, strips):
    tables = 8 + 30 * folders
    chain = b"".join(
        folder((273, LONG, strips, tables), (279, LONG, strips, tables))[:-4]
        + struct.pack("<I", 8 + 30 * (index + 1) if index + 1 < folders else 0)
        for index in range(folders)
    )
    return struct.pack("<2sHI", b"II", 42, 8) + chain + bytes(4 * strips)


def exif_pointers(outer, inner):
    at = 8 + 6 + 12 * outer
    pointers = folder(*[(34665, LONG, 1, at)] * outer)
    return struct.pack("<2sHI", b"II", 42, 8) + pointers + folder(*((40000 + i, TEXT, 100, at) for i in range(inner)))


def long_programs(count, size):
    return (struct.pack("<2sHI", b"II", 42, 8) + folder(*[(305, TEXT, size - 1, 1)] * count)).ljust(size, b"a")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(exif_pointers(1000, 1000), id="pointers to one directory"),
        pytest.param(tables_that_all_name_one(5000, 40_000), id="strips of one table"),
        pytest.param(long_programs(4096, 4 << 20), id="programs as long as the file"),
    ],
)
def test_structures_that_share_their_bytes_cost_little(content):
    start = time.monotonic()
    assert probe_media(content).is_refused
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("at", [2**40, 2**63, 2**64 - 1])
def test_a_directory_beyond_any_file_is_told(at, codes_of):
    found = probe_media(struct.pack("<2sHHHQ", b"II", 43, 8, 0, at) + bytes(64))
    assert "media-truncated" in codes_of(found)


def test_values_beyond_any_file_are_told(make_picture, codes_of):
    content = bytearray(make_picture("TIFF", big_tiff=True))
    (at,) = struct.unpack_from("<Q", content, 8)
    for index in range(struct.unpack_from("<Q", content, at)[0]):
        odd = content.copy()
        struct.pack_into("<QQ", odd, at + 12 + 20 * index, 2**63, 2**64 - 1)
        assert probe_media(bytes(odd)).is_refused


def test_the_size_of_a_turned_picture_is_that_before_rotation(make_picture):
    for fast in (True, False):
        found = probe_media(make_picture("TIFF", size=(96, 64), tiffinfo={274: 6}), fast=fast)
        assert (found.width_px, found.height_px, found.orientation) == (96, 64, 6)
