"""The orientation that Pillow reads is the one that stays."""

import io
import struct
from itertools import product

import pytest
from PIL import Image

from assurai_datasets.media import clean_media, probe_media

BYTE, SHORT, LONG, SIGNED_SHORT, FLOAT = 1, 3, 4, 8, 11
LETTERS = {BYTE: "B3x", SHORT: "H2x", LONG: "I", SIGNED_SHORT: "h2x", FLOAT: "f"}


def block_of(*, order="<", kind=SHORT, magic=None, declared=2, behind=b""):
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] if magic is None else magic
    maker = struct.pack(f"{order}HHII", 271, 2, 4, 0x41424300)
    turn = struct.pack(f"{order}HHI{LETTERS[kind]}", 274, kind, 1, 6)
    return head + struct.pack(f"{order}IH", 8, declared) + maker + turn + behind


BLOCKS = [block_of(order=order, kind=kind) for order, kind in product("<>", LETTERS)]
BLOCKS += [block_of(declared=9), block_of(declared=9, behind=b"\0" * 7), block_of(declared=1)]
BLOCKS += [block_of(magic=magic) for magic in (b"II\0\0", b"II*\1", b"XX*\0", b"MM\0*", b"II\0*", b"")]


def jpeg_with(plain, block):
    body = b"Exif\0\0" + block
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]


def turned(content):
    with Image.open(io.BytesIO(content)) as image:
        try:
            value = image.getexif().get(274)
        except SyntaxError:
            return 1
        return value if isinstance(value, int) else 1


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("block", BLOCKS)
def test_a_picture_is_turned_after_cleaning_as_before(make_picture, block):
    dirty = jpeg_with(make_picture("JPEG"), block)
    cleaned, removed = clean_media(dirty)
    assert "exif" in removed
    assert turned(cleaned) == turned(dirty)
    assert clean_media(cleaned) == (cleaned, ())


@pytest.mark.parametrize("block", [block_of(kind=LONG), block_of(declared=9)])
def test_an_orientation_that_is_oddly_written_stays(make_picture, block):
    dirty = jpeg_with(make_picture("JPEG"), block)
    assert probe_media(clean_media(dirty).content).orientation == 6


def test_an_orientation_of_one_byte_stays_for_readers_that_take_it(make_picture):
    cleaned, _ = clean_media(jpeg_with(make_picture("JPEG"), block_of(kind=BYTE)))
    assert struct.pack("<HHIB", 274, BYTE, 1, 6) in cleaned
