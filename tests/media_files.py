"""Small media made when tests need them: shapes and tones."""

import io
from fractions import Fraction

import av
import numpy as np
import soundfile
from PIL import Image


def picture(form: str = "PNG", *, size: tuple[int, int] = (64, 48), shade: int = 0, **options: object) -> bytes:
    """Return a picture of colours that run over it."""
    width, height = size
    across = np.linspace(0, 200, width, dtype=np.uint8)[None, :, None]
    down = np.linspace(0, 55, height, dtype=np.uint8)[:, None, None]
    pixels = np.broadcast_to(across + down, (height, width, 3)).copy()
    pixels[..., shade % 3] //= 2
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def sound(
    form: str = "WAV", *, pitch_hz: float = 440.0, duration_s: float = 0.5, rate_hz: int = 16_000, level: float = 0.4
) -> bytes:
    """Return a tone."""
    time_s = np.arange(int(duration_s * rate_hz)) / rate_hz
    out = io.BytesIO()
    soundfile.write(out, level * np.sin(2 * np.pi * pitch_hz * time_s), rate_hz, format=form)
    return out.getvalue()


def clip(*, frames: int = 10, size: tuple[int, int] = (64, 48), rate_hz: int = 10) -> bytes:
    """Return an H.264 clip of colours that move."""
    width, height = size
    row = np.linspace(0, 255, width, dtype=np.uint8)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(rate_hz))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            pixels = np.broadcast_to(np.roll(row, 3 * number)[None, :, None], (height, width, 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
