"""FLAC files that lost, doubled or moved frames, of which every frame and the header are as they should be."""

import io

import av
import numpy as np
import pytest
import soundfile

from assurai_datasets.media import decode_audio, probe_media


def write_flac(subtype, channels):
    time = np.arange(48_000) / 16_000
    tones = [0.2 * np.sin(2 * np.pi * (200 + 300 * channel + 100 * time) * time) for channel in range(channels)]
    file = io.BytesIO()
    soundfile.write(file, np.stack(tones, axis=1), 16_000, format="FLAC", subtype=subtype)
    return file.getvalue()


def frames_of(content):
    """The header of a FLAC file, and its frames."""
    with av.open(io.BytesIO(content), format="flac") as container:
        starts = [packet.pos for packet in container.demux(audio=0) if packet.size]
    return content[: starts[0]], [content[a:b] for a, b in zip(starts, [*starts[1:], len(content)], strict=True)]


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_digest_of_whole_files_agrees(subtype, channels, codes_of):
    assert codes_of(probe_media(write_flac(subtype, channels))) == []


CHANGES = {
    "lost": lambda frames: frames[:4] + frames[5:],
    "doubled": lambda frames: [*frames[:4], frames[4], *frames[4:]],
    "swapped": lambda frames: [*frames[:4], frames[5], frames[4], *frames[6:]],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_frames_out_of_their_row_are_found(subtype, change):
    header, frames = frames_of(write_flac(subtype, 2))
    assert len(frames) > 8
    found = probe_media(header + b"".join(CHANGES[change](frames)))
    assert found.is_refused
    assert not found.decoded


def test_a_header_that_declares_too_few_samples_is_found(codes_of):
    content = bytearray(write_flac("PCM_16", 1))
    content[22:26] = (24_000).to_bytes(4, "big")
    assert codes_of(probe_media(bytes(content))) == ["media-unreadable"]


def without_digest(header):
    return header[:26] + bytes(16) + header[42:]


@pytest.mark.parametrize(
    ("change", "code"),
    [("lost", "media-truncated"), ("doubled", "media-duration-mismatch"), ("first", "media-truncated")],
)
def test_without_a_digest_the_samples_are_counted(change, code, codes_of):
    header, frames = frames_of(write_flac("PCM_16", 2))
    changed = frames[1:] if change == "first" else CHANGES[change](frames)
    content = without_digest(header) + b"".join(changed)
    found = probe_media(content)
    assert code in codes_of(found)
    assert found.samples == len(decode_audio(content).samples) != 48_000


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_samples_without_a_digest_equal_those_of_soundfile(subtype, codes_of):
    content = write_flac(subtype, 2)
    open_ended = without_digest(content)
    expected, _ = soundfile.read(io.BytesIO(open_ended), dtype="float32", always_2d=True)
    assert np.array_equal(decode_audio(open_ended).samples, expected)
    found, whole = probe_media(open_ended), probe_media(content)
    assert codes_of(found) == []
    assert (found.samples, found.sample_hash, found.duration_s) == (whole.samples, whole.sample_hash, 3.0)


def test_a_digest_left_open_is_held_against_nothing(codes_of):
    content = bytearray(write_flac("PCM_16", 1))
    content[26:42] = bytes(16)
    assert codes_of(probe_media(bytes(content))) == []
    content[26:42] = bytes(range(16))
    assert codes_of(probe_media(bytes(content))) == ["media-unreadable"]
