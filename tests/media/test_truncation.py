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


def remux(contents, form, keep=lambda index: True):
    """The sound packets of files one behind the other in a new file, without those not to be kept."""
    import io

    import av

    file = io.BytesIO()
    with av.open(file, "w", format=form) as new:
        sound, index, start = None, 0, 0
        for content in contents:
            with av.open(io.BytesIO(content)) as old:
                sound = sound or new.add_stream_from_template(old.streams.audio[0])
                end = start
                for packet in old.demux(audio=0):
                    if packet.dts is None:
                        continue
                    packet.pts += start
                    packet.dts += start
                    end = packet.pts + packet.duration
                    packet.stream = sound
                    if keep(index):
                        new.mux(packet)
                    index += 1
                start = end
    return file.getvalue()


@pytest.mark.parametrize(("form", "codec"), [("webm", "libopus"), ("matroska", "flac"), ("matroska", "aac")])
def test_a_sound_without_every_third_packet_says_so(make_clip, form, codec, codes_of):
    whole = make_clip(form, video=None, audio=codec, frames=36)
    assert codes_of(probe_media(remux([whole], form))) == []
    found = probe_media(remux([whole], form, keep=lambda index: index % 3))
    assert codes_of(found) == ["media-duration-mismatch"]
    assert "1.0" in found.faults[0].message or "0.9" in found.faults[0].message


@pytest.mark.parametrize("form", ["matroska", "mp4", "mov"])
def test_a_flac_frame_that_does_not_match_its_checksum_is_refused_in_any_container(make_clip, form):
    whole = make_clip(form if form != "mov" else "mp4", video=None, audio="flac", strict="-2")
    assert not probe_media(whole).is_refused
    for part in (0.3, 0.5, 0.7):
        content = bytearray(whole)
        content[int(len(content) * part)] ^= 0x10
        assert probe_media(bytes(content)).is_refused


@pytest.mark.parametrize("frames", [1, 12])
def test_a_sound_without_any_sample_is_refused_however_short_it_is(make_clip, frames):
    content = make_clip("ipod", video=None, audio="aac", frames=frames)
    assert not probe_media(content).is_refused
    at = content.index(b"stsz") + 12
    found = probe_media(content[:at] + bytes(4) + content[at + 4 :])
    assert found.is_refused
    assert not found.decoded


def test_a_sound_whose_channels_change_midway_is_refused(make_sound, codes_of):
    from assurai_datasets.errors import DataError
    from assurai_datasets.media import decode_audio

    mono, stereo = (make_sound("MP3", rate=44_100, seconds=1.0, channels=channels) for channels in (1, 2))
    for form in ("matroska", "mp3"):
        content = remux([mono, stereo], form)
        found = probe_media(content)
        assert "media-unreadable" in codes_of(found)
        assert "from 1 channel at 44,100 Hz to 2 channels" in found.faults[-1].message
        with pytest.raises(DataError, match="from 1 channel at 44,100 Hz to 2 channels"):
            decode_audio(content)
