"""Private bytes in every kind of box of MP4 files, and trees of boxes that lie about their sizes."""

import io
import struct
import time

import av
import pytest

from assurai_datasets.media import clean_media, probe_media
from assurai_datasets.media.containers import survey

SECRET = b"secret-of-hong"


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def frames_of(content):
    with av.open(io.BytesIO(content)) as container:
        return [(frame.pts, frame.to_ndarray().tobytes()) for frame in container.decode()]


def insert(content, path, new):
    """Put a box at the end of the one a path leads to, which stands behind all samples."""
    at, end, starts = 0, len(content), []
    for kind in path:
        while content[at + 4 : at + 8] != kind:
            at += struct.unpack_from(">I", content, at)[0]
        starts.append(at)
        at, end = at + 8, at + struct.unpack_from(">I", content, at)[0]
    grown = bytearray(content)
    for start in starts:
        struct.pack_into(">I", grown, start, struct.unpack_from(">I", content, start)[0] + len(new))
    return bytes(grown[:end] + new + grown[end:])


def assert_clean(dirty):
    cleaned, removed = clean_media(dirty)
    assert SECRET in dirty
    assert SECRET not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    assert frames_of(dirty) == frames_of(cleaned)
    return removed


TREE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
TAGS = {
    "udta": box(b"udta", box(b"abcd", SECRET)),
    "udta with free space": box(b"udta", box(b"free", SECRET)),
    "meta": box(b"meta", bytes(4), box(b"ilst", box(b"\xa9nam", box(b"data", bytes(8), SECRET)))),
    "uuid": box(b"uuid", bytes(16), SECRET),
    "unknown": box(b"abcd", SECRET),
    "free": box(b"free", SECRET),
    "skip": box(b"skip", SECRET),
}


@pytest.mark.parametrize("depth", range(len(TREE)))
@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_private_boxes_go_from_every_part_of_the_tree(make_clip, tag, depth):
    assert len(assert_clean(insert(make_clip("mp4", frames=6), TREE[: depth + 1], tag))) == 1


@pytest.mark.parametrize("kind", [b"free", b"skip", b"wide", b"emsg", b"prft", b"PICT", b"pnot", b"idat", b"abcd"])
def test_boxes_beside_the_index_that_hold_anything_go(make_clip, kind):
    assert len(assert_clean(make_clip("mp4", frames=6) + box(kind, SECRET))) == 1


@pytest.mark.parametrize("options", [{"movflags": "frag_keyframe+empty_moov"}, {"moov_size": "6000"}])
def test_a_clip_of_fragments_or_with_its_index_first_stays_byte_for_byte(make_clip, options):
    content = make_clip("mp4", audio="aac", **options)
    assert clean_media(content) == (content, ())


def test_tags_go_from_fragments(make_clip):
    plain = make_clip("mp4", movflags="frag_keyframe+empty_moov")
    at = plain.rindex(b"mfra") - 4
    assert assert_clean(plain[:at] + box(b"moof", box(b"traf", box(b"udta", box(b"abcd", SECRET)))) + plain[at:])


@pytest.mark.parametrize("tail", [SECRET, b"secret!"])
def test_text_behind_the_last_box_goes(make_clip, tail):
    plain = make_clip("mp4", frames=6)
    assert clean_media(plain + tail) == (plain, ("trailing-data",))


def test_zeros_behind_the_last_box_are_nothing(make_clip):
    content = make_clip("mp4", frames=6) + bytes(100)
    assert clean_media(content) == (content, ())
    assert probe_media(content).faults == ()


def test_an_index_in_free_space_is_a_fault(make_clip, codes_of):
    plain = make_clip("mp4", frames=6)
    at = plain.rindex(b"moov") - 4
    hidden = plain[:at] + plain[at:].replace(b"moov", b"free")
    assert "media-truncated" in codes_of(probe_media(hidden + box(b"mdat", b"moov")))
    assert "media-header-malformed" in codes_of(probe_media(plain + hidden[at:]))


def test_tags_that_reach_past_the_box_around_them_cost_little():
    count = 9_000
    nested = b"".join(struct.pack(">I4sI4s", 16, b"udta", 16 * (count - index) - 8, b"udta") for index in range(count))
    start = time.monotonic()
    found = survey(box(b"ftyp", b"M4A ", bytes(4)) + box(b"moov", nested), "m4a")
    assert time.monotonic() - start < 2
    assert found.private == ("tags",)


@pytest.mark.parametrize("count", [50_000, 500_000])
def test_any_number_of_private_boxes_is_named_in_few_words(count):
    private = b"".join(struct.pack(">II", 8, 0x01000000 + index) for index in range(count))
    start = time.monotonic()
    found = probe_media(box(b"ftyp", b"M4A ", bytes(4)) + box(b"moov", private) + private, fast=True)
    assert time.monotonic() - start < 4
    assert all(len(fault.message) < 400 and fault.message.isprintable() for fault in found.faults)


@pytest.mark.parametrize(("kind", "at", "fields"), [(b"stsz", 4, (1, 80_000_000)), (b"elst", 4, (80_000_000,))])
def test_tables_that_promise_more_than_a_file_holds_reach_no_decoder(make_clip, kind, at, fields):
    content = bytearray(make_clip("mp4"))
    struct.pack_into(f">{len(fields)}I", content, content.index(kind) + 4 + at, *fields)
    start = time.monotonic()
    found = probe_media(bytes(content))
    assert time.monotonic() - start < 2
    assert found.is_refused
    assert "80,000,000" in " ".join(fault.message for fault in found.faults)


def test_fragments_that_promise_more_than_a_file_holds_reach_no_decoder(make_clip):
    content = bytearray(make_clip("mp4", movflags="frag_keyframe+empty_moov"))
    struct.pack_into(">II", content, content.index(b"trun") + 4, 0, 50_000_000)
    start = time.monotonic()
    assert "50,000,0" in probe_media(bytes(content)).faults[0].message
    assert time.monotonic() - start < 2
