import struct

import pytest

from assurai_datasets.media import probe_media, sniff
from assurai_datasets.media.file_formats import FORMATS
from assurai_datasets.media.signatures import describe_content

PICTURES = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif", "TIFF": "tiff", "BMP": "bmp"}
SOUNDS = {
    "WAV": "wav",
    "WAVEX": "wav",
    "RF64": "wav",
    "FLAC": "flac",
    "OGG": "ogg",
    "MP3": "mp3",
    "AIFF": "aiff",
    "AU": "au",
}
CLIPS = {"mp4": "mp4", "mov": "mov", "matroska": "mkv", "avi": "avi", "3gp": "3gp"}


@pytest.mark.parametrize("form", PICTURES)
def test_a_picture_is_told_by_its_content(make_picture, form):
    content = make_picture(form)
    assert sniff(content).name == PICTURES[form]
    assert probe_media(content, expected="image").kind == "image"


@pytest.mark.parametrize("form", SOUNDS)
def test_a_sound_is_told_by_its_content(make_sound, form):
    content = make_sound(form)
    assert sniff(content).name == SOUNDS[form]
    assert probe_media(content, expected="audio").kind == "audio"


@pytest.mark.parametrize("form", CLIPS)
def test_a_clip_is_told_by_its_content(make_clip, form):
    content = make_clip(form)
    assert sniff(content).name == CLIPS[form]
    assert probe_media(content, expected="video").kind == "video"


def test_webm_is_told_from_matroska(make_clip):
    assert sniff(make_clip("webm", video="libvpx")).name == "webm"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><p>403", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        (b"#EXTM3U\nfile.ts\n", "playlist"),
        (b"ffconcat version 1.0\nfile secret\n", "playlist"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (bytes(64), "zero bytes"),
        ("그냥 글".encode("cp949")[:5], "text"),
        (b"plain words", "text"),
    ],
)
def test_what_is_no_medium_is_named_in_words(content, words, codes_of):
    assert sniff(content) is None
    assert words in describe_content(content)
    assert codes_of(probe_media(content)) == ["media-unreadable"]


def with_other_first_box(content, first):
    """An MP4 with another box in the place of its first one; the chunk offsets are moved along."""
    (size,) = struct.unpack_from(">I", content)
    moved, at = bytearray(content[size:]), -1
    while (at := moved.find(b"stco", at + 1)) >= 0:
        (count,) = struct.unpack_from(">I", moved, at + 8)
        for entry in range(at + 12, at + 12 + 4 * count, 4):
            (offset,) = struct.unpack_from(">I", moved, entry)
            struct.pack_into(">I", moved, entry, offset + len(first) - size)
    return first + bytes(moved)


def box(kind, body=b""):
    return struct.pack(">I4s", len(body) + 8, kind) + body


@pytest.mark.parametrize("size", [256, 512])
def test_a_first_box_whose_size_looks_like_an_icon_is_a_box(make_clip, size, codes_of):
    first = box(b"ftyp", b"isom" + bytes(4) + b"isom" * (size // 4 - 4))
    assert len(first) == size
    content = with_other_first_box(make_clip("mp4"), first)
    assert sniff(content).name == "mp4"
    assert codes_of(probe_media(content, name="a.mp4")) == []


@pytest.mark.parametrize("ending", ["mp4", "mov"])
@pytest.mark.parametrize(
    "first", [b"", box(b"free", bytes(24)), box(b"wide"), box(b"skip", bytes(8)), box(b"styp", b"isom" + bytes(4))]
)
def test_without_a_brand_both_endings_are_right(make_clip, first, ending, codes_of):
    content = with_other_first_box(make_clip("mp4"), first)
    assert codes_of(probe_media(content, name=f"a.{ending}")) == []


def test_a_brand_behind_other_boxes_counts(make_clip, codes_of):
    first = box(b"free", bytes(8)) + box(b"ftyp", b"isom" + bytes(4) + b"isom")
    content = with_other_first_box(make_clip("mp4"), first)
    assert sniff(content).name == "mp4"
    assert codes_of(probe_media(content, name="a.mov")) == ["media-extension-mismatch"]


def test_the_brand_of_a_phone_under_the_ending_of_an_mp4_is_a_warning(make_clip, codes_of):
    content = make_clip("mp4").replace(b"ftypisom", b"ftyp3gp4")
    assert codes_of(probe_media(content, name="a.mp4")) == ["media-format-discouraged"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"NIST_1A\n   1024\n", "sphere"),
        (b"TTA1\1\0\1\0", "tta"),
        (b"Creative Voice File\x1a", "voc"),
        (b"\x7f\xfe\x80\x01\xfc\x3d", "dts"),
        (b"FORM\0\0\x0c\xdc8SVXVHDR", "8svx"),
        (b"\xff\xf1\x60\x40\x40\x3f\xfc", "aac"),
        (b"ID3\4\0\0\0\0\0\x05hello\xff\xf1\x60\x40\x40", "aac"),
    ],
)
def test_a_sound_that_is_only_recognised_says_what_to_convert_it_to(content, name, codes_of):
    content = content.ljust(2000, b"\0")
    assert sniff(content).name == name
    found = probe_media(content, expected="audio", name=f"a{FORMATS[name].extensions[0]}")
    assert "media-format-unsupported" in codes_of(found)
    assert FORMATS[name].convert in found.faults[0].hint


def free_frames(head=b"\xff\xfb\x00\x44", length=1306, count=4):
    return b"".join(
        bytes([*head[:2], head[2] | index % 2 << 1, head[3]]).ljust(length + index % 2, b"\x55")
        for index in range(count)
    )


def test_an_mp3_of_free_bit_rate_is_told_by_the_row_of_its_frames():
    assert sniff(free_frames()).name == "mp3"
    assert sniff(free_frames(count=1).ljust(5000, b"\x55")) is None
    assert sniff(free_frames(count=1) + b"\x55" * 400 + free_frames(count=1)) is None


def test_layer_two_may_be_called_what_it_is(codes_of):
    import io

    import av
    import numpy as np

    file = io.BytesIO()
    with av.open(file, "w", format="mp2") as container:
        stream = container.add_stream("mp2", rate=44_100, layout="mono")
        tone = (8000 * np.sin(np.arange(44_100) / 20)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone[None, :], format="s16", layout="mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    for name in ("a.mp2", "a.mp3"):
        assert codes_of(probe_media(file.getvalue(), expected="audio", name=name)) == []


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_outside_the_list_says_what_to_convert_to(form):
    entry = FORMATS[form]
    assert (entry.support == "supported") == (entry.convert == "")
    assert all(extension.startswith(".") for extension in entry.extensions)


@pytest.mark.parametrize("head", [b"", b"\xff", b"RIFF", b"\0\0\0\x18ftyp", b"\x1a\x45\xdf\xa3"])
def test_a_few_bytes_are_enough_to_ask(head):
    assert sniff(head) is None or sniff(head).name in FORMATS


@pytest.mark.parametrize("brand", [b"mif1", b"miaf", b"MA1A", b"MA1B"])
def test_a_brand_of_many_codecs_is_told_by_the_others(make_picture, brand):
    content = make_picture("AVIF")
    found = probe_media(content[:8] + brand + content[12:], expected="image")
    assert (found.format, found.decoded, found.faults) == ("avif", True, ())
