"""Media made at test time."""

import io

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

av.logging.set_level(av.logging.PANIC)


@pytest.fixture
def make_picture():
    """A smooth random picture as bytes of a file."""

    def make(form="JPEG", *, size=(96, 64), mode="RGB", seed=1, frames=1, **options):
        pictures = [draw_picture(size, seed + index).convert(mode) for index in range(frames)]
        if frames > 1:
            options |= {"save_all": True, "append_images": pictures[1:]}
        file = io.BytesIO()
        pictures[0].save(file, form, **options)
        return file.getvalue()

    return make


def draw_picture(size=(96, 64), seed=1):
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def draw():
    return draw_picture


@pytest.fixture
def make_tone():
    """Samples of a tone, float32 of shape (n_samples, n_channels)."""

    def make(*, seconds=0.5, rate=16_000, channels=1, level=0.3):
        time = np.arange(int(seconds * rate)) / rate
        tone = level * np.sin(2 * np.pi * 440 * time)
        return np.repeat(tone[:, None], channels, axis=1).astype(np.float32)

    return make


@pytest.fixture
def make_sound(make_tone):
    """A tone as bytes of a file that libsndfile writes."""

    def make(form="WAV", *, subtype=None, rate=16_000, **tone):
        file = io.BytesIO()
        soundfile.write(file, make_tone(rate=rate, **tone), rate, format=form, subtype=subtype)
        return file.getvalue()

    return make


@pytest.fixture
def make_clip(make_tone):
    """A clip as bytes of a file: a moving smooth pattern, with a tone where an audio codec is given."""

    def make(
        form="mp4",
        *,
        video="mpeg4",
        audio=None,
        frames=24,
        rate=12,
        size=(96, 64),
        seed=1,
        tags=None,
        codec_options=None,
        **options,
    ):
        file = io.BytesIO()
        with av.open(file, "w", format=form, options=options) as container:
            container.metadata.update(tags or {})
            if video:
                picture = container.add_stream(video, rate=rate)
                picture.width, picture.height, picture.pix_fmt = *size, "yuvj420p" if video == "mjpeg" else "yuv420p"
                picture.codec_context.thread_count = 1
                picture.options = codec_options or {}
            if audio:
                sound = container.add_stream(audio, rate=48_000, layout="mono")
            base = np.asarray(draw_picture(size, seed))
            for index in range(frames if video else 0):
                frame = av.VideoFrame.from_ndarray(
                    np.ascontiguousarray(np.roll(base, 3 * index, axis=1)), format="rgb24"
                )
                container.mux(picture.encode(frame))
            if video:
                container.mux(picture.encode(None))
            if audio:
                tone = make_tone(seconds=frames / rate, rate=48_000)
                for start in range(0, len(tone) - 960, 960):
                    frame = av.AudioFrame.from_ndarray(tone[start : start + 960].T.copy(), format="fltp", layout="mono")
                    frame.sample_rate, frame.pts = 48_000, start
                    container.mux(sound.encode(frame))
                container.mux(sound.encode(None))
        return file.getvalue()

    return make


@pytest.fixture
def codes_of():
    return lambda media_file: [fault.code.value for fault in media_file.faults]


@pytest.fixture
def decoded(monkeypatch):
    """A list that grows by one with each frame that is decoded."""
    from assurai_datasets.media.frame_reader import FrameReader

    seen, plain = [], FrameReader._frames_of

    def counted(self, packet, lead, shown):
        frames = plain(self, packet, lead, shown)
        seen.extend(frames)
        return frames

    monkeypatch.setattr(FrameReader, "_frames_of", counted)
    return seen
