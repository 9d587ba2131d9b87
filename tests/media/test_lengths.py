"""Sounds whose length the decoders estimate, or do not know: all of it is decoded, and none is refused for a guess."""

import io
import struct

import av
import numpy as np
import pytest
import soundfile

from assurai_datasets.errors import DataError
from assurai_datasets.media import clean_media, decode_audio, probe_media
from assurai_datasets.media.digest_content import same_content
from assurai_datasets.media.mpeg_frames import read_header, read_row
from assurai_datasets.media.signatures import sniff

RATE = 44_100


def soft_then_full(seconds=4.0):
    """A soft tone and then many: a variable bit rate begins with small frames and goes on with large ones."""
    time = np.arange(int(seconds * RATE)) / RATE
    soft = 0.002 * np.sin(2 * np.pi * 300 * time)
    full = sum(0.03 * np.sin(2 * np.pi * tone * time + tone) for tone in range(200, 9000, 350))
    return np.where(time < seconds / 4, soft, full)


def write_mp3(samples, mode="VARIABLE"):
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="MP3", bitrate_mode=mode, compression_level=0.5)
    return file.getvalue()


def without_table(content):
    """An MP3 as it comes out of a pipe."""
    return content[read_header(content[:4]).length :]


def with_table(content, frames):
    at = max(content.find(b"Xing"), content.find(b"Info"))
    return content[: at + 8] + struct.pack(">I", frames) + content[at + 12 :]


def id3(size):
    body = b"APIC" + struct.pack(">I", size - 10) + bytes(size - 8)
    return b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + body


@pytest.fixture(scope="module")
def variable():
    return write_mp3(soft_then_full())


@pytest.fixture(scope="module")
def constant():
    return write_mp3(soft_then_full(), "CONSTANT")


def decoded_by_ffmpeg(content):
    with av.open(io.BytesIO(content), format="mp3") as container:
        return sum(frame.samples for frame in container.decode(audio=0))


def test_an_mp3_without_table_of_contents_is_decoded_to_its_end(variable, codes_of):
    content = without_table(variable)
    held = read_row(content).samples
    with soundfile.SoundFile(io.BytesIO(content)) as sound:
        assert sound.frames < held / 2
    found = probe_media(content)
    assert (found.samples, codes_of(found)) == (held, [])
    assert found.declared_duration_s is None
    assert len(decode_audio(content).samples) == held == decoded_by_ffmpeg(content)


@pytest.mark.parametrize("size", [20, 5_000, 60_000])
def test_a_cover_before_an_mp3_does_not_lengthen_it(constant, size, codes_of):
    content = id3(size) + without_table(constant)
    found = probe_media(content)
    assert [code for code in codes_of(found) if code != "media-metadata-private"] == []
    assert found.samples == len(decode_audio(content).samples) == read_row(content).samples


def test_samples_of_an_mp3_without_table_equal_those_of_soundfile_where_it_reads_all(constant):
    content = without_table(constant)
    expected, _ = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    assert np.array_equal(decode_audio(content).samples, expected)


@pytest.mark.parametrize("part", [0.0, 0.01, 0.5])
def test_a_table_that_declares_too_few_frames_cuts_nothing(variable, part):
    content = with_table(variable, int(read_row(variable).frames * part))
    found = probe_media(content)
    assert not found.is_refused
    assert found.samples == len(decode_audio(content).samples)
    assert found.samples > 0.97 * read_row(variable).samples


def test_a_table_that_declares_more_frames_than_there_are_tells_of_a_lost_end(variable, codes_of):
    content = with_table(variable, 2 * read_row(variable).frames)
    assert codes_of(probe_media(content)) == ["media-truncated"]
    with pytest.raises(DataError, match=r"it declares [\d,]+ samples and holds"):
        decode_audio(content)


def test_one_mp3_behind_the_other_is_decoded_whole(variable, constant):
    found = probe_media(variable + constant)
    assert found.samples == len(decode_audio(variable + constant).samples)
    assert found.samples > 0.97 * (read_row(variable).samples + read_row(constant).samples)


def test_frames_behind_stray_bytes_are_decoded_too(variable):
    content = without_table(variable)
    stray = content + bytes(3000) + content
    found = probe_media(stray)
    assert found.samples == len(decode_audio(stray).samples)
    assert found.samples >= 2 * read_row(content).samples


