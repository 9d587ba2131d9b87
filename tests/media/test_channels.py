"""Sounds of many channels, and of channels that are listed one by one, on which PyAV alone ends the process."""

import io
import struct

import av
import numpy as np
import pytest

from assurai_datasets.media import clean_media, decode_audio, probe_media


def encode(codec, form, layout, channels, *, tags=None, **options):
    """A second of one tone a channel."""
    time = np.arange(48_000) / 48_000
    tones = 0.2 * np.sin(2 * np.pi * 300 * np.outer(time, np.arange(1, channels + 1)))
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        container.metadata.update(tags or {})
        stream = container.add_stream(codec, rate=48_000, layout=layout, options=options)
        kind = stream.codec_context.format.name
        scaled = (tones * 32767).astype(np.int16) if kind == "s16" else tones.astype(np.float32)
        for start in range(0, 48_000, 960):
            block = np.ascontiguousarray(scaled[start : start + 960].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format=kind, layout=layout)
            frame.sample_rate, frame.pts = 48_000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue(), tones


@pytest.mark.parametrize(
    ("layout", "channels", "family"),
    [("7.1", 8, 1), ("8 channels", 8, 255), ("9 channels", 9, 255), ("16 channels", 16, 255)],
)
@pytest.mark.parametrize("form", ["matroska", "mp4"])
def test_a_sound_of_eight_and_more_channels_is_decoded_channel_by_channel(form, layout, channels, family, codes_of):
    content, _ = encode("libopus", form, layout, channels, mapping_family=str(family))
    found = probe_media(content, expected="audio")
    assert (found.channels, codes_of(found)) == (channels, [])
    samples, _ = decode_audio(content)
    assert samples.shape == (found.samples, channels)
    middle = samples[12_000:36_000]
    loudest = np.abs(np.fft.rfft(middle, axis=0)).argmax(axis=0) * 2
    heard = loudest == 300 * (np.arange(channels) + 1)
    assert heard.sum() == channels - (layout == "7.1")  # the channel for low tones keeps none of its own


def test_a_sound_of_many_channels_keeps_its_content_when_cleaned():
    content, _ = encode("libopus", "matroska", "9 channels", 9, mapping_family="255", tags={"title": "of a room"})
    cleaned = clean_media(content)
    assert cleaned.removed
    assert np.array_equal(decode_audio(cleaned.content).samples, decode_audio(content).samples)


def test_channels_in_an_order_of_their_own_are_decoded(codes_of):
    content, tones = encode("pcm_s16le", "mov", "3.0", 3)
    by_place, center_first = struct.pack(">I", 113 << 16 | 3), struct.pack(">I", 114 << 16 | 3)
    at = content.index(b"chan") + 8
    assert content[at : at + 4] == by_place
    content = content[:at] + center_first + content[at + 4 :]
    for _ in range(3):
        assert codes_of(probe_media(content, expected="audio")) == []
        assert np.abs(decode_audio(content).samples - tones).max() < 1e-4
