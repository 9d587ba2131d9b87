"""Frames of a release row's video."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from av import FFmpegError, VideoFrame
from av.container import InputContainer
from numpy.typing import NDArray

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.media.decode import MAX_BYTES, MediaValue, content_of
from assurai_datasets.media.streams import open_streams, streams_of

SEEK_AHEAD_S = 2.0
"""Frames nearer than this are reached by decoding on, others by seeking."""
_TICK_S = 1e-6


class Frames(NamedTuple):
    """Decoded frames: uint8 of shape (n_frames, height, width, 3), upright, and when each is shown, in seconds."""

    frames: NDArray[np.uint8]
    times_s: NDArray[np.float64]


def decode_video(value: MediaValue, *, every_s: float | None = None, n_frames: int | None = None) -> Frames:
    """Return frames of a video, uint8 of shape (n_frames, height, width, 3), and their times in seconds.

    Without `every_s` and `n_frames`, every frame. Times count from the start of the video; distant frames are sought.

    Args:
        value: A media cell `{"bytes", "path"}`, bytes, or a path.
        every_s: The frame shown at 0, `every_s`, 2 `every_s` and so on.
        n_frames: The frames shown at the beginning of this many equal parts; of a shorter video some repeat.

    Raises:
        UsageError: Both or impossible choices, or the value holds no medium.
        DataError: The content cannot be decoded, or holds no video.
        LimitError: The frames would take more than 4 GiB; ask for fewer.
    """
    if every_s is not None and n_frames is not None:
        raise UsageError("give every_s or n_frames, not both")
    if (every_s is not None and not every_s > 0) or (n_frames is not None and n_frames < 1):
        raise UsageError(f"every_s and n_frames must be positive, not {every_s!r} and {n_frames!r}")
    content, form = content_of(value)
    if "video" not in form.kinds or form.support == "unsupported":
        raise DataError(f"a {form.name} file holds no video that can be decoded here")
    try:
        with open_streams(content, form) as container:
            return _decode(container, every_s, n_frames)
    except FFmpegError as error:
        raise DataError(f"the {form.name} file cannot be decoded: {error.strerror}") from error


def _decode(container: InputContainer, every_s: float | None, n_frames: int | None) -> Frames:
    stream: Any = next((each for each in streams_of(container, "video") if each.codec_context is not None), None)
    if stream is None:
        raise DataError("the file holds no video that can be decoded here")
    if every_s is None and n_frames is None:
        return _collect(_timed(container, stream))
    length = _length_s(container, stream)
    if n_frames is None:
        n_frames, step = max(1, int(np.ceil((length - _TICK_S) / (every_s or length)))), every_s or length
    else:
        step = length / n_frames
    pixels = stream.codec_context.width * stream.codec_context.height
    _check_size(n_frames * pixels * 3)
    return _collect(_shown_at(container, stream, [index * step for index in range(n_frames)]))


def _length_s(container: InputContainer, stream: Any) -> float:
    """The declared length of a stream, or that of its packets where none is declared."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    ends = [packet.pts + (packet.duration or 0) for packet in container.demux(stream) if packet.pts is not None]
    container.seek(0)
    if not ends:
        raise DataError("the video holds no frame")
    return float((max(ends) - (stream.start_time or 0)) * stream.time_base)


def _timed(container: InputContainer, stream: Any) -> Iterator[tuple[VideoFrame, float]]:
    """Yield frames from where the container stands, with the seconds since the start of the video."""
    start_s = float((stream.start_time or 0) * stream.time_base)
    for frame in container.decode(stream):
        if isinstance(frame, VideoFrame):
            yield frame, (frame.time or 0.0) - start_s


def _shown_at(container: InputContainer, stream: Any, times_s: list[float]) -> Iterator[tuple[VideoFrame, float]]:
    """Yield for each time, in ascending order, the frame that is shown then."""
    frames = _timed(container, stream)
    shown, ahead = None, next(frames, None)
    for time_s in times_s:
        if ahead is not None and time_s - ahead[1] > SEEK_AHEAD_S:
            frames, shown, ahead = _sought(container, stream, time_s)
        while ahead is not None and (shown is None or ahead[1] <= time_s + _TICK_S):
            shown, ahead = ahead, next(frames, None)
        if shown is None:
            raise DataError("the video holds no frame")
        yield shown


def _sought(container: InputContainer, stream: Any, time_s: float) -> tuple[Any, None, Any]:
    """Go to the key frame before a time; where the index leads behind it, to the beginning."""
    start = stream.start_time or 0
    container.seek(start + int(time_s / stream.time_base), stream=stream)
    frames = _timed(container, stream)
    first = next(frames, None)
    if first is None or first[1] > time_s:
        container.seek(start, stream=stream)
        frames = _timed(container, stream)
        first = next(frames, None)
    return frames, None, first


def _collect(shown: Iterator[tuple[VideoFrame, float]]) -> Frames:
    pictures: list[NDArray[np.uint8]] = []
    times: list[float] = []
    for frame, time_s in shown:
        picture = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        pictures.append(np.rot90(picture, frame.rotation // 90 % 4))
        times.append(time_s)
        _check_size(len(pictures) * picture.size)
    if not pictures:
        raise DataError("the video holds no frame")
    return Frames(np.stack(pictures), np.asarray(times, np.float64))


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise LimitError(
            f"the frames take {size:,} bytes, more than {MAX_BYTES:,}; ask for fewer with n_frames or every_s"
        )
