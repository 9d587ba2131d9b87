"""Pictures, sounds and clips from their specifications: the same bytes in every run on one machine."""

import io
from collections.abc import Iterator
from typing import cast

import av
import numpy as np
import soundfile
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from assurai_datasets.workflow.sample.specs import Clip, MediaSpecs, Picture, Shape, Sound

OVERSAMPLING = 2
FADE_S = 0.02
ECHO_S = 0.012
PICTURE_FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
VIDEO_CODECS = {
    "mp4": ("libx264", {"qp": "23", "preset": "veryfast"}),
    "webm": ("libvpx", {"crf": "20", "b": "500k", "deadline": "good", "cpu-used": "5"}),
}
"""Codec and options by suffix; x264 at a constant quantizer, for its rate control varies with uninitialized memory."""
REPRODUCIBLE = {"fflags": "+bitexact"}
"""Keeps random serial numbers and the encoder's version out of containers."""


def generate_media(specs: MediaSpecs) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the encoded bytes of each medium, one after the other."""
    for path, picture in specs.pictures.items():
        yield path, encode_picture(picture, _suffix(path))
    for path, sound in specs.sounds.items():
        yield path, encode_sound(sound, _suffix(path))
    for path, clip in specs.clips.items():
        yield path, encode_clip(clip, _suffix(path))


def draw_picture(picture: Picture, at: float = 0.0) -> Image.Image:
    """Return the RGB picture, with each shape at the point of its path reached at `at`, from 0 to 1."""
    width, height = picture.size[0] * OVERSAMPLING, picture.size[1] * OVERSAMPLING
    image = _sky(picture, width, height)
    draw = ImageDraw.Draw(image)
    for shape in picture.shapes:
        _draw_shape(draw, shape, at, (width, height))
    return image.resize(picture.size, Image.Resampling.BOX)


def synthesize(sound: Sound) -> NDArray[np.float64]:
    """Return samples in -1..1, shaped `(n,)`, or `(n, 2)` where the right channel comes a little later."""
    end_s = max(start_s + length_s for start_s, length_s, *_ in sound.notes)
    samples = np.zeros(round((end_s + ECHO_S) * sound.rate_hz))
    for start_s, length_s, *tone in sound.notes:
        note = _note(sound, length_s, *tone)
        start = round(start_s * sound.rate_hz)
        samples[start : start + note.size] += note
    if sound.channels == 1:
        return samples
    delay = round(ECHO_S * sound.rate_hz)
    return np.stack([samples, np.concatenate([np.zeros(delay), samples[:-delay]])], axis=1)


def encode_picture(picture: Picture, suffix: str) -> bytes:
    """Return a drawn picture as `png`, `jpg` or `webp`."""
    out = io.BytesIO()
    draw_picture(picture).save(out, PICTURE_FORMATS[suffix], quality=90)
    return out.getvalue()


def encode_sound(sound: Sound, suffix: str) -> bytes:
    """Return a synthesized sound as `wav`, `flac` or `ogg` (Opus, 48 kHz)."""
    samples = synthesize(sound)
    if suffix == "ogg":
        return _encode_opus(samples, sound.rate_hz)
    out = io.BytesIO()
    soundfile.write(out, samples, sound.rate_hz, format=suffix.upper(), subtype=f"PCM_{sound.bits}")
    return out.getvalue()


def encode_clip(clip: Clip, suffix: str) -> bytes:
    """Return a drawn clip as `mp4` (H.264) or `webm` (VP8)."""
    codec, options = VIDEO_CODECS[suffix]
    out = io.BytesIO()
    with av.open(out, "w", format=suffix, options=REPRODUCIBLE) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=clip.fps, options={**options, "threads": "1"}))
        stream.width, stream.height = clip.size
        stream.pix_fmt = "yuv420p"
        for frame in _frames(clip):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def _suffix(path: str) -> str:
    return path.rpartition(".")[2]


def _sky(picture: Picture, width: int, height: int) -> Image.Image:
    top, bottom = (np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in picture.sky)
    share = np.linspace(0, 1, height)[:, None]
    column = np.round(top * (1 - share) + bottom * share).astype(np.uint8)
    return Image.fromarray(np.repeat(column[:, None, :], width, axis=1))


def _draw_shape(draw: ImageDraw.ImageDraw, shape: Shape, at: float, size: tuple[int, int]) -> None:
    corners = _corners(shape, at, size)
    match shape.geometry:
        case "circle" | "ellipse":
            draw.ellipse(corners, fill=shape.fill)
        case "rectangle":
            draw.rectangle(corners, fill=shape.fill)
        case "polygon":
            draw.polygon(corners, fill=shape.fill)
        case _:
            draw.line(corners, fill=shape.fill, width=max(1, round(shape.width * size[1])), joint="curve")


def _corners(shape: Shape, at: float, size: tuple[int, int]) -> list[float]:
    """Return x, y, x, y, ... in pixels; of a circle, those of the square around it."""
    stops = np.linspace(0, 1, len(shape.path))
    offset = np.array([np.interp(at, stops, axis) for axis in zip(*shape.path, strict=True)])
    points = np.array(shape.points[:2] if shape.circle else shape.points).reshape(-1, 2)
    corners = (points + offset) * size
    if shape.circle:
        radius = shape.circle[2] * size[1]
        corners = np.concatenate([corners - radius, corners + radius])
    return [float(value) for value in corners.ravel()]


def _note(sound: Sound, length_s: float, from_hz: float, to_hz: float, amplitude: float) -> NDArray[np.float64]:
    n = round(length_s * sound.rate_hz)
    phase = 2 * np.pi * np.cumsum(np.linspace(from_hz, to_hz, n)) / sound.rate_hz
    waves = [weight * np.sin(order * phase) for order, weight in enumerate(sound.harmonics, start=1)]
    edge = np.minimum(np.arange(n), np.arange(n)[::-1]) / (FADE_S * sound.rate_hz)
    tone: NDArray[np.float64] = np.sum(waves, axis=0) / sum(sound.harmonics)
    return amplitude * tone * np.minimum(edge, 1)


def _frames(clip: Clip) -> Iterator[av.VideoFrame]:
    n = round(clip.fps * clip.seconds)
    for i in range(n):
        yield av.VideoFrame.from_ndarray(np.asarray(draw_picture(clip, i / (n - 1))), format="rgb24")


def _encode_opus(samples: NDArray[np.float64], rate_hz: int) -> bytes:
    planes = np.ascontiguousarray(np.atleast_2d(samples.T), dtype=np.float32)
    layout = "mono" if len(planes) == 1 else "stereo"
    frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
    frame.sample_rate = rate_hz
    out = io.BytesIO()
    with av.open(out, "w", format="ogg", options=REPRODUCIBLE) as container:
        stream = container.add_stream("libopus", rate=rate_hz, layout=layout)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
