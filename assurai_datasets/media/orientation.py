"""Which way up a frame is shown, by the display matrix of its file."""

import struct
from typing import Any, NamedTuple

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from numpy.typing import NDArray


class Orientation(NamedTuple):
    """What is done to a stored frame, in this order."""

    transposed: bool = False
    flipped_down: bool = False
    flipped_across: bool = False

    @property
    def is_mirrored(self) -> bool:
        """Whether no turn alone shows the frame as it should be."""
        return self.transposed ^ self.flipped_down ^ self.flipped_across


def orientation_of(frame: VideoFrame) -> Orientation:
    """Return how a frame is to be shown: the nearest quarter turn, mirrored or not.

    A display matrix (ISO/IEC 14496-12, 8.3.2) takes x to a x + c y and y to b x + d y.
    """
    side_data: Any = frame.side_data
    matrix = side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return Orientation()
    a, b, _, c, d = struct.unpack_from("=5i", bytes(matrix))
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(True, b < 0, c < 0)
    return Orientation(False, d < 0, a < 0)


def turn_upright(picture: NDArray[np.uint8], orientation: Orientation) -> NDArray[np.uint8]:
    """Return a picture of shape (height, width, n_channels) as it is shown."""
    if orientation.transposed:
        picture = picture.transpose(1, 0, 2)
    down, across = (-1 if flipped else 1 for flipped in orientation[1:])
    return picture[::down, ::across]
