"""WebP files: chunks inside the frames of an animation, odd names, and pictures whose data end in zeros."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

SECRET = b"secret-of-hong"


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def in_last_frame(content, *chunks):
    """An animation whose last frame holds more chunks."""
    at = content.rindex(b"ANMF")
    frame = chunk(b"ANMF", content[at + 8 :] + b"".join(chunks))
    return content[:4] + struct.pack("<I", at + len(frame) - 8) + content[8:at] + frame


def added(content, *chunks):
    body = content[8:] + b"".join(chunks)
    return content[:4] + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("options", [{}, {"lossless": True}])
@pytest.mark.parametrize(
    ("chunks", "names"),
    [
        ([chunk(b"abcd", SECRET)], ("abcd",)),
        ([chunk(b"EXIF", SECRET + b"!")], ("exif",)),
        ([chunk(b"XMP ", SECRET), chunk(b"abcd", SECRET)], ("abcd", "xmp")),
    ],
)
def test_what_does_not_belong_in_a_frame_goes_from_a_webp(make_picture, options, chunks, names):
    plain = make_picture("WEBP", frames=3, **options)
    dirty = in_last_frame(plain, *chunks)
    assert probe_media(dirty).private == names
    assert clean_media(dirty) == (plain, names)


def test_xmp_under_a_name_of_its_own_is_xmp(make_picture):
    plain = make_picture("WEBP", exif=b"")
    found = probe_media(added(plain, chunk(b"XMP\0", SECRET)))
    assert (found.has_xmp, found.private) == (True, ("xmp",))


def test_names_of_chunks_are_printable(make_picture, codes_of):
    found = probe_media(added(make_picture("WEBP"), chunk(b"\x1b[2J", SECRET), chunk("홍".encode() + b"\n", SECRET)))
    assert codes_of(found) == ["media-metadata-private"]
    assert len(found.private) == 2
    assert all(text.isascii() and text.isprintable() for text in (*found.private, found.faults[0].message))


@pytest.mark.parametrize(
    ("options", "levels", "flat"),
    [({"quality": 20, "method": 0}, 256, 255), ({"lossless": True, "method": 0}, 2, 0)],
)
def test_data_of_a_flat_lower_part_may_end_in_many_zeros(options, levels, flat, codes_of):
    """Which is why a tail of zeros says nothing about a WebP."""
    pixels = np.full((240, 320, 3), flat, np.uint8)
    pixels[:120] = np.random.default_rng(1).integers(0, levels, (120, 320, 3)) * (255 // (levels - 1))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", **options)
    assert file.getvalue().endswith(bytes(64))
    assert codes_of(probe_media(file.getvalue())) == []
