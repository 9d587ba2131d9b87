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

_DEAD_ZONE = 0.5
"""Neighbouring tiles closer than this in grey level count as equal, so that noise on flat ground flips no bits."""


def shrink_picture(image: Image.Image) -> NDArray[np.float32]:
    """Return a decoded picture as grey levels 0-255 of shape (64, 64); transparent parts become white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = _stretch(image)
    elif image.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa") and (image.mode != "P" or "transparency" in image.info):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    if (factor := min(image.size) // (2 * SIDE_PX)) > 1:
        image = image.reduce(factor)
    small = image.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX).convert("L")
    return np.asarray(small, np.float32)


def hash_grey(grey: NDArray[np.float32]) -> str:
    """Return the perceptual hash of grey levels of shape (64, 64), as 48 hexadecimal digits."""
    return np.packbits(np.concatenate([_low_frequencies(grey), _slopes(grey)])).tobytes().hex()


def _stretch(image: Image.Image) -> Image.Image:
    values = np.nan_to_num(np.asarray(image, np.float32))
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / ((high - low) or 1.0))).astype(np.uint8))


def _low_frequencies(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    transform = _cosines()
    spectrum = (transform @ grey @ transform.T).ravel()
    bits = spectrum > np.median(spectrum[1:])
    bits[0] = False  # the mean brightness says nothing about what is shown
    return bits


def _slopes(grey: NDArray[np.float32]) -> NDArray[np.bool_]:
    picture = Image.fromarray(grey)
    across = np.asarray(picture.resize((9, 8), Image.Resampling.BOX))
    down = np.asarray(picture.resize((8, 9), Image.Resampling.BOX))
    rises = (across[:, 1:] - across[:, :-1], down[1:] - down[:-1])
    return np.concatenate([(rise > _DEAD_ZONE).ravel() for rise in rises])


@cache
def _cosines() -> NDArray[np.float32]:
    """The first eight rows of the orthonormal DCT-II of length 64."""
    position, frequency = np.arange(SIDE_PX), np.arange(8)[:, None]
    return np.cos(np.pi * (2 * position + 1) * frequency / (2 * SIDE_PX)).astype(np.float32)
