"""Decoded sound as numbers."""

from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

_SCALES = {"u1": 128.0, "i2": 32768.0, "i4": 2147483648.0, "i8": 9223372036854775808.0}


def to_samples(frame: AudioFrame) -> NDArray[np.float32]:
    """Return a decoded frame as samples of shape (n_samples, n_channels), 1.0 being full scale."""
    channels = frame.layout.nb_channels
    if frame.format.name == "s64":  # a form PyAV hands out as bytes only
        raw: NDArray[Any] = np.frombuffer(bytes(frame.planes[0]), np.dtype("<i8"))[: frame.samples * channels]
    else:
        raw = frame.to_ndarray()
    samples: NDArray[Any] = raw.T if frame.format.is_planar else raw.reshape(-1, channels)
    kind = samples.dtype.str[1:]
    if kind in ("f4", "f8"):
        return np.asarray(samples, np.float32)
    shift = 128.0 if kind == "u1" else 0.0
    return np.asarray((samples.astype(np.float64) - shift) / _SCALES[kind], np.float32)
