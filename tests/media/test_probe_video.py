"""What the probe says of clips: valid ones pass, whatever else their container holds, and lost frames do not."""

import io
import struct

import av
import pytest

from assurai_datasets.media import MediaLimits, probe_media


def remux(content, form, *, keep=lambda index: True, place=None, more=None):
    """The packets of a clip's first stream in a new container, those that are kept, at other places where told."""
    file = io.BytesIO()
    with av.open(io.BytesIO(content)) as old, av.open(file, "w", format=form) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        rest = more(new) if more is not None else []
        packets = [packet for packet in old.demux(video=0) if packet.size]
        for index, packet in enumerate(packets):
            packet.stream = stream
            if place is not None:
                packet.pts = packet.dts = place(index)
            if keep(index):
                new.mux(packet)
        for packet in rest:
            new.mux(packet)
    return file.getvalue()


def second_clip(content, start_s):
    """Packets of another clip, to follow from a time on."""

    def add(container):
        old = av.open(io.BytesIO(content))
        stream = container.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(video=0) if packet.size]
        for packet in packets:
            packet.stream = stream
            packet.pts, packet.dts = (ticks + int(start_s / packet.time_base) for ticks in (packet.pts, packet.dts))
        return packets

    return add


@pytest.mark.parametrize("form", ["matroska", "webm"])
def test_a_stream_that_starts_late_is_whole(make_clip, form):
    video = "mpeg4" if form == "matroska" else "libvpx"
    content = remux(
        make_clip(form, video=video, frames=96),
        form,
        more=second_clip(make_clip(form, video=video, frames=12, seed=2), 7.0),
    )
    found = probe_media(content)
    assert (found.frames, found.faults) == (96, ())


@pytest.mark.parametrize("form", ["matroska", "webm"])
def test_a_short_clip_beside_a_long_one_has_all_its_hashes(make_clip, form):
    video = "mpeg4" if form == "matroska" else "libvpx"
    content = remux(
        make_clip(form, video=video, frames=24),
        form,
        more=second_clip(make_clip(form, video=video, frames=96, seed=2), 0.0),
    )
    found = probe_media(content)
    assert (found.faults, len(found.hashes)) == ((), 3)
    assert found.hashes[:2] == probe_media(make_clip(form, video=video, frames=24)).hashes[:2]


@pytest.mark.parametrize("form", ["mp4", "mov", "matroska", "avi"])
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_every_frame_of_the_shortest_clips_is_hashed(make_clip, form, frames):
    assert len(probe_media(make_clip(form, frames=frames)).hashes) == frames


def test_a_matroska_that_lost_its_last_blocks_is_truncated(make_clip, codes_of):
    content = make_clip("matroska", frames=96)
    at = content.rindex(b"\x1f\x43\xb6\x75")
    size = content.index(b"\x1c\x53\xbb\x6b", at) - at if b"\x1c\x53\xbb\x6b" in content[at:] else len(content) - at
    void = b"\xec\x01" + (size - 9).to_bytes(7, "big") + bytes(size - 9)
    assert codes_of(probe_media(content[:at] + void + content[at + size :])) == ["media-truncated"]


def test_frames_that_are_all_shown_at_once_have_no_length(make_clip, codes_of):
    content = remux(make_clip("matroska", video="mjpeg"), "matroska", place=lambda index: 0)
    assert codes_of(probe_media(content)) == ["media-duration-zero"]


def test_a_video_stream_without_frames_beside_sound_has_no_length(make_clip, codes_of):
    file = io.BytesIO()
    with (
        av.open(io.BytesIO(make_clip("matroska"))) as pictures,
        av.open(io.BytesIO(make_clip("matroska", video=None, audio="aac"))) as sound,
        av.open(file, "w", format="matroska") as new,
    ):
        new.add_stream_from_template(pictures.streams.video[0])
        stream = new.add_stream_from_template(sound.streams.audio[0])
        for packet in sound.demux(audio=0):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    assert codes_of(probe_media(file.getvalue(), expected="video")) == ["media-duration-zero"]


@pytest.mark.parametrize(
    ("timescale", "codes"), [(2_000_000, ["media-header-malformed"]), (1_000_000_000, ["media-duration-zero"])]
)
def test_more_frames_a_second_than_any_film_has_are_a_fault(make_clip, codes_of, timescale, codes):
    content = bytearray(make_clip("mp4"))
    at = content.index(b"mdhd") + 4 + 12
    content[at : at + 4] = struct.pack(">I", timescale)
    assert [code for code in codes_of(probe_media(bytes(content))) if code != "media-duration-mismatch"] == codes


def counted(content, kind, change, which=0):
    """An MP4 with another count in one of its tables."""
    at = -1
    for _ in range(which + 1):
        at = content.index(kind, at + 1)
    at += 4 + (8 if kind == b"stsz" else 4)
    (count,) = struct.unpack_from(">I", content, at)
    return content[:at] + struct.pack(">I", count + change) + content[at + 4 :]


@pytest.mark.parametrize("which", [0, 1])
def test_an_mp4_whose_tables_lost_entries_is_unreadable(make_clip, codes_of, which):
    content = make_clip("mp4", audio="aac", frames=48)
    assert codes_of(probe_media(content)) == []
    assert "media-unreadable" in codes_of(probe_media(counted(content, b"stsz", -2, which)))


@pytest.mark.parametrize("form", ["mp4", "mov"])
def test_frames_that_an_edit_list_leaves_out_are_no_fault(make_clip, form, codes_of):
    file = io.BytesIO()
    with av.open(io.BytesIO(make_clip(form, frames=48))) as old, av.open(file, "w", format=form) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                packet.pts, packet.dts = (ticks - int(0.5 / packet.time_base) for ticks in (packet.pts, packet.dts))
                new.mux(packet)
    found = probe_media(file.getvalue())
    assert found.frames < 48
    assert codes_of(found) == []


