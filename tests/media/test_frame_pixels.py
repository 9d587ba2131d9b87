"""The pixels of decoded frames are told apart from what decoders leave between the rows."""

import numpy as np
import pytest
from av import VideoFrame

from assurai_datasets.media.frame_pixels import pixels_of

BYTES = {
    "yuv420p": 97 * 65 + 2 * 49 * 33,
    "yuv420p10le": 2 * (97 * 65 + 2 * 49 * 33),
    "yuv444p": 3 * 97 * 65,
    "gbrp": 3 * 97 * 65,
    "nv12": 97 * 65 + 2 * 49 * 33,
    "gray": 97 * 65,
    "gray10le": 2 * 97 * 65,
    "rgb24": 3 * 97 * 65,
    "bgr0": 4 * 97 * 65,
    "rgb555le": 2 * 97 * 65,
    "yuyv422": 2 * 98 * 65,
    "uyyvyy411": 150 * 65,
    "y210le": 4 * 98 * 65,
    "monow": 13 * 65,
    "pal8": 97 * 65 + 4 * 256,
}


def make_frame(form, fill):
    """A frame of which every byte, between the rows too, has one value."""
    frame = VideoFrame(97, 65, form)
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = fill
    return frame


@pytest.mark.parametrize("form", BYTES)
def test_every_pixel_is_there_once(form):
    assert sum(map(len, pixels_of(make_frame(form, 7)))) == BYTES[form]


@pytest.mark.parametrize("form", BYTES)
def test_what_stands_between_the_rows_says_nothing(form):
    frame = make_frame(form, 7)
    before = list(pixels_of(frame))
    padded = 0
    for plane, pixels in zip(frame.planes, before, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, -1)
        width = len(pixels) // plane.height
        padded += rows.shape[1] - width
        rows[:, width:] = 200
    assert padded > 0
    assert list(pixels_of(frame)) == before


@pytest.mark.parametrize("form", BYTES)
def test_the_last_pixel_of_every_plane_counts(form):
    for index in range(len(make_frame(form, 7).planes)):
        frame = make_frame(form, 7)
        before = list(pixels_of(frame))
        plane = frame.planes[index]
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, -1)
        rows[-1, len(before[index]) // plane.height - 1] ^= 255
        after = list(pixels_of(frame))
        assert [x == y for x, y in zip(before, after, strict=True)] == [each != index for each in range(len(before))]
