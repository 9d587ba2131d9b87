"""Private bytes in odd places of Matroska and WebM files, and elements that lie about their sizes."""

import io
import struct
import time

import av
import pytest

from assurai_datasets.media import clean_media, probe_media
from assurai_datasets.media.containers import survey
from assurai_datasets.media.containers.ebml import elements

SECRET = b"secret-of-hong"
SEGMENT, INFO, TRACKS, TRACK, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675
TAGS, TAG, SIMPLE, NAME, STRING, BINARY = 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487, 0x4485
MUXING_APP, WRITING_APP, CODEC_NAME, CODEC_PRIVATE, VOID = 0x4D80, 0x5741, 0x258688, 0x63A2, 0xEC
UNKNOWN = (1 << 56) - 1


def element(number, body=b"", size=None):
    length = (len(body) if size is None else size) | 1 << 56
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + length.to_bytes(8, "big") + body


HEAD = element(0x1A45DFA3, element(0x4282, b"matroska"))


def rebuild(content, changes):
    """Write a file anew without its index, the bodies of some elements changed."""

    def build(at, end):
        for part in elements(content, at, end):
            body = content[part.body : part.end]
            if part.id in (INFO, TRACKS, TRACK):
                body = b"".join(build(part.body, part.end))
            if part.id not in (0x114D9B74, 0x1C53BB6B, 0xBF):
                yield element(part.id, changes.get(part.id, body))

    head, segment = elements(content, 0, len(content))
    return content[: head.end] + element(SEGMENT, b"".join(build(segment.body, segment.end)))


def frames_of(content):
    with av.open(io.BytesIO(content)) as container:
        return [(frame.pts, frame.to_ndarray().tobytes()) for frame in container.decode()]


def assert_clean(dirty):
    cleaned, removed = clean_media(dirty)
    assert SECRET in dirty
    assert SECRET not in cleaned
    assert clean_media(cleaned) == (cleaned, ())
    assert frames_of(dirty) == frames_of(cleaned)
    return set(removed)


def part_of(content, *path):
    """The body of the first element that a path of ids leads to."""
    at, end = 0, len(content)
    for number in path:
        found = next(part for part in elements(content, at, end) if part.id == number)
        at, end = found.body, found.end
    return content[at:end]


@pytest.mark.parametrize(("number", "name"), [(MUXING_APP, "muxing-app"), (WRITING_APP, "writing-app")])
def test_an_application_that_is_no_program_goes(make_clip, number, name):
    assert assert_clean(rebuild(make_clip("matroska", frames=6), {number: SECRET})) == {name}


def test_the_name_of_a_codec_goes_where_it_is_none(make_clip):
    plain = make_clip("matroska", frames=6)
    track = part_of(plain, SEGMENT, TRACKS, TRACK)
    named = rebuild(plain, {TRACK: track + element(CODEC_NAME, b"V_MPEG4/ISO/ASP")})
    assert clean_media(named) == (named, ())
    assert assert_clean(rebuild(plain, {TRACK: track + element(CODEC_NAME, SECRET)})) == {"codec-name"}


@pytest.mark.parametrize("name", ["vendor_id", "handler_name", "major_brand", "source_id", "bps", "alpha_mode"])
def test_technical_tags_that_hold_something_else_go(make_clip, name):
    assert assert_clean(make_clip("matroska", frames=6, tags={name: SECRET.decode()})) == {"tags"}


@pytest.mark.parametrize(
    "tags", [{"vendor_id": "[0][0][0][0]", "handler_name": "VideoHandler", "major_brand": "isom"}, {"bps": "1234"}]
)
def test_technical_tags_stay(make_clip, tags):
    content = make_clip("matroska", frames=6, tags=tags)
    assert clean_media(content) == (content, ())


def simple(name, value, *inner, kind=STRING):
    return element(SIMPLE, element(NAME, name) + element(kind, value) + b"".join(inner))


