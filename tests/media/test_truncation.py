"""Files that lost their end, or whose structure is damaged where decoders keep silent."""

import struct
import zlib

import pytest

from assurai_datasets.media import probe_media

PARTS = (0.2, 0.5, 0.8, 0.97)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_a_picture_cut_anywhere_is_refused(make_picture, form, part, codes_of):
    content = make_picture(form)
    found = probe_media(content[: int(len(content) * part)])
    assert found.is_refused
    assert codes_of(found)[-1] in ("media-truncated", "media-unreadable")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP"])
def test_a_picture_without_its_last_bytes_is_truncated(make_picture, form, codes_of):
    found = probe_media(make_picture(form)[:-3])
    assert "media-truncated" in codes_of(found)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3", "AIFF", "AU"])
def test_a_sound_cut_anywhere_is_refused(make_sound, form, part, codes_of):
    content = make_sound(form, seconds=3.0)
    found = probe_media(content[: int(len(content) * part)])
    assert "media-truncated" in codes_of(found)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("form", "video", "audio"),
    [
        ("mp4", "libx264", "aac"),
        ("mov", "mpeg4", None),
        ("matroska", "mpeg4", "aac"),
        ("webm", "libvpx", "libopus"),
        ("avi", "mpeg4", None),
    ],
)
def test_a_clip_cut_anywhere_is_refused(make_clip, form, video, audio, part, codes_of):
    content = make_clip(form, video=video, audio=audio)
    found = probe_media(content[: int(len(content) * part)])
    assert "media-truncated" in codes_of(found)


@pytest.mark.parametrize("part", [0.5, 0.9, 0.98])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_jpeg_whose_data_ends_before_its_end_marker_is_truncated(make_picture, options, part, codes_of):
    content = make_picture("JPEG", size=(320, 240), quality=90, **options)
    start = content.index(b"\xff\xda")
    cut = content[: start + int((len(content) - start) * part)].rstrip(b"\xff") + b"\xff\xd9"
    assert codes_of(probe_media(cut)) == ["media-truncated"]


def test_a_jpeg_with_a_flat_corner_is_whole(draw, codes_of):
    import io

    picture = draw((320, 240))
    picture.paste("white", (200, 150, 320, 240))
    for options in ({}, {"progressive": True}, {"subsampling": 0}, {"quality": 100}, {"optimize": True}):
        file = io.BytesIO()
        picture.save(file, "JPEG", **options)
        assert codes_of(probe_media(file.getvalue())) == []


def test_an_mp4_without_its_index_is_truncated(make_clip, codes_of):
    content = make_clip("mp4")
    assert codes_of(probe_media(content[: content.index(b"moov") - 4])) == ["media-truncated"]


def test_an_index_hidden_in_a_free_box_is_still_found_by_decoders(make_clip):
    found = probe_media(make_clip("mp4").replace(b"moov", b"free"))
    assert found.decoded == (not found.is_refused)


def test_a_wav_whose_header_promises_more_is_truncated(make_sound, codes_of):
    content = bytearray(make_sound("WAV"))
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 10_000_000)
    assert codes_of(probe_media(bytes(content))) == ["media-truncated"]


def test_a_wav_written_to_a_pipe_is_a_warning(make_sound, codes_of):
    content = bytearray(make_sound("WAV"))
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff\xff\xff\xff"
    found = probe_media(bytes(content))
    assert codes_of(found) == ["media-header-malformed"]
    assert found.samples == 8000


def test_a_png_chunk_that_does_not_match_its_checksum_is_unreadable(make_picture, codes_of):
    content = bytearray(make_picture("PNG"))
    content[content.index(b"IDAT") + 20] ^= 0xFF
    assert codes_of(probe_media(bytes(content))) == ["media-unreadable"]


def test_png_pixels_that_end_early_are_refused_even_with_good_checksums(make_picture):
    content = make_picture("PNG")
    at = content.index(b"IDAT") - 4
    (size,) = struct.unpack_from(">I", content, at)
    body = b"IDAT" + content[at + 8 : at + 8 + size // 2]
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert probe_media(content[:at] + chunk + content[at + 12 + size :]).is_refused


def test_an_ogg_page_that_does_not_match_its_checksum_is_unreadable(make_sound, codes_of):
    content = bytearray(make_sound("OGG", seconds=2.0))
    content[-200] ^= 0xFF
    assert codes_of(probe_media(bytes(content))) == ["media-unreadable"]


@pytest.mark.parametrize(("form", "video"), [("mp4", "libx264"), ("matroska", "mpeg4")])
def test_damage_in_the_middle_of_a_clip_is_refused(make_clip, form, video):
    content = bytearray(make_clip(form, video=video, frames=48))
    for at in range(len(content) // 3, len(content) // 2, 7):
        content[at] ^= 0x55
    assert probe_media(bytes(content)).is_refused


def test_a_header_without_sound_is_refused(make_sound, codes_of):
    assert codes_of(probe_media(make_sound("WAV", seconds=0))) == ["media-duration-zero"]


def test_a_container_without_streams_is_refused(codes_of):
    content = struct.pack(">I4s4sI4s", 24, b"ftyp", b"isom", 512, b"isom") + bytes(4)
    content = content[:20] + b"isom" + struct.pack(">I4s", 8, b"moov")
    assert probe_media(content).is_refused
    assert "media-stream-missing" in codes_of(probe_media(content)) or "media-unreadable" in codes_of(
        probe_media(content)
    )
