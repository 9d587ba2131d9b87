"""PNG files that break the rules of the format where Pillow is silent, and what is removed from them."""

import binascii
import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

SECRET = b"secret-of-hong"
WIDTH, HEIGHT = 64, 48
ROWS = b"".join(
    b"\0" + bytes((x * 3 + y * 7 + band * 50) % 256 for x in range(WIDTH) for band in range(3)) for y in range(HEIGHT)
)
PACKED = zlib.compress(ROWS)


def chunk(kind, body=b""):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(depth=8, colour=2, compression=0, filtering=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, compression, filtering, interlace))


def png(*chunks):
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def indexed(highest):
    return chunk(
        b"IDAT", zlib.compress((b"\0" + bytes(highest if x % 9 == 0 else x % 16 for x in range(WIDTH))) * HEIGHT)
    )


DATA, PALETTE, END = chunk(b"IDAT", PACKED), chunk(b"PLTE", bytes(range(48))), chunk(b"IEND")
EARLY_FRAME = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0))
LATE_FRAME = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0))


def frames(declared):
    return chunk(b"acTL", struct.pack(">II", declared, 0))


def frame_data(packed=PACKED):
    return chunk(b"fdAT", struct.pack(">I", 2) + packed)


SOUND = {
    "plain": png(header(), DATA, END),
    "a suggested palette": png(header(), PALETTE, DATA, END),
    "a palette": png(header(colour=3), PALETTE, indexed(15), END),
    "pieces": png(header(), chunk(b"IDAT", PACKED[:99]), chunk(b"IDAT"), chunk(b"IDAT", PACKED[99:]), END),
    "frames": png(header(), frames(2), EARLY_FRAME, DATA, LATE_FRAME, frame_data(), END),
    "colours": png(header(), chunk(b"gAMA", bytes(4)), chunk(b"pHYs", bytes(9)), chunk(b"tRNS", bytes(6)), DATA, END),
}
UNREADABLE = {
    "no header": png(DATA, END),
    "a chunk before the header": png(chunk(b"gAMA", bytes(4)), header(), DATA, END),
    "two headers": png(header(), header(), DATA, END),
    "a long header": png(chunk(b"IHDR", header()[8:21] + SECRET), DATA, END),
    "an unknown compression": png(header(compression=1), DATA, END),
    "an unknown filter method": png(header(filtering=1), DATA, END),
    "an unknown interlacing": png(header(interlace=2), DATA, END),
    "a depth without meaning": png(header(depth=4), DATA, END),
    "no palette": png(header(colour=3), indexed(15), END),
    "a palette of 50 bytes": png(header(colour=3), chunk(b"PLTE", bytes(50)), indexed(15), END),
    "a palette of 257 colours": png(header(colour=3), chunk(b"PLTE", bytes(771)), indexed(15), END),
    "a palette behind the pixels": png(header(colour=3), indexed(15), PALETTE, END),
    "a colour beyond the palette": png(header(colour=3), PALETTE, indexed(200), END),
    "an unknown critical chunk": png(header(), chunk(b"SECR", SECRET), DATA, END),
    "a name that is no name": png(header(), chunk(b"a\x1b[J", SECRET), DATA, END),
    "pixels in two places": png(header(), chunk(b"IDAT", PACKED[:99]), PALETTE, chunk(b"IDAT", PACKED[99:]), END),
    "bytes behind the pixels": png(header(), chunk(b"IDAT", PACKED + SECRET), END),
    "a chunk behind the pixels": png(header(), DATA, chunk(b"IDAT", SECRET), END),
    "rows behind the pixels": png(header(), chunk(b"IDAT", zlib.compress(ROWS * 2)), END),
    "a false checksum of the pixels": png(header(), chunk(b"IDAT", PACKED[:-4] + b"abcd"), END),
    "a body of the end": png(header(), DATA, chunk(b"IEND", SECRET)),
    "more frames than declared": png(header(), frames(1), EARLY_FRAME, DATA, LATE_FRAME, frame_data(), END),
    "frames without an animation": png(header(), DATA, frame_data(SECRET), END),
    "bytes behind a frame": png(header(), frames(2), EARLY_FRAME, DATA, LATE_FRAME, frame_data(PACKED + SECRET), END),
    "short chromaticities": png(header(), chunk(b"cHRM", bytes(3)), DATA, END),
    "a short size of pixels": png(header(), chunk(b"pHYs", bytes(3)), DATA, END),
    "a short key colour": png(header(), chunk(b"tRNS", b""), DATA, END),
}
HALF = zlib.compress(ROWS[: len(ROWS) // 2])
TRUNCATED = {
    "half of the rows": png(header(), chunk(b"IDAT", HALF), END),
    "all but a byte": png(header(), chunk(b"IDAT", zlib.compress(ROWS[:-1])), END),
    "no checksum of the pixels": png(header(), chunk(b"IDAT", PACKED[:-4]), END),
    "half of a frame": png(header(), frames(2), EARLY_FRAME, DATA, LATE_FRAME, frame_data(HALF), END),
}


@pytest.mark.parametrize("content", SOUND.values(), ids=SOUND)
def test_a_png_that_keeps_the_rules_is_taken_and_stays_byte_for_byte(content):
    found = probe_media(content)
    assert not found.is_refused
    assert found.decoded
    assert clean_media(content) == (content, ())


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_png_that_breaks_a_rule_is_unreadable(content, codes_of):
    codes = codes_of(probe_media(content))
    assert "media-unreadable" in codes
    assert "media-truncated" not in codes


@pytest.mark.parametrize("content", TRUNCATED.values(), ids=TRUNCATED)
def test_a_png_with_fewer_pixels_than_its_header_says_is_truncated(content, codes_of):
    assert "media-truncated" in codes_of(probe_media(content))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9), (33, 20)])
