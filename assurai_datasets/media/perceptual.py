"""Perceptual hashes: pictures that look alike have hashes that differ in few bits.

A hash has 192 bits: 64 from the lowest frequencies of a cosine transform (Zauner 2010, "Implementation and benchmarking
of perceptual image hash functions"), which tell pictures apart, and 128 from comparing neighbouring tiles, which
survive cropping. Two pictures count as near only where both parts agree.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE_PX = 64
"""Pictures are hashed as squares of this many grey pixels a side."""

SAMPLES = 3
"""Of large pictures, at least this many pixels a side are averaged into one; all of them would take longer to read."""

_DEAD_ZONE = 0.5
"""Neighbouring tiles closer than this in grey level count as equal, so that noise on flat ground flips no bits."""


def shrink_picture(image: Image.Image) -> NDArray[np.float32]:
    """Return a decoded picture as grey levels 0-255 of shape (64, 64); transparent parts become white."""
    if (step := min(image.size) // (SAMPLES * SIDE_PX)) > 1:
        image = image.resize((image.width // step, image.height // step), Image.Resampling.NEAREST)
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = _stretch(image)
    elif image.mode == "LAB":  # Pillow makes no other colours of it; its first band is the lightness
        image = image.getchannel(0)
    elif image.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa") and (image.mode != "P" or "transparency" in image.info):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground
    grey = image if image.mode == "L" else image.convert("L")
    return np.asarray(grey.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX), np.float32)


def hash_grey(grey: NDArray[np.float32]) -> str | None:
    """Return the perceptual hash of grey levels of shape (64, 64), as 48 hexadecimal digits.

    A flat picture looks like every other, and has none.
    """
    if grey.max() - grey.min() < 1:
        return None
    views = _lenses() @ grey @ _lenses().T
    spectrum = views[:8, :8].ravel()
    across, down = views[8:16, 16:], views[16:, 8:16]
    bits = np.empty(192, np.bool_)
    bits[:64] = spectrum > np.sort(spectrum[1:])[31]
    bits[0] = False  # the mean brightness says nothing about what is shown
    bits[64:128] = (across[:, 1:] - across[:, :-1] > _DEAD_ZONE).ravel()
    bits[128:] = (down[1:] - down[:-1] > _DEAD_ZONE).ravel()
    return np.packbits(bits).tobytes().hex()


def _stretch(image: Image.Image) -> Image.Image:
    values = np.nan_to_num(np.asarray(image, np.float32))
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / ((high - low) or 1.0))).astype(np.uint8))


@cache
def _lenses() -> NDArray[np.float32]:
    """Rows that turn 64 levels into eight cosine coefficients, the means of eight tiles, and the means of nine."""
    position, frequency = np.arange(SIDE_PX), np.arange(8)[:, None]
    cosines = np.cos(np.pi * (2 * position + 1) * frequency / (2 * SIDE_PX))
    return np.concatenate([cosines, _tiles(8), _tiles(9)]).astype(np.float32)


def _tiles(count: int) -> NDArray[np.float64]:
    """Weights that average 64 levels into equal tiles, of shape (count, 64); a level on an edge is shared."""
    edges = np.arange(count + 1) * SIDE_PX / count
    start, end = np.arange(SIDE_PX), np.arange(1, SIDE_PX + 1)
    shares = np.minimum(end, edges[1:, None]) - np.maximum(start, edges[:-1, None])
    return np.asarray(np.clip(shares, 0, None) * count / SIDE_PX, np.float64)
