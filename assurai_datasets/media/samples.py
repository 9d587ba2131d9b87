"""Decoded sound as numbers."""

from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.plane import AudioPlane
from numpy.typing import NDArray

_KINDS = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8"}
_SCALES = {"u1": 128.0, "i2": 32768.0, "i4": 2147483648.0, "i8": 9223372036854775808.0}


def to_samples(frame: AudioFrame) -> NDArray[np.float32]:
    """Return a decoded frame as samples of shape (n_samples, n_channels), 1.0 being full scale."""
    channels = frame.layout.nb_channels
    if not frame.samples:
        return np.empty((0, channels), np.float32)
    kind = _KINDS[frame.format.name.removesuffix("p")]
    raw = [np.frombuffer(plane, np.dtype(kind)) for plane in planes_of(frame)]
    samples = np.stack(raw, axis=1) if frame.format.is_planar else raw[0].reshape(-1, channels)
    if kind in ("f4", "f8"):
        return np.asarray(samples, np.float32)
    shift = 128.0 if kind == "u1" else 0.0
    return np.asarray((samples.astype(np.float64) - shift) / _SCALES[kind], np.float32)


def planes_of(frame: AudioFrame) -> list[memoryview]:
    """Return the bytes of a frame's samples: one stretch a channel, or one for all where they are interleaved.

    `AudioFrame.planes` looks for a null pointer behind the last one; there is none behind eight, and it reads on.
    """
    channels = frame.layout.nb_channels
    stretches, width = (channels, 1) if frame.format.is_planar else (1, channels)
    planes: list[Any] = [AudioPlane(frame, index) for index in range(stretches)]
    return [memoryview(plane)[: frame.samples * frame.format.bytes * width] for plane in planes]
