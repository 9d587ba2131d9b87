import io
import os
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.media import decode_audio, decode_video
from assurai_datasets.media.decode import describe_error
from assurai_datasets.media.limits import LIMITS


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3", "AIFF", "AU"])
def test_samples_equal_those_of_soundfile(make_sound, form):
    content = make_sound(form, channels=2)
    expected, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    samples, sample_rate_hz = decode_audio({"bytes": content, "path": "a.bin"})
    assert sample_rate_hz == rate
    assert samples.dtype == np.float32
    assert samples.shape == (8000, 2)
    assert np.array_equal(samples, expected)


@pytest.mark.parametrize(("form", "codec"), [("ipod", "aac"), ("webm", "libopus")])
def test_samples_of_other_containers_equal_those_of_pyav(make_clip, form, codec):
    content = make_clip(form, video=None, audio=codec)
    with av.open(io.BytesIO(content)) as container:
        expected = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T
    assert np.array_equal(decode_audio(content).samples, expected)


@pytest.mark.parametrize(
    ("subtype", "level"), [("PCM_U8", 2 / 128), ("PCM_24", 1e-4), ("FLOAT", 1e-6), ("DOUBLE", 1e-6)]
)
def test_every_sample_format_is_scaled_to_one(make_sound, make_tone, subtype, level):
    samples = decode_audio(make_sound(subtype=subtype)).samples
    assert np.abs(samples - make_tone()).max() < level


def test_mono_is_the_mean_of_the_channels(make_tone):
    file = io.BytesIO()
    stereo = np.hstack([make_tone(level=0.4), make_tone(level=0.2)])
    soundfile.write(file, stereo, 16_000, format="WAV", subtype="FLOAT")
    samples, _ = decode_audio(file.getvalue(), mono=True)
    assert samples.shape == (8000, 1)
    assert np.allclose(samples, make_tone(level=0.3), atol=1e-6)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_resampling_keeps_the_tone_and_gives_the_length_the_rates_ask_for(make_sound, make_tone, rate):
    samples, sample_rate_hz = decode_audio(make_sound(channels=2), sample_rate_hz=rate)
    assert (sample_rate_hz, samples.shape) == (rate, (rate // 2, 2))
    middle = slice(rate // 10, -rate // 10)
    assert np.abs(samples[middle] - make_tone(rate=rate, channels=2)[middle]).max() < 0.01


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
@pytest.mark.parametrize("length", [1, 2, 9, 31])
def test_sounds_shorter_than_the_filter_are_resampled_too(rate, length):
    file = io.BytesIO()
    soundfile.write(file, np.full((length, 2), 0.5), 16_000, format="WAV", subtype="FLOAT")
    samples, sample_rate_hz = decode_audio(file.getvalue(), sample_rate_hz=rate)
    assert (sample_rate_hz, samples.shape) == (rate, (round(length * rate / 16_000), 2))
    assert np.abs(samples[:1] - 0.5).max(initial=0.0) < (1e-3 if rate > 16_000 else 0.3)


def test_a_rate_no_filter_can_be_made_for_is_named(make_sound):
    with pytest.raises(UsageError, match=r"sample_rate_hz=1 is too far from the sound's own 768,000"):
        decode_audio(make_sound(rate=768_000, seconds=0.01), sample_rate_hz=1)


@pytest.mark.parametrize("rate", [0, -1, 2**31, 10**30, 0.5, float("nan"), float("inf"), "16000", True])
def test_a_rate_is_a_positive_integer(make_sound, rate):
    with pytest.raises(UsageError, match="sample_rate_hz must be a positive integer"):
        decode_audio(make_sound(seconds=0.01), sample_rate_hz=rate)


def test_the_soundtrack_of_a_video_is_decoded(make_clip):
    samples, rate = decode_audio(make_clip("mp4", audio="aac"))
    assert rate == 48_000
    assert len(samples) > 90_000


def frames_of(content, **options):
    with av.open(io.BytesIO(content), **options) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("form", "video"), [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "mpeg4"), ("avi", "mpeg4")]
)
def test_frames_equal_those_of_pyav(make_clip, form, video):
    content = make_clip(form, video=video)
    expected = frames_of(content)
    frames, times_s = decode_video({"bytes": None, "path": None} | {"bytes": content})
    assert frames.dtype == np.uint8
    assert frames.shape == (24, 64, 96, 3)
    assert np.array_equal(frames, [frame for _, frame in expected])
    assert times_s == pytest.approx([time for time, _ in expected], abs=0.1)


@pytest.mark.parametrize(("form", "video"), [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "mpeg4")])
@pytest.mark.parametrize(
    "choice", [{"every_s": 0.5}, {"every_s": 3.0}, {"n_frames": 5}, {"n_frames": 1}, {"n_frames": 100}]
)
def test_chosen_frames_are_those_shown_at_their_times(make_clip, form, video, choice):
    """Twelve seconds with key frames here and there, so that some frames are sought and some decoded up to."""
    content = make_clip(form, video=video, frames=144, rate=12)
    expected = frames_of(content)
    start = expected[0][0]
    frames, times_s = decode_video(content, **choice)
    wanted = (
        np.arange(0, 12, choice["every_s"])
        if "every_s" in choice
        else np.arange(choice["n_frames"]) * 12 / choice["n_frames"]
    )
    assert len(frames) == len(times_s) == len(wanted)
    for frame, time_s, asked in zip(frames, times_s, wanted, strict=True):
        shown = max((time, index) for index, (time, _) in enumerate(expected) if time - start <= asked + 0.011)
        assert abs(time_s - (shown[0] - start)) < 0.09
        assert any(
            np.array_equal(frame, expected[near][1]) for near in (shown[1] - 1, shown[1], min(shown[1] + 1, 143))
        )


