import hashlib
import io
import os

import numpy as np
import pytest
import soundfile

from assurai_datasets.errors import UsageError
from assurai_datasets.media import MediaLimits, probe_media


def test_facts_of_a_picture(make_picture):
    content = make_picture("PNG", size=(96, 64), mode="RGBA")
    found = probe_media(content)
    assert (found.kind, found.format, found.mode, found.width_px, found.height_px) == ("image", "png", "RGBA", 96, 64)
    assert (found.frames, found.has_icc, found.has_exif, found.has_gps, found.has_xmp) == (
        1,
        False,
        False,
        False,
        False,
    )
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert (found.bytes, found.decoded, found.faults) == (len(content), True, ())
    assert len(found.hashes) == 1
    assert found.container is None


def test_facts_of_a_sound(make_sound):
    found = probe_media(make_sound("FLAC", seconds=0.5, rate=22_050, channels=2, level=0.25))
    assert (found.kind, found.container, found.codec) == ("audio", "flac", "pcm_16")
    assert (found.sample_rate_hz, found.channels, found.samples) == (22_050, 2, 11_025)
    assert found.duration_s == found.declared_duration_s == 0.5
    assert found.peak == pytest.approx(0.25, abs=1e-3)
    assert (found.is_silent, found.is_clipped, found.decoded, found.faults) == (False, False, True, ())


def test_facts_of_a_video(make_clip):
    found = probe_media(make_clip("mp4", audio="aac", frames=24, rate=12, size=(96, 64)))
    assert (found.kind, found.container, found.codec) == ("video", "mp4", "mpeg4")
    assert (found.width_px, found.height_px, found.frames, found.audio_streams) == (96, 64, 24, 1)
    assert found.frame_rate_hz == pytest.approx(12)
    assert found.duration_s == pytest.approx(2.0)
    assert (found.is_variable_rate, found.rotation_deg, found.decoded, found.faults) == (False, 0, True, ())
    assert len(found.hashes) == 3


@pytest.mark.parametrize(("form", "video", "audio"), [("webm", "libvpx", "libopus"), ("matroska", "mpeg4", "aac")])
def test_containers_without_declared_counts_are_counted(make_clip, form, video, audio):
    found = probe_media(make_clip(form, video=video, audio=audio))
    assert (found.frames, found.decoded, found.faults) == (24, True, ())


@pytest.mark.parametrize(("form", "codec"), [("ipod", "aac"), ("webm", "libopus"), ("ogg", "libopus")])
def test_sound_in_a_container_is_sound(make_clip, form, codec, codes_of):
    content = make_clip(form, video=None, audio=codec)
    found = probe_media(content, expected="audio")
    assert (found.kind, found.channels, found.sample_rate_hz, found.faults) == ("audio", 1, 48_000, ())
    assert found.peak == pytest.approx(0.3, abs=0.15)
    assert codes_of(probe_media(content, expected="video")) == ["media-modality-mismatch"]


def test_the_sound_hash_is_the_same_in_any_lossless_format(make_sound):
    samples, rate = soundfile.read(io.BytesIO(make_sound("WAV")), dtype="int16")
    hashes = {probe_media(make_sound("WAV")).sample_hash}
    for form in ("FLAC", "AIFF", "AU"):
        file = io.BytesIO()
        soundfile.write(file, samples, rate, format=form)
        hashes.add(probe_media(file.getvalue()).sample_hash)
    assert len(hashes) == 1
    assert probe_media(make_sound(level=0.2)).sample_hash not in hashes


def test_a_sound_without_a_sample_that_counts_has_no_digest(make_sound):
    file = io.BytesIO()
    soundfile.write(file, np.full(100, np.nan), 16_000, format="WAV", subtype="FLOAT")
    whole = make_sound("FLAC")
    for content in (make_sound(seconds=0), whole[: len(whole) // 20], file.getvalue()):
        assert probe_media(content).sample_hash is None


def test_fast_reads_headers_only(make_picture, make_sound, make_clip):
    for content in (make_picture(), make_sound(), make_clip()):
        found = probe_media(content, fast=True)
        assert not found.decoded
        assert (found.hashes, found.sample_hash, found.peak, found.faults) == ((), None, None, ())
        assert found.width_px or found.sample_rate_hz


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("a.jpg", []),
        ("a.JPEG", []),
        ("no-ending", []),
        ("a.png", ["media-extension-mismatch"]),
        ("a.mp4", ["media-extension-mismatch"]),
        ("a.exe", ["media-extension-mismatch"]),
    ],
)
def test_the_ending_of_a_name_is_held_against_the_content(make_picture, tmp_path, name, codes, codes_of):
    (tmp_path / name).write_bytes(make_picture("JPEG"))
    assert codes_of(probe_media(tmp_path / name)) == codes
    assert codes_of(probe_media(make_picture("JPEG"), name=name)) == codes


