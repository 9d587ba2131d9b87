"""Tags before, between and behind the frames of MP3 and FLAC files, in every order programs write them."""

import io
import struct
import time

import numpy as np
import pytest
import soundfile

from assurai_datasets.media import clean_media, probe_media
from assurai_datasets.media.containers import Survey, apply_edits, survey

SECRET = b"secret-of-hong"
LYRICS = b"LYRICSBEGININD0000200EAL00014" + SECRET


def samples_of(content):
    return soundfile.read(io.BytesIO(content))[0]


def id3(*texts, kind=b"TIT2", version=4, footer=False, behind=b""):
    frames = b"".join(kind + struct.pack(">IH", len(text) + 1, 0) + b"\0" + text for text in texts) + behind
    size = bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    head = bytes([version, 0, 0x10 if footer else 0]) + size
    return b"ID3" + head + frames + (b"3DI" + head if footer else b"")


def ape(*, header=True, footer=True):
    item = struct.pack("<II", len(SECRET), 0) + b"Artist\0" + SECRET
    head, foot = (
        b"APETAGEX" + struct.pack("<IIIIQ", 2000, len(item) + 32, 1, flags, 0)
        for flags in (0xA0000000, 0x80000000 if header else 0)
    )
    return (head if header else b"") + item + (foot if footer else b"")


V1 = b"TAG" + SECRET.ljust(125, b"\0")
TAGS_BEHIND = {
    "id3v2 with a footer": id3(SECRET, footer=True),
    "id3v2 without a footer": id3(SECRET),
    "ape": ape(),
    "ape without a header": ape(header=False),
    "ape without a footer": ape(footer=False),
    "ape, then id3v1": ape() + V1,
    "id3v1, then ape": V1 + ape(),
    "ape twice": ape() + ape(),
    "id3v1 twice": V1 + V1,
    "id3v1 extended": b"TAG+" + SECRET.ljust(223, b"\0") + V1,
    "lyrics": LYRICS + b"%06dLYRICS200" % len(LYRICS),
    "lyrics, ape, id3v1": LYRICS + b"%06dLYRICS200" % len(LYRICS) + ape() + V1,
    "old lyrics": b"LYRICSBEGIN" + SECRET + b"LYRICSEND" + V1,
    "text": SECRET,
}


@pytest.mark.parametrize("tags", TAGS_BEHIND.values(), ids=TAGS_BEHIND)
def test_tags_behind_an_mp3_go(make_sound, tags):
    plain = make_sound("MP3")
    cleaned, removed = clean_media(plain + tags)
    assert removed
    assert cleaned == clean_media(plain).content
    assert clean_media(cleaned) == (cleaned, ())


@pytest.mark.parametrize(
    "front",
    [
        id3(SECRET) + bytes(500),
        id3(SECRET, version=2) + bytes(500),
        id3(SECRET) + ape() + bytes(500),
        id3(SECRET) + id3(b"Lavf62.3.100", kind=b"TSSE") + bytes(3),
        id3(SECRET)[:9] + b"\x05" + id3(SECRET)[10:],
        id3(b"Lavf62.3.100", kind=b"TSSE", behind=bytes(20) + SECRET),
    ],
)
def test_tags_before_an_mp3_go_with_all_that_stands_before_its_first_frame(make_sound, front):
    plain = make_sound("MP3")
    cleaned, removed = clean_media(front + plain)
    assert "id3" in removed
    assert SECRET not in cleaned
    assert cleaned.endswith(plain)
    assert clean_media(cleaned) == (cleaned, ())


def test_a_tag_with_a_footer_before_an_mp3_goes(make_sound):
    plain, front = make_sound("MP3"), id3(SECRET, footer=True)
    assert apply_edits(front + plain, survey(front + plain, "mp3").edits) == plain


def test_a_tag_between_the_frames_of_an_mp3_is_emptied_where_it_stands(make_sound):
    plain = make_sound("MP3", seconds=2.0)
    at = plain.index(plain[:2], len(plain) // 2)
    while len(clean_media(plain[:at] + id3(SECRET) + plain[at:]).removed) == 0:
        at = plain.index(plain[:2], at + 1)
    dirty = plain[:at] + id3(SECRET) + plain[at:]
    cleaned = clean_media(dirty).content
    assert (SECRET in cleaned, len(cleaned)) == (False, len(dirty))
    assert np.array_equal(samples_of(dirty), samples_of(cleaned))
    assert clean_media(cleaned) == (cleaned, ())


def test_half_a_frame_before_an_mp3_is_no_damage(make_sound):
    plain = make_sound("MP3")
    assert survey(bytes(70) + b"\xff\x01" + plain, "mp3") == Survey()


def test_tags_behind_a_flac_go(make_sound):
    plain = make_sound("FLAC")
    miscounted = ape().replace(struct.pack("<II", 2000, 61), struct.pack("<II", 2000, 62))
    assert miscounted != ape()
    for tags in (V1, ape(), ape() + V1, miscounted):
        found = survey(plain + tags, "flac")
        assert found.private
        assert apply_edits(plain + tags, found.edits) == plain


def test_a_flac_behind_a_tag_that_spells_its_magic_word_is_found(make_sound):
    plain = make_sound("FLAC")
    front = id3(b"fLaC " + SECRET)
    assert clean_media(front + plain) == (plain, ("id3",))
    assert probe_media(front + plain).decoded


def test_text_behind_the_last_comment_of_a_flac_is_private(make_sound):
    plain = make_sound("FLAC")
    body = struct.pack("<I", 7) + b"Lavf1.0" + bytes(4) + SECRET
    dirty = plain[:42] + struct.pack(">I", 4 << 24 | len(body)) + body + plain[42:]
    assert survey(dirty, "flac").private == ("vorbis-comment",)


@pytest.mark.parametrize("count", [40_000, 500_000])
def test_a_flac_of_many_private_blocks_costs_little(make_sound, count):
    plain = make_sound("FLAC")
    start = time.monotonic()
    found = survey(plain[:42] + (b"\2\0\0\0\1\0\0\0" * (count // 2)) + plain[42:], "flac")
    assert time.monotonic() - start < 3
    assert (found.private, bool(found.faults)) == ((("application-data",), False) if count < 100_000 else ((), True))