@pytest.mark.parametrize(
    "tag",
    [
        simple(b"DURATION", b"1", simple(b"COMMENT", SECRET)),
        simple(b"DURATION", b"1", simple(b"BPS", b"1", simple(b"BPS", SECRET))),
        simple(b"BPS", SECRET, kind=BINARY),
    ],
)
def test_tags_within_tags_go(make_clip, tag):
    dirty = rebuild(make_clip("matroska", frames=6, tags={"bps": "1"}), {TAGS: element(TAG, tag)})
    assert assert_clean(dirty) == {"tags"}


def flac_block(kind, body, *, last=False):
    return bytes([kind | (0x80 if last else 0)]) + struct.pack(">I", len(body))[1:] + body


def with_setup(sound, setup):
    """A sound in Matroska whose decoder is handed a setup made of its own."""
    file = io.BytesIO()
    with av.open(io.BytesIO(sound)) as source, av.open(file, "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams[0])
        for packet in source.demux(source.streams[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    plain = file.getvalue()
    return rebuild(plain, {CODEC_PRIVATE: setup(part_of(plain, SEGMENT, TRACKS, TRACK, CODEC_PRIVATE))})


def test_comments_and_pictures_go_from_flac_in_matroska(make_sound):
    comments = struct.pack("<I", 7) + b"Lavf1.0" + struct.pack("<II", 1, len(SECRET)) + SECRET

    def setup(old):
        blocks = flac_block(4, comments) + flac_block(6, SECRET) + flac_block(1, bytes(8), last=True)
        return b"fLaC" + flac_block(0, old[8:42]) + blocks

    assert assert_clean(with_setup(make_sound("FLAC"), setup)) == {"picture", "vorbis-comment"}


def test_comments_go_from_vorbis_in_matroska(make_sound):
    comments = b"\x03vorbis" + struct.pack("<I", 0) + struct.pack("<II", 1, 300) + SECRET.ljust(300, b"x") + b"\1"

    def setup(old):
        first, second = old[1], old[2]
        rest = old[3 + first + second :]
        return bytes([2, first, 255, len(comments) - 255]) + old[3 : 3 + first] + comments + rest

    assert assert_clean(with_setup(make_sound("OGG"), setup)) == {"vorbis-comment"}


def test_tags_behind_a_live_recording_go(make_clip):
    live = make_clip("matroska", frames=6, live="1")
    assert clean_media(live) == (live, ())
    dirty = live + element(TAGS, element(TAG, simple(b"ARTIST", SECRET)))
    assert assert_clean(dirty) == {"tags"}


def test_text_in_empty_elements_and_behind_the_end_goes(make_clip):
    plain = rebuild(make_clip("matroska", frames=6), {})
    _, segment = elements(plain, 0, len(plain))
    dirty = plain[: segment.start] + element(SEGMENT, plain[segment.body :] + element(VOID, SECRET))
    assert assert_clean(dirty) == {"free-space"}
    assert clean_media(plain + SECRET) == (plain, ("trailing-data",))


def test_elements_nested_without_end_cost_little():
    for number in (INFO, TRACKS, TRACK):
        inner = b""
        for _ in range(3000):
            inner = element(number, inner)
        assert probe_media(HEAD + element(SEGMENT, element(TRACKS, inner)), fast=True).is_refused


def test_tags_that_reach_past_the_element_around_them_cost_little():
    count = 20_000
    parts = [element(TAGS, size=10) + element(TAG, size=20 * (count - index))[:10] for index in range(count)]
    start = time.monotonic()
    found = survey(HEAD + element(SEGMENT, b"".join(parts)), "mkv")
    assert time.monotonic() - start < 3
    assert found.private == ("tags",)


@pytest.mark.parametrize("count", [50_000, 1_000_000])
def test_any_number_of_titles_is_one_note(count):
    start = time.monotonic()
    found = survey(HEAD + element(SEGMENT, element(INFO, b"\x7b\xa9\x81x" * count)), "mkv")
    assert time.monotonic() - start < 3
    assert (found.private, bool(found.faults)) == (((), True) if count > 100_000 else (("title",), False))
    assert len(found.edits) < 5