def test_distant_frames_are_sought(make_clip, decoded):
    frames, _ = decode_video(make_clip("mp4", frames=240, rate=12), n_frames=3)
    assert len(frames) == 3
    assert len(decoded) < 120


@pytest.mark.parametrize("form", ["mp4", "matroska"])
def test_no_frame_is_decoded_twice_where_one_key_frame_starts_all(make_clip, decoded, form):
    content = make_clip(form, video="libx264", frames=240, rate=10, codec_options={"g": "1000", "sc_threshold": "0"})
    frames, times_s = decode_video(content, n_frames=6)
    assert len(decoded) <= 240
    every = decode_video(content)
    assert np.array_equal(frames, every.frames[::40])
    assert times_s == pytest.approx(every.times_s[::40])


def test_a_rotated_video_comes_upright():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(90)
        picture = np.zeros((64, 96, 3), np.uint8)
        picture[:, :48] = 255
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    with av.open(io.BytesIO(file.getvalue())) as container:
        turn = next(container.decode(video=0)).rotation
    frame = decode_video(file.getvalue()).frames[0]
    assert frame.shape == (96, 64, 3)
    bright_below = frame[60:].mean() > frame[:36].mean()
    assert bright_below == (turn % 360 == 90)


def test_a_path_will_do(make_sound, tmp_path):
    (tmp_path / "a.wav").write_bytes(make_sound())
    whole = decode_audio(tmp_path / "a.wav").samples
    assert np.array_equal(decode_audio(str(tmp_path / "a.wav")).samples, whole)
    assert np.array_equal(decode_audio({"bytes": None, "path": str(tmp_path / "a.wav")}).samples, whole)