def test_an_mp3_in_a_wav_is_taken(constant, codes_of):
    frames = without_table(constant)
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 1, RATE, 16_000, 1, 0, 12, 1, 2, 418, 1, 1393)
    fact = struct.pack("<I", len(soft_then_full()))
    chunks = b"".join(
        kind + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)
        for kind, body in ((b"fmt ", form), (b"fact", fact), (b"data", frames))
    )
    content = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks
    found = probe_media(content)
    assert (found.container, codes_of(found)) == ("wav", [])
    assert found.samples == len(decode_audio(content).samples) == read_row(frames).samples


def of_unknown_length(flac):
    """A FLAC as it comes out of a pipe: no number of samples and no digest of them."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(20) + flac[42:]


def test_a_flac_of_unknown_length_is_decoded_to_its_end(make_sound, codes_of):
    whole = make_sound("FLAC", seconds=2.0, channels=2)
    content = of_unknown_length(whole)
    found = probe_media(content)
    assert (found.samples, found.declared_duration_s, codes_of(found)) == (32_000, None, [])
    assert found.sample_hash == probe_media(whole).sample_hash
    assert np.array_equal(decode_audio(content).samples, decode_audio(whole).samples)
    assert not probe_media(content, fast=True).is_refused


def test_content_is_compared_by_one_decoder(make_sound):
    """libsndfile reads the one and FFmpeg the other."""
    whole = make_sound("FLAC", seconds=0.5)
    assert same_content(whole, of_unknown_length(whole), sniff(whole))
    assert not same_content(make_sound("FLAC", seconds=0.5, level=0.2), of_unknown_length(whole), sniff(whole))


@pytest.mark.parametrize("subtype", ["GSM610", "IMA_ADPCM", "MS_ADPCM", "NMS_ADPCM_32", "G721_32", "ULAW"])
def test_a_sound_in_blocks_is_as_long_for_the_probe_as_decoded(make_sound, subtype):
    form = "AU" if subtype.startswith("G7") else "WAV"
    content = make_sound(form, subtype=subtype, rate=8000, seconds=0.99)
    with soundfile.SoundFile(io.BytesIO(content)) as sound:
        expected = sound.read(sound.frames, dtype="float32", always_2d=True)
    assert probe_media(content).samples == len(expected)
    assert np.array_equal(decode_audio(content).samples, expected)


def add_cover(audio, cover):
    file = io.BytesIO()
    with av.open(io.BytesIO(audio)) as old, av.open(file, "w", format="mp4") as new:
        new.metadata["title"] = "of the room"
        sound = new.add_stream_from_template(old.streams.audio[0])
        picture = new.add_stream("mjpeg", rate=1)
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuvj420p"
        picture.disposition = av.stream.Disposition.attached_pic
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                new.mux(packet)
        packet = av.Packet(cover)
        packet.stream, packet.pts, packet.dts = picture, 0, 0
        new.mux(packet)
    return file.getvalue()


def test_a_cover_is_removed_from_a_sound_like_other_metadata(make_clip, make_picture):
    content = add_cover(make_clip("ipod", video=None, audio="aac"), make_picture("JPEG"))
    assert b"covr" in content
    form = sniff(content)
    cleaned = clean_media(content)
    assert cleaned.removed
    assert same_content(content, cleaned.content, form)
    assert not same_content(content, make_clip("ipod", video=None, audio="aac", frames=12), form)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_a_chained_ogg_is_decoded_link_by_link(make_sound, subtype, codes_of):
    links = [make_sound("OGG", subtype=subtype, rate=48_000, seconds=seconds) for seconds in (0.5, 1.0, 0.25)]
    content = b"".join(links)
    found = probe_media(content)
    assert (found.samples, found.declared_duration_s, codes_of(found)) == (84_000, 1.75, [])
    assert np.array_equal(decode_audio(content).samples, np.concatenate([decode_audio(link).samples for link in links]))
    assert same_content(content, content, sniff(content))
    assert not same_content(content, links[0], sniff(content))


def test_a_chained_ogg_whose_links_differ_is_refused_in_words(make_sound, codes_of):
    content = b"".join(make_sound("OGG", channels=channels) for channels in (1, 2))
    found = probe_media(content)
    assert codes_of(found) == ["media-format-unsupported"]
    assert "one stream" in found.faults[0].hint
    with pytest.raises(DataError, match="chain of streams"):
        decode_audio(content)


def test_a_file_that_is_no_medium_any_more_is_not_proved_the_same(constant):
    """Where a tag declares a wrong length, what is left behind it does not begin with a frame."""
    content = id3(5_000) + without_table(constant)
    assert same_content(content, without_table(constant), sniff(content))
    assert not same_content(content, b"\0\1" + without_table(constant), sniff(content))
