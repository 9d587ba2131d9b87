"""The pixels of a decoded frame, without the bytes that decoders leave between its rows."""

from collections.abc import Iterator

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

_PROBE_PX = 16


def pixels_of(frame: VideoFrame) -> Iterator[bytes]:
    """Yield the bytes of a frame's pixels plane by plane, and of its palette, where it has one.

    Rows are padded to a multiple of some bytes, and what stands there is whatever was in that memory before.
    """
    for index, plane in enumerate(frame.planes):
        row = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
        yield row[:, : _row_bytes(frame.format, index, plane.width)].tobytes()


def _row_bytes(form: VideoFormat, plane: int, width: int) -> int:
    """Return how many bytes of a row hold pixels."""
    parts = [part for part in form.components if part.plane == plane]
    if not parts:  # the palette
        return 4 * width
    if not form.is_planar:
        shared_px = _PROBE_PX // form.chroma_width(_PROBE_PX)  # so many pixels of a row share their colour
        return -(-form.padded_bits_per_pixel * (-(-width // shared_px) * shared_px) // 8)
    return len(parts) * -(-max(part.bits for part in parts) // 8) * width