@pytest.mark.parametrize("decode", [decode_audio, decode_video])
@pytest.mark.parametrize("as_value", [lambda path: path, str, lambda path: {"bytes": None, "path": str(path)}])
def test_only_regular_files_are_opened(decode, as_value, tmp_path):
    special = [tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.wav")
        special += [tmp_path / "pipe.wav", Path("/dev/zero")]
    for path in special:
        with pytest.raises(DataError, match=r"cannot read '.*': is not a regular file"):
            decode(as_value(path))


@pytest.mark.parametrize("decode", [decode_audio, decode_video])
def test_a_file_larger_than_the_probe_takes_is_not_read(decode, tmp_path):
    with (tmp_path / "large.wav").open("wb") as file:
        file.truncate(LIMITS.max_bytes + 1)
    with pytest.raises(LimitError, match=r"takes 536,870,913 bytes, more than 536,870,912; cut it into parts"):
        decode(tmp_path / "large.wav")


@pytest.mark.parametrize("decode", [decode_audio, decode_video])
def test_an_empty_medium_is_said_to_be_empty(decode, tmp_path):
    (tmp_path / "empty.wav").touch()
    for value in (b"", {"bytes": b"", "path": "a.wav"}):
        with pytest.raises(DataError, match="is empty"):
            decode(value)
    with pytest.raises(DataError, match="the file has no content"):
        decode(tmp_path / "empty.wav")


@pytest.mark.parametrize("decode", [decode_audio, decode_video])
def test_what_cannot_be_decoded_is_said(decode, make_picture, tmp_path):
    for value, error in (
        (b"plain words", DataError),
        (make_picture(), DataError),
        (tmp_path / "nothing.wav", DataError),
        ("a\0b.wav", DataError),
        ({"bytes": None, "path": None}, UsageError),
        (3, UsageError),
    ):
        with pytest.raises(error):
            decode(value)


def test_a_cut_file_is_bad_data(make_clip, make_sound):
    with pytest.raises(DataError):
        decode_video(make_clip("mp4")[:400])
    with pytest.raises(DataError):
        decode_audio(make_clip("ipod", video=None, audio="aac")[:400])


@pytest.mark.parametrize(
    "every_s", [0, -1.0, float("nan"), float("inf"), 1e-320, 1e-12, 10**400, "1", True, 1j, np.timedelta64(1)]
)
def test_a_step_is_a_finite_number_of_seconds(make_clip, every_s):
    with pytest.raises(UsageError, match=r"^every_s must be a finite number of seconds, 1e-06 or more, not "):
        decode_video(make_clip(), every_s=every_s)


@pytest.mark.parametrize("n_frames", [0, -1, 2.5, 2.0, float("nan"), "4", True, np.timedelta64(1)])
def test_a_number_of_frames_is_a_positive_integer(make_clip, n_frames):
    with pytest.raises(UsageError, match=r"^n_frames must be a positive integer, not "):
        decode_video(make_clip(), n_frames=n_frames)


def test_only_one_choice_is_made(make_clip):
    with pytest.raises(UsageError, match="give every_s or n_frames, not both"):
        decode_video(make_clip(), every_s=1.0, n_frames=2)


@pytest.mark.parametrize("choice", [{"every_s": 1e-6}, {"n_frames": 10**30}])
def test_more_frames_than_can_be_held_are_refused_before_their_times_are_listed(make_clip, choice):
    with pytest.raises(LimitError, match="ask for fewer"):
        decode_video(make_clip(), **choice)


def test_choices_may_be_numbers_of_numpy_or_longer_than_the_video(make_clip):
    content = make_clip()
    assert len(decode_video(content, n_frames=np.int64(4)).frames) == 4
    assert len(decode_video(content, every_s=np.float32(0.5)).frames) == 4
    assert len(decode_video(content, every_s=1e300).frames) == 1


def test_arrays_beyond_the_limit_are_not_made(make_clip, make_sound, monkeypatch):
    monkeypatch.setattr("assurai_datasets.media.decode.MAX_BYTES", 1000)
    monkeypatch.setattr("assurai_datasets.media.sound_arrays.MAX_BYTES", 1000)
    with pytest.raises(LimitError, match="ask for fewer"):
        decode_video(make_clip())
    with pytest.raises(LimitError, match="more than"):
        decode_audio(make_sound())
    assert len(decode_audio(make_sound(seconds=0.01)).samples) == 160
    with pytest.raises(LimitError, match="more than"):
        decode_audio(make_sound(seconds=0.01), sample_rate_hz=48_000)


@pytest.mark.parametrize(("array", "shape"), [(np.full(8000, 0.5), (8000, 1)), (np.zeros((2, 8000)), (8000, 2))])
def test_samples_that_were_decoded_before_are_taken_as_they_are(array, shape):
    samples, rate = decode_audio({"array": array, "sampling_rate": 16_000})
    assert (samples.shape, samples.dtype, rate) == (shape, np.float32, 16_000)
    assert np.array_equal(samples, np.atleast_2d(array).T)
    assert decode_audio({"path": "a.wav", "array": array, "sampling_rate": 16_000}, sample_rate_hz=8000)[1] == 8000


@pytest.mark.parametrize(
    "cell",
    [
        {"array": np.zeros((1, 2, 3)), "sampling_rate": 1},
        {"array": [0.0]},
        {"array": [[0.0, 0.1], [0.2]], "sampling_rate": 8000},
        {"array": "noise", "sampling_rate": 8000},
        {"array": ["0.5"], "sampling_rate": 8000},
        {"array": [1j], "sampling_rate": 8000},
        {"array": [object()], "sampling_rate": 8000},
        {"array": [0.0], "sampling_rate": True},
        {"array": [0.0], "sampling_rate": 2**31},
    ],
)
def test_a_decoded_sound_without_rate_or_shape_is_refused(cell):
    with pytest.raises(UsageError, match="sampling_rate"):
        decode_audio(cell)


@pytest.mark.parametrize("part", [0.4, 0.7, 0.95])
@pytest.mark.parametrize("form", ["WAV", "RF64", "AIFF", "AU", "FLAC", "OGG", "MP3"])
def test_a_sound_that_lost_its_end_is_refused(make_sound, form, part):
    content = make_sound(form, seconds=2.0)
    assert len(decode_audio(content).samples)
    with pytest.raises(DataError):
        decode_audio(content[: int(len(content) * part)])


@pytest.mark.parametrize(("form", "codec"), [("webm", "libopus"), ("matroska", "flac"), ("ogg", "libopus")])
def test_a_sound_in_a_container_that_lost_its_end_is_refused(make_clip, form, codec):
    content = make_clip(form, video=None, audio=codec)
    with pytest.raises(DataError, match="lost its end"):
        decode_audio(content[: int(len(content) * 0.7)])


def test_what_a_decoder_says_at_the_end_of_a_file_is_a_sentence():
    assert describe_error(av.EOFError(1, "End of file")) == "it ends before anything that can be decoded"
    assert describe_error(ValueError("no rate")) == "no rate"


@pytest.mark.parametrize("form", ["wav", "matroska", "flac", "mp3", "ogg"])
def test_a_stream_of_unknown_length_is_no_lost_end(make_tone, form):
    """As it comes out of a pipe, where no header can be written afterwards."""

    class Pipe(io.BytesIO):
        seek = None

        def seekable(self):
            return False

    file = Pipe()
    codec = {"wav": "pcm_s16le", "matroska": "libopus", "flac": "flac", "mp3": "mp3", "ogg": "libopus"}[form]
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        tone = (make_tone(seconds=1.0, rate=48_000) * 32767).astype(np.int16)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=48_000, frame_size=960)
        frame = av.AudioFrame.from_ndarray(tone.T.copy(), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    assert len(decode_audio(file.getvalue()).samples) == pytest.approx(48_000, abs=3 * 1152)
