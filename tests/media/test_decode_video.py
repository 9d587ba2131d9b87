"""Which frames come, in which order, when, and which way up; and that nothing lost is passed over."""

import io
import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from assurai_datasets.errors import DataError, LimitError
from assurai_datasets.media import decode_video, probe_media


def plain_frames(content):
    with av.open(io.BytesIO(content)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def remux(content, form="matroska", *, start=0, stop=None, move=None):
    """The packets of a clip's first stream from one to another, as they are, in a new container."""
    file = io.BytesIO()
    with av.open(io.BytesIO(content)) as old, av.open(file, "w", format=form) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(video=0) if packet.size]
        for index, packet in enumerate(packets[start:stop]):
            packet.stream = stream
            if move is not None:
                move(index, packet)
            new.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize(("video", "options"), [("mpeg4", {"bf": "2"}), ("libx264", {"bf": "2"}), ("mpeg4", {})])
def test_frames_of_an_avi_come_in_order_and_evenly(make_clip, video, options):
    content = make_clip("avi", video=video, codec_options=options)
    frames, times_s = decode_video(content)
    assert np.array_equal(frames, plain_frames(content))
    assert times_s == pytest.approx(np.arange(24) / 12)
    assert np.array_equal(decode_video(content, n_frames=6).frames, frames[::4])
    assert np.array_equal(decode_video(content, every_s=0.25).frames, frames[::3])
    found = probe_media(content)
    assert (found.is_variable_rate, found.frame_rate_hz, found.faults) == (False, pytest.approx(12), ())


def test_distant_frames_of_an_avi_with_reordered_frames_are_those_of_their_times(make_clip):
    content = make_clip("avi", frames=96, codec_options={"bf": "2"})
    every = decode_video(content)
    chosen = decode_video(content, n_frames=3)
    assert np.array_equal(chosen.frames, every.frames[::32])
    assert chosen.times_s == pytest.approx(every.times_s[::32])


@pytest.mark.parametrize("rate", [12, 15, 16, 24, 25, 30, 60, Fraction(30000, 1001), Fraction(24000, 1001)])
@pytest.mark.parametrize(
    ("form", "video"),
    [("mp4", "libx264"), ("mov", "mpeg4"), ("webm", "libvpx"), ("matroska", "libx264"), ("avi", "mpeg4")],
)
def test_every_frame_comes_once_where_as_many_or_its_rate_are_asked_for(make_clip, form, video, rate):
    content = make_clip(form, video=video, frames=40, rate=rate, size=(32, 32))
    every = decode_video(content)
    assert len(every.times_s) == 40
    for choice in ({"n_frames": 40}, {"every_s": float(1 / rate)}):
        chosen = decode_video(content, **choice)
        assert np.array_equal(chosen.times_s, every.times_s)
        assert np.array_equal(chosen.frames, every.frames)


@pytest.mark.parametrize("rate", [12, 24, Fraction(30000, 1001)])
@pytest.mark.parametrize("form", ["mp4", "matroska", "avi"])
def test_sought_frames_are_those_at_their_places_whatever_times_are_rounded_to(make_clip, decoded, form, rate):
    content = make_clip(form, frames=360, rate=rate, size=(32, 32))
    every = decode_video(content)
    decoded.clear()
    chosen = decode_video(content, n_frames=4)
    assert len(decoded) < 360
    assert np.array_equal(chosen.times_s, every.times_s[::90])
    assert np.array_equal(chosen.frames, every.frames[::90])


@pytest.mark.parametrize("form", ["mp4", "matroska", "avi"])
def test_a_frame_is_not_shown_long_before_its_time(make_clip, form):
    content = make_clip(form, frames=24, rate=12)
    times_s = decode_video(content, every_s=1 / 12 - 0.0015).times_s
    assert times_s[:4] == pytest.approx(np.array([0, 0, 1, 2]) / 12, abs=1e-3)