def test_pixels_of_every_kind_and_size_are_counted_right(make_picture, mode, size):
    if mode == "I;16":
        file = io.BytesIO()
        Image.fromarray(np.arange(size[0] * size[1], dtype=np.uint16).reshape(size[::-1])).save(file, "PNG")
        content = file.getvalue()
    else:
        content = make_picture("PNG", size=size, mode=mode)
    assert not probe_media(content).is_refused


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9), (8, 8), (33, 20)])
def test_interlaced_pixels_are_counted_right(size):
    """The passes are laid out here from the figure in the standard, pixel by pixel."""
    figure = ("16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777")
    packed = bytearray()
    for number in "1234567":
        rows = [[x for x in range(size[0]) if figure[y % 8][x % 8] == number] for y in range(size[1])]
        packed += b"".join(b"\0" + bytes(x * 7 % 256 for x in row) for row in rows if row)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 1))
    assert not probe_media(png(head, chunk(b"IDAT", zlib.compress(packed)), END)).is_refused
    assert probe_media(png(head, chunk(b"IDAT", zlib.compress(packed[:-1])), END)).is_refused
    assert probe_media(png(head, chunk(b"IDAT", zlib.compress(packed + b"a")), END)).is_refused


def long_text(kind, keyword):
    text = zlib.compress(b"a step of a workflow " * 100_000)
    return chunk(kind, keyword + (b"\0\0" if kind == b"zTXt" else b"\0\1\0\0\0") + text)


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize(("kind", "name"), [(b"zTXt", "text"), (b"iTXt", "xmp")])
def test_a_long_text_does_not_make_a_png_unreadable(kind, name, where):
    text = long_text(kind, b"XML:com.adobe.xmp" if name == "xmp" else b"Comment")
    content = png(header(), text, DATA, END) if where == "before" else png(header(), DATA, text, END)
    found = probe_media(content)
    assert (found.is_refused, found.decoded, found.private) == (False, True, (name,))
    assert clean_media(content) == (SOUND["plain"], (name,))


def test_a_colour_profile_longer_than_pillow_takes_is_refused_because_users_read_with_pillow(codes_of):
    profile = random.Random(1).randbytes(1_500_000)
    found = probe_media(png(header(), chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)), DATA, END))
    assert codes_of(found) == ["media-unreadable"]
    assert "too large" in found.faults[0].message


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_an_orientation_in_a_text_is_read_and_kept(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.0)})
    block = exif.tobytes()
    digits = binascii.hexlify(block)
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = b"\nexif\n%8d\n" % len(block) + lines + b"\n"
    flags = {b"tEXt": b"\0", b"zTXt": b"\0\0", b"iTXt": b"\0\0\0\0\0"}[kind]
    body = b"Raw profile type exif" + flags + (zlib.compress(text) if kind == b"zTXt" else text)
    content = png(header(), chunk(kind, body), DATA, END)
    found = probe_media(content)
    assert (found.has_exif, found.has_gps, found.orientation) == (True, True, 6)
    cleaned, removed = clean_media(content)
    assert removed == ("exif", "gps")
    after = probe_media(cleaned)
    assert (after.has_gps, after.orientation, after.private) == (False, 6, ())
    with Image.open(io.BytesIO(cleaned)) as image:
        assert dict(image.getexif()) == {0x0112: 6}


def test_very_many_names_are_told_in_a_few(make_picture):
    made_up = [chunk(bytes([97, 97, 97 + index // 26, 97 + index % 26])) for index in range(600)]
    exif = chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0")
    private = probe_media(png(header(), *made_up, exif, DATA, END)).private
    assert len(private) < 19
    assert {"exif", "others"} <= set(private)
