"""BMP files: damage that Pillow passes over, and data beside the pixels."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

SECRET = b"secret-of-hong"
WIDTH, HEIGHT = 33, 20
V5 = 124


def rows():
    return b"".join(
        bytes((x * 7 + y * band) % 256 for x in range(WIDTH) for band in (5, 6, 7)) + b"\0" for y in range(HEIGHT)
    )


def bmp(pixels, *, depth=24, compression=0, palette=b"", header=40, masks=b"", gap=b"", tail=b"", pixels_at=None):
    fields = struct.pack(
        "<IiiHHIIiiII", header, WIDTH, HEIGHT, 1, depth, compression, len(pixels), 2835, 2835, len(palette) // 4, 0
    )
    fields = (fields + masks).ljust(header, b"\0")
    at = 14 + header + len(palette) + len(gap)
    size = at + len(pixels) + len(tail)
    start = b"BM" + struct.pack("<IHHI", size, 0, 0, at if pixels_at is None else pixels_at)
    return start + fields + palette + gap + pixels + tail


def runs(depth, *, padding, end=b"\0\1"):
    """Runs of one colour a row, with as many columns too many as `padding`."""
    return (
        b"".join(bytes((WIDTH + padding, (y % 4) * (17 if depth == 4 else 1))) + b"\0\0" for y in range(HEIGHT)) + end
    )


def profile_fields(kind, offset, size):
    return (bytes(16) + kind).ljust(V5 - 40 - 12, b"\0") + struct.pack("<III", offset, size, 0)


def pixels_of(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


PALETTE = bytes(range(64))
PROFILE = (struct.pack(">I", 140) + bytes(32) + b"acsp").ljust(140, b"p")
PLAIN = bmp(rows())


@pytest.mark.parametrize(("depth", "compression", "padding"), [(8, 1, 0), (8, 1, 3), (4, 2, 0), (4, 2, 7)])
def test_runs_may_reach_into_the_padding_of_a_row(depth, compression, padding, codes_of):
    """ImageMagick codes the padding: 324 columns for a picture of 321."""
    content = bmp(runs(depth, padding=padding), depth=depth, compression=compression, palette=PALETTE)
    assert codes_of(probe_media(content)) == []


@pytest.mark.parametrize(
    ("depth", "compression", "padding", "end"), [(8, 1, 4, b"\0\1"), (4, 2, 8, b"\0\1"), (8, 1, 0, b"")]
)
def test_runs_that_leave_the_picture_or_lack_their_end_are_unreadable(depth, compression, padding, end, codes_of):
    content = bmp(runs(depth, padding=padding, end=end), depth=depth, compression=compression, palette=PALETTE)
    assert codes_of(probe_media(content)) == ["media-unreadable"]


HIDDEN = {
    "behind the pixels": (bmp(rows(), tail=b"PK\3\4" + SECRET), {"trailing-data"}),
    "behind the runs": (bmp(runs(8, padding=0) + SECRET, depth=8, compression=1, palette=PALETTE), {"trailing-data"}),
    "before the pixels": (bmp(rows(), gap=SECRET), {"hidden-data"}),
    "a path of a profile": (
        bmp(rows(), header=V5, masks=profile_fields(b"KNIL", V5 + len(rows()), len(SECRET)), tail=SECRET),
        {"profile-path", "trailing-data"},
    ),
    "a profile that is none": (
        bmp(rows(), header=V5, masks=profile_fields(b"DEBM", V5, len(SECRET)), gap=SECRET),
        {"profile-path", "hidden-data"},
    ),
    "between pixels and profile": (
        bmp(rows(), header=V5, masks=profile_fields(b"DEBM", V5 + len(rows()) + 14, 140), tail=SECRET + PROFILE),
        {"hidden-data"},
    ),
}


@pytest.mark.parametrize(("dirty", "names"), HIDDEN.values(), ids=HIDDEN)
def test_what_nobody_sees_goes_from_a_bmp(dirty, names):
    cleaned, removed = clean_media(dirty)
    assert set(removed) == names
    assert SECRET not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    assert struct.unpack_from("<I", cleaned, 2) == (len(cleaned),)
    assert np.array_equal(pixels_of(dirty), pixels_of(cleaned))


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN + b"\0\0",
        bmp(rows(), header=V5, masks=profile_fields(b"DEBM", V5, 140), gap=PROFILE),
        bmp(rows(), header=V5, masks=profile_fields(b"DEBM", V5 + len(rows()), 140), tail=PROFILE),
    ],
)
def test_a_bmp_with_nothing_but_pixels_and_a_profile_stays_byte_for_byte(content):
    assert probe_media(content).faults == ()
    assert clean_media(content) == (content, ())


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_bmp_without_its_last_bytes_is_truncated(missing, codes_of):
    assert "media-truncated" in codes_of(probe_media(PLAIN[:-missing]))


@pytest.mark.parametrize("pixels_at", [0, 30, 53])
def test_pixels_inside_the_header_are_malformed(pixels_at, codes_of):
    assert "media-header-malformed" in codes_of(probe_media(bmp(rows(), pixels_at=pixels_at)))


def test_a_cut_bmp_whose_header_gives_the_size_of_its_pixels_is_told_to_be_truncated_alone():
    whole = bytearray(PLAIN)
    size = len(whole) - struct.unpack_from("<I", whole, 10)[0]
    struct.pack_into("<I", whole, 34, size + 100_000)
    (fault,) = (fault for fault in probe_media(bytes(whole)).faults if "pixels" in fault.message)
    assert (fault.code, fault.message) == (
        "media-header-malformed",
        f"its header declares {size + 100_000:,} bytes of pixels, {size:,} are there",
    )
    (fault,) = (fault for fault in probe_media(bytes(whole[:-7])).faults if "pixels" in fault.message)
    found = f"its header declares {size:,} bytes of pixels, {size - 7:,} are there"
    assert (fault.code, fault.message) == ("media-truncated", found)