def test_sound_alone_under_the_name_of_a_video_is_a_mismatch(make_clip, codes_of, tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(make_clip("mp4", video=None, audio="aac"))
    assert codes_of(probe_media(path)) == ["media-extension-mismatch"]
    assert codes_of(probe_media(path, expected="audio")) == []
    assert codes_of(probe_media(path, expected="video")) == ["media-modality-mismatch"]


def test_a_still_delivered_as_a_video_is_a_mismatch(make_picture, codes_of):
    assert codes_of(probe_media(make_picture("PNG"), expected="video", name="a.mp4")) == ["media-modality-mismatch"]


def test_a_video_of_one_frame_is_a_warning(make_clip, codes_of):
    found = probe_media(make_clip("mp4", frames=1), expected="video")
    assert codes_of(found) == ["media-single-frame"]
    assert not found.is_refused


def test_cover_art_does_not_make_a_sound_a_video(make_clip, make_picture):
    import io

    import av

    file = io.BytesIO()
    with (
        av.open(io.BytesIO(make_clip("ipod", video=None, audio="aac"))) as old,
        av.open(file, "w", format="mp4") as new,
    ):
        sound = new.add_stream_from_template(old.streams.audio[0])
        cover = new.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 96, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                new.mux(packet)
        picture = av.Packet(make_picture("JPEG"))
        picture.stream, picture.pts, picture.dts = cover, 0, 0
        new.mux(picture)
    assert probe_media(file.getvalue(), expected="audio").kind == "audio"


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_a_warning(make_picture, form, codes_of):
    found = probe_media(make_picture(form, frames=3), expected="image")
    assert (found.frames, codes_of(found)) == (3, ["media-animated"])


def test_a_picture_of_one_colour_is_a_warning(make_picture, codes_of, tmp_path):
    from PIL import Image

    Image.new("RGB", (50, 40), "navy").save(tmp_path / "flat.png")
    found = probe_media(tmp_path / "flat.png")
    assert codes_of(found) == ["media-single-colour"]
    assert (found.is_single_colour, found.hashes) == (True, ())


def test_silence_and_clipping_are_told(make_sound, codes_of):
    quiet, loud = probe_media(make_sound(level=0.0005)), probe_media(make_sound(level=3.0))
    assert (quiet.is_silent, codes_of(quiet)) == (True, ["media-silent"])
    assert (loud.is_clipped, loud.is_silent, codes_of(loud)) == (True, False, [])


def test_samples_that_are_not_numbers_are_refused(codes_of):
    file = io.BytesIO()
    soundfile.write(file, np.full(100, np.nan, np.float32), 8000, format="WAV", subtype="FLOAT")
    assert codes_of(probe_media(file.getvalue())) == ["media-unreadable"]


def test_a_rotated_video_says_so(make_clip):
    import io

    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(90)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode(None))
    assert probe_media(file.getvalue()).rotation_deg in (90, 270)


def test_what_is_not_there_is_a_fault_and_no_exception(tmp_path, codes_of):
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    assert codes_of(probe_media(tmp_path / "nothing.jpg")) == ["media-file-missing"]
    assert codes_of(probe_media(tmp_path / "empty.jpg")) == ["media-empty"]
    assert codes_of(probe_media(tmp_path / "pipe.jpg")) == ["media-unreadable"]
    assert codes_of(probe_media(tmp_path)) == ["media-unreadable"]
    assert codes_of(probe_media("a\0b.jpg")) == ["media-file-missing"]


def test_a_wrong_call_is_refused():
    with pytest.raises(UsageError, match="expected must be"):
        probe_media(b"x", expected="sound")
    with pytest.raises(UsageError, match="path or as bytes"):
        probe_media(3)


@pytest.mark.parametrize(
    ("maker", "limits"),
    [
        ("make_picture", {"max_bytes": 100}),
        ("make_picture", {"max_pixels": 1000}),
        ("make_sound", {"max_duration_s": 0.1}),
        ("make_sound", {"max_sample_rate_hz": 8000}),
        ("make_clip", {"max_pixels": 1000}),
        ("make_clip", {"max_frames": 10}),
        ("make_clip", {"max_duration_s": 0.5}),
    ],
)
def test_what_exceeds_a_limit_is_refused_before_it_is_decoded(request, maker, limits, codes_of):
    content = request.getfixturevalue(maker)()
    found = probe_media(content, limits=MediaLimits(**limits))
    assert codes_of(found) == ["media-too-large"]
    assert not found.decoded


def test_a_long_animation_is_refused_by_all_its_pixels(make_picture, codes_of):
    limits = MediaLimits(max_total_pixels=10_000)
    assert "media-too-large" in codes_of(probe_media(make_picture("GIF", frames=3), limits=limits))


@pytest.mark.parametrize("mode", ["LAB", "I;16B", "F", "I"])
def test_pictures_of_uncommon_modes_are_taken_and_hashed(mode, codes_of):
    import io

    import numpy as np
    from PIL import Image

    slope = np.add.outer(np.arange(48), np.arange(64))
    if mode == "LAB":
        picture = Image.fromarray(np.repeat(slope[..., None], 3, axis=2).astype(np.uint8), "LAB")
        flat = Image.new("LAB", (64, 48), (50, 0, 0))
    else:
        numbers = {"I;16B": ">u2", "F": "float32", "I": "int32"}[mode]
        picture, flat = (Image.fromarray(values.astype(numbers)) for values in (slope * 100, np.full((48, 64), 300)))
    for shown, expected in ((picture, []), (flat, ["media-single-colour"])):
        file = io.BytesIO()
        shown.save(file, "TIFF")
        found = probe_media(file.getvalue(), expected="image")
        assert codes_of(found) == expected
        assert len(found.hashes) == (1 if not expected else 0)


def test_a_form_of_pixels_pillow_does_not_read_is_unsupported(codes_of):
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(file, "TIFF")
    content = file.getvalue()
    bits = content.index(b"\x08\0\x08\0\x08\0")
    found = probe_media(content[:bits] + b"\x04\0\x04\0\x04\0" + content[bits + 6 :], expected="image")
    assert codes_of(found) == ["media-format-unsupported", "media-metadata-private"]  # half of the bytes are unused
    assert "PNG" in found.faults[0].hint