def test_an_avi_that_shows_some_frames_longer_is_no_fault(make_clip, codes_of):
    content = remux(make_clip("avi"), "avi", place=lambda index: index + 6 * (index > 12))
    found = probe_media(content)
    assert (found.frames, codes_of(found), found.is_variable_rate) == (24, [], True)


def test_a_hole_in_a_steady_clip_is_a_warning(make_clip, codes_of):
    content = remux(make_clip("webm", video="libvpx", frames=96), "webm", keep=lambda index: not 40 <= index < 60)
    found = probe_media(content)
    assert codes_of(found) == ["media-duration-mismatch"]
    assert not found.is_refused


def test_a_clip_of_stills_has_no_hole(make_clip, codes_of):
    content = remux(make_clip("matroska", video="mjpeg"), "matroska", place=lambda index: 2000 * index)
    assert codes_of(probe_media(content)) == []


def test_a_size_in_the_header_that_no_frame_has_is_a_warning(make_clip, codes_of):
    content = make_clip("webm", video="libvpx").replace(b"\xb0\x81\x60\xba\x81\x40", b"\xb0\x81\x20\xba\x81\x20")
    found = probe_media(content)
    assert codes_of(found) == ["media-header-malformed"]
    assert (found.width_px, found.height_px) == (96, 64)


@pytest.mark.parametrize(
    ("form", "video", "codec"), [("webm", "libvpx-vp9", "vp9"), ("mp4", "libsvtav1", "av1"), ("mp4", "libx264", "h264")]
)
def test_a_codec_has_the_name_of_the_format_and_not_of_a_decoder(make_clip, form, video, codec):
    assert probe_media(make_clip(form, video=video, frames=4)).codec == codec


@pytest.mark.parametrize("codec", ["flac", "libopus", "libmp3lame"])
def test_the_form_of_a_sound_beside_a_video_is_that_of_its_samples(make_clip, codes_of, codec):
    clip = make_clip("mp4", video="h264", audio=codec)
    at = clip.index(struct.pack(">I", 48_000 << 16), clip.index(b"moov"))
    clip = clip[: at - 8] + struct.pack(">H", 2) + clip[at - 6 : at] + struct.pack(">I", 24_000 << 16) + clip[at + 4 :]
    found = probe_media(clip)
    assert (found.sample_rate_hz, found.channels, found.frames) == (48_000, 1, 24)
    assert codes_of(probe_media(clip, limits=MediaLimits(max_sample_rate_hz=30_000))) == ["media-too-large"]


def test_a_clip_whose_container_tells_no_size_is_measured_by_its_decoder(make_clip):
    clip = make_clip("mp4", size=(96, 64))
    told = struct.pack(">HHII", 96, 64, 0x480000, 0x480000)
    assert clip.count(told) == 1
    found = probe_media(clip.replace(told, bytes(4) + told[4:]))
    assert (found.width_px, found.height_px, found.frames, found.faults) == (96, 64, 24, ())


def in_order(content, form, *kinds):
    """The streams of a clip in a new container, in the order of these kinds."""
    file = io.BytesIO()
    with av.open(io.BytesIO(content)) as old, av.open(file, "w", format=form) as new:
        streams = {}
        for kind in kinds:
            stream = next(each for each in old.streams if each.type == kind)
            streams[stream.index] = new.add_stream_from_template(stream)
        for packet in old.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                new.mux(packet)
    return file.getvalue()


@pytest.mark.parametrize("form", ["mp4", "mov", "matroska"])
@pytest.mark.parametrize("frames", [1, 2, 3, 24])
def test_the_last_frames_belong_to_the_video_though_its_sound_comes_first(make_clip, form, frames):
    clip = make_clip("mp4", video="h264", audio="aac", frames=frames, codec_options={"x264-params": "bframes=3"})
    first, second = (probe_media(in_order(clip, form, *kinds)) for kinds in (("audio", "video"), ("video", "audio")))
    assert (first.frames, second.frames) == (frames, frames)
    assert (first.duration_s, first.hashes) == (second.duration_s, second.hashes)
    assert not first.is_refused


def test_the_last_frames_of_a_second_video_are_not_those_of_the_first(make_clip):
    options = {"x264-params": "bframes=3"}
    clips = [make_clip("mp4", video="h264", frames=frames, seed=frames, codec_options=options) for frames in (12, 36)]
    found = probe_media(remux(clips[0], "mp4", more=second_clip(clips[1], 0.0)))
    assert (found.frames, found.frame_rate_hz, found.is_variable_rate, found.faults) == (12, 12.0, False, ())


@pytest.mark.parametrize("told_hz", [1, 22_050, 44_100])
def test_mpeg_audio_has_the_rate_of_its_frames_whatever_its_container_tells(make_clip, told_hz):
    clip = make_clip("mp4", video=None, audio="libmp3lame")
    told = b"\0\x10\0\0\0\0" + struct.pack(">I", 48_000 << 16)
    assert clip.count(told) == 1
    found = probe_media(clip.replace(told, told[:6] + struct.pack(">I", told_hz << 16)))
    assert (found.sample_rate_hz, found.decoded, found.faults) == (48_000, True, ())


def test_a_picture_larger_than_its_container_tells_is_held_against_the_limits(make_clip, codes_of):
    clip = make_clip("mp4", video="h264", size=(96, 64))
    told = struct.pack(">HHII", 96, 64, 0x480000, 0x480000)
    assert clip.count(told) == 1
    content = clip.replace(told, struct.pack(">HH", 32, 32) + told[4:])
    assert codes_of(probe_media(content, limits=MediaLimits(max_pixels=4_000))) == ["media-too-large"]
