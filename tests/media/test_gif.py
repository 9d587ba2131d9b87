"""GIF files with data that nobody sees, and with colours that do not exist."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

SECRET = b"secret-of-hong"
WIDTH, HEIGHT = 32, 24
PIXELS = [(x // 4 + y // 3) % 8 for y in range(HEIGHT) for x in range(WIDTH)]


def blocks(*parts):
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def code_pixels(pixels):
    """Code pixels of three bits in codes of four, cleared before the codes would grow."""
    codes = [code for at in range(0, len(pixels), 6) for code in (8, *pixels[at : at + 6])] + [9]
    packed = sum(code << 4 * index for index, code in enumerate(codes)).to_bytes(len(codes) // 2 + 1, "little")
    return b"\3" + blocks(*(packed[at : at + 255] for at in range(0, len(packed), 255)))


def palette(colours):
    return bytes(index * 37 % 256 for index in range(3 * colours))


def extension(label, *parts):
    return bytes((0x21, label)) + blocks(*parts)


def head(flags=0x82, colours=8):
    return b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, flags, 0, 0) + palette(colours)


def picture(flags=0, colours=0):
    return b"\x2c" + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, flags) + palette(colours) + code_pixels(PIXELS)


CONTROL = extension(0xF9, b"\0\x0a\0\0")
LOOP = extension(0xFF, b"NETSCAPE2.0", b"\1\3\0")
PROFILE = (struct.pack(">I", 128) + bytes(32) + b"acsp").ljust(128, b"\0")
PLAIN = head() + LOOP + CONTROL + picture() + CONTROL + picture() + b";"
HIDDEN = {
    "an unknown extension": (extension(0xAB, SECRET), b""),
    "a text beside the picture": (extension(1, bytes(12), SECRET), b""),
    "blocks behind the loop": (extension(0xFF, b"NETSCAPE2.0", b"\1\3\0", SECRET), LOOP),
    "bytes behind the loop": (extension(0xFF, b"NETSCAPE2.0", b"\1\3\0" + SECRET), LOOP),
    "a second loop in one": (extension(0xFF, b"ANIMEXTS1.0", b"\1\3\0", b"\1hi", SECRET), None),
    "bytes in a control": (extension(0xF9, b"\0\x0a\0\0" + SECRET), CONTROL),
    "blocks behind a control": (extension(0xF9, b"\0\x0a\0\0", SECRET), CONTROL),
    "a profile that is none": (extension(0xFF, b"ICCRGBG1012", SECRET), b""),
    "bytes behind a profile": (
        extension(0xFF, b"ICCRGBG1012", PROFILE, SECRET),
        extension(0xFF, b"ICCRGBG1012", PROFILE),
    ),
}


@pytest.mark.parametrize(("dirty", "clean"), HIDDEN.values(), ids=HIDDEN)
def test_what_nobody_sees_goes_from_a_gif(dirty, clean):
    content = head() + dirty + picture() + CONTROL + picture() + b";"
    assert probe_media(content).private
    cleaned, removed = clean_media(content)
    assert removed
    assert SECRET not in cleaned
    if clean is not None:
        assert cleaned == head() + clean + picture() + CONTROL + picture() + b";"
    assert clean_media(cleaned) == (cleaned, ())
    assert [np.asarray(each).tolist() for each in frames_of(content)] == [
        np.asarray(each).tolist() for each in frames_of(cleaned)
    ]


def frames_of(content):
    with Image.open(io.BytesIO(content)) as image:
        for index in range(image.n_frames):
            image.seek(index)
            yield image.convert("RGBA")


@pytest.mark.parametrize("colours", [4, 8, 16, 64, 256])
@pytest.mark.parametrize("noisy", [False, True])
def test_what_stands_behind_the_last_code_of_a_picture_goes_from_a_gif(colours, noisy):
    shape = (150, 200)
    levels = np.random.default_rng(1).integers(0, colours, shape) if noisy else np.indices(shape).sum(0) % colours
    file = io.BytesIO()
    Image.fromarray((levels * (255 // (colours - 1))).astype(np.uint8)).quantize(colours).save(file, "GIF")
    plain = file.getvalue()
    assert plain.endswith(b"\0;")
    assert clean_media(plain) == (plain, ())
    dirty = plain[:-2] + blocks(SECRET, SECRET) + b";"
    cleaned, removed = clean_media(dirty)
    assert removed == ("hidden-data",)
    assert SECRET not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    assert len(cleaned) <= len(plain)


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        head() + extension(0xFF, b"NETSCAPE2.0", b"\1\3\0", b"\2\0\0\1\0") + picture() + b";",
        head() + extension(0xFF, b"ICCRGBG1012", PROFILE[:99], PROFILE[99:]) + picture() + b";",
        head(0, 0) + picture(0x82, 8) + b";",
    ],
)
def test_what_is_seen_stays_byte_for_byte(content):
    assert not probe_media(content).is_refused
    assert clean_media(content) == (content, ())


@pytest.mark.parametrize(
    "content",
    [
        head(0, 0) + picture() + b";",
        head(0x80, 2) + picture() + b";",
        head() + picture().replace(code_pixels(PIXELS), b"\0" + code_pixels(PIXELS)[1:]) + b";",
    ],
    ids=["no palette", "a short palette", "codes of no bits"],
)
def test_a_gif_of_colours_that_do_not_exist_is_unreadable(content, codes_of):
    assert "media-unreadable" in codes_of(probe_media(content))


def test_a_see_through_colour_need_not_be_in_the_palette(codes_of):
    see_through = extension(0xF9, b"\1\0\0\7")
    pixels = [value if value < 4 else 7 for value in PIXELS]
    shown = b"\x2c" + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0) + code_pixels(pixels)
    assert codes_of(probe_media(head(0x81, 4) + see_through + shown + b";")) == []
