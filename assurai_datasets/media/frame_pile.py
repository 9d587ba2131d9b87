"""Decoded frames, put into one array as they come."""

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from assurai_datasets.errors import DataError, LimitError
from assurai_datasets.media import decode
from assurai_datasets.media.orientation import orientation_of, turn_upright


class FramePile:
    """An array that grows by frames; memory that no frame was written to is asked for, but not taken."""

    def __init__(self, expected: int) -> None:
        self._expected = max(1, expected)
        self._held = 0
        self._array: NDArray[np.uint8] | None = None

    @property
    def frames(self) -> NDArray[np.uint8]:
        """All frames so far, uint8 of shape (n_frames, height, width, 3)."""
        return np.empty((0, 0, 0, 3), np.uint8) if self._array is None else self._array[: self._held]

    def add(self, frame: VideoFrame) -> None:
        """Take in a frame, upright and in RGB.

        Raises:
            DataError: It is of another size than the first.
            LimitError: The frames take more than is allowed.
        """
        picture = turn_upright(np.asarray(frame.to_ndarray(format="rgb24", threads=1), np.uint8), orientation_of(frame))
        array = self._with_room(picture)
        if picture.shape != array.shape[1:]:
            raise DataError(
                f"its frames differ in size: first {_spell(array[0])}, frame {self._held} {_spell(picture)}"
            )
        array[self._held] = picture
        self._held += 1

    def check(self, size: int) -> None:
        """Refuse a number of bytes beyond the limit.

        Raises:
            LimitError: It is.
        """
        if size > decode.MAX_BYTES:
            found = f"the frames take {size:,} bytes, more than {decode.MAX_BYTES:,}"
            raise LimitError(f"{found}; ask for fewer with n_frames or every_s")

    def _with_room(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the array with a place for one more frame."""
        self.check((self._held + 1) * picture.size)
        if self._array is None:
            room = min(self._expected, decode.MAX_BYTES // picture.size)
            self._array = np.empty((room, *picture.shape), np.uint8)
        elif self._held == len(self._array):
            grown = np.empty((2 * self._held, *self._array.shape[1:]), np.uint8)
            grown[: self._held] = self._array
            self._array = grown
        return self._array


def _spell(picture: NDArray[np.uint8]) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]} px"