def test_frames_of_two_sizes_are_bad_data(make_clip):
    file = io.BytesIO()
    small, large = (make_clip("matroska", video="mjpeg", frames=6, size=size) for size in ((96, 64), (128, 80)))
    with av.open(io.BytesIO(small)) as one, av.open(io.BytesIO(large)) as two, av.open(file, "w", "matroska") as new:
        stream = new.add_stream_from_template(one.streams.video[0])
        packets = [packet for old in (one, two) for packet in old.demux(video=0) if packet.size]
        for index, packet in enumerate(packets):
            packet.stream, packet.pts, packet.dts = stream, index * 83, index * 83
            new.mux(packet)
    with pytest.raises(DataError, match=r"first 96 x 64 px, frame 6 128 x 80 px"):
        decode_video(file.getvalue())
    found = probe_media(file.getvalue())
    assert found.is_refused
    assert (found.width_px, found.height_px) == (96, 64)


MEASURE = """
import re, sys
from pathlib import Path
from assurai_datasets.media import decode_video

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

decode_video(sys.argv[1], n_frames=1)
before = peak()
frames = decode_video(sys.argv[1]).frames
print((peak() - before) / frames.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_decoding_takes_memory_for_the_frames_and_little_more(make_clip, tmp_path):
    (tmp_path / "a.mp4").write_bytes(make_clip("mp4", frames=160, size=(640, 480)))
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "a.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert float(done.stdout) < 1.8


def test_frames_beyond_the_limit_are_refused_before_they_are_decoded(make_clip, monkeypatch):
    monkeypatch.setattr("assurai_datasets.media.decode.MAX_BYTES", 4 * 96 * 64 * 3)
    assert len(decode_video(make_clip(), n_frames=4).frames) == 4
    with pytest.raises(LimitError, match="ask for fewer"):
        decode_video(make_clip(), n_frames=5)


def flipped_clip(degrees, **flips):
    """A clip of three frames, bright on the left and brightest above, with a display matrix."""
    file = io.BytesIO()
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:, :48], picture[:32, :48] = 128, 255
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=12)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(degrees, **flips)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue(), picture


def shown_by_matrix(picture, content):
    """A picture with every pixel put where the display matrix takes it (ISO/IEC 14496-12, 8.3.2)."""
    at = content.index(b"tkhd") + 4 + 40
    a, b, _, c, d = np.frombuffer(content[at : at + 20], ">i4") // 65536
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width]
    across, down = a * x + c * y, b * x + d * y
    across, down = across - across.min(), down - down.min()
    shown = np.zeros((down.max() + 1, across.max() + 1, 3), np.uint8)
    shown[down, across] = picture
    return shown


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("flips", [{}, {"hflip": True}, {"vflip": True}, {"hflip": True, "vflip": True}])
def test_a_mirrored_or_turned_video_comes_as_its_matrix_says(degrees, flips):
    content, picture = flipped_clip(degrees, **flips)
    frame = decode_video(content, n_frames=1).frames[0]
    expected = shown_by_matrix(picture, content)
    assert frame.shape == expected.shape
    assert np.abs(frame.astype(int) - expected).mean() < 12
    mirrored = len(flips) == 1
    assert (probe_media(content).rotation_deg is None) == mirrored


@pytest.fixture
def open_clip(make_clip):
    """Ninety-six frames in H.264 whose groups refer to each other."""
    params = "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0:ref=4"
    return make_clip("matroska", video="libx264", frames=96, rate=10, codec_options={"x264-params": params})


def keys_of(content):
    with av.open(io.BytesIO(content)) as container:
        return [index for index, packet in enumerate(container.demux(video=0)) if packet.is_keyframe and packet.size]


def test_a_clip_cut_between_groups_that_refer_to_each_other_is_whole(open_clip):
    content = remux(open_clip, start=keys_of(open_clip)[2])
    assert not probe_media(content).is_refused
    assert len(decode_video(content).frames) > 60
    assert len(decode_video(content, n_frames=4).frames) == 4


def test_frames_behind_a_seek_are_the_same_as_when_all_are_decoded(open_clip):
    every = decode_video(open_clip)
    chosen = decode_video(open_clip, n_frames=3)
    assert chosen.times_s == pytest.approx(every.times_s[::32], abs=1e-3)
    assert np.array_equal(chosen.frames, every.frames[::32])


def test_frames_of_a_clip_without_key_frames_are_the_same_as_when_all_are_decoded(make_clip):
    options = {"x264-params": "intra-refresh=1:keyint=40:bframes=0:scenecut=0"}
    content = make_clip("mp4", video="libx264", frames=240, rate=10, size=(320, 240), codec_options=options)
    chosen = decode_video(content, n_frames=3)
    assert np.array_equal(chosen.frames, decode_video(content).frames[::80])


def zeroed(content, start, stop):
    first, last = int(len(content) * start), int(len(content) * stop)
    return content[:first] + bytes(last - first) + content[last:]


@pytest.mark.parametrize("choice", [{}, {"n_frames": 4}])
@pytest.mark.parametrize(
    ("form", "video"), [("mp4", "libx264"), ("matroska", "libx264"), ("avi", "mjpeg"), ("webm", "libvpx")]
)
def test_what_the_probe_refuses_is_not_decoded_either(make_clip, form, video, choice):
    content = make_clip(form, video=video, frames=48)
    for damaged in (zeroed(content, 0.4, 0.5), content[: int(len(content) * 0.7)]):
        assert probe_media(damaged).is_refused
        with pytest.raises(DataError):
            decode_video(damaged, **choice)


def test_an_avi_without_some_of_the_frames_of_its_index_is_bad_data(make_clip, codes_of):
    content = zeroed(make_clip("avi", video="mjpeg", frames=48), 0.4, 0.5)
    with pytest.raises(DataError, match=r"of 48 packets of its video stream 4\d are there"):
        decode_video(content)
    assert codes_of(probe_media(content)) == ["media-header-malformed", "media-unreadable"]


def test_a_fragment_that_is_lost_in_the_middle_is_told(make_clip, codes_of):
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    content = bytearray(make_clip("mp4", frames=48, **options))
    at = content.rindex(b"moof", 0, content.rindex(b"moof"))
    content[at : at + 4] = b"free"
    assert len(plain_frames(bytes(content))) == 36
    assert codes_of(probe_media(bytes(content))) == ["media-duration-mismatch", "media-metadata-private"]


def test_times_count_from_the_first_frame_shown(make_clip):
    def later(_, packet):
        packet.pts, packet.dts = packet.pts + 100_000, packet.dts + 100_000

    plain = make_clip("matroska", frames=48)
    moved = remux(plain, move=later)
    for choice in ({}, {"n_frames": 3}, {"every_s": 0.5}):
        assert np.array_equal(decode_video(moved, **choice).frames, decode_video(plain, **choice).frames)
        assert decode_video(moved, **choice).times_s[0] == 0
    assert len(probe_media(moved).hashes) == 3


def test_a_seek_that_misleads_is_made_up_for(make_clip, monkeypatch):
    from assurai_datasets.media import frame_reader

    content = make_clip("mp4", frames=240)
    expected = decode_video(content, n_frames=3).frames
    decoded = frame_reader.FrameReader._decoded
    calls = itertools.count()

    def broken(self):
        if next(calls) == 1:
            raise DataError("damaged")
        yield from decoded(self)

    monkeypatch.setattr(frame_reader.FrameReader, "_decoded", broken)
    assert np.array_equal(decode_video(content, n_frames=3).frames, expected)
    assert next(calls) == 3


@pytest.mark.parametrize("error", [ValueError("no text"), OverflowError("too far"), ZeroDivisionError("no rate")])
def test_whatever_a_container_makes_pyav_raise_is_bad_data(make_clip, monkeypatch, error):
    def broken(*_):
        raise error

    monkeypatch.setattr("assurai_datasets.media.video_frames.read_outline", broken)
    with pytest.raises(DataError, match="cannot be decoded"):
        decode_video(make_clip())


@pytest.mark.parametrize("form", ["matroska", "mp4"])
def test_a_damaged_first_frame_is_no_cut(make_clip, form):
    content = make_clip(form, video="libx264", frames=48)
    with av.open(io.BytesIO(content)) as container:
        first = bytes(next(container.demux(video=0)))
    at = content.index(first) + len(first) // 2
    damaged = content[:at] + bytes(len(first) // 2) + content[at + len(first) // 2 :]
    assert probe_media(damaged).is_refused
    with pytest.raises(DataError):
        decode_video(damaged)
