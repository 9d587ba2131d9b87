"""Frames of a release row's video."""

from collections.abc import Iterable
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from av import FFmpegError
from numpy.typing import NDArray

from assurai_datasets.errors import AssuraiError, DataError, LimitError, UsageError
from assurai_datasets.media.containers import survey
from assurai_datasets.media.decode import MediaValue, content_of, describe_error
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.frame_pile import FramePile
from assurai_datasets.media.frame_reader import FrameReader, MisledError, Shown
from assurai_datasets.media.outline import Outline, read_outline
from assurai_datasets.media.streams import open_bare, open_streams, streams_of

LEAST_STEP_S = 1e-6
"""No video has frames nearer to each other."""


class Frames(NamedTuple):
    """Decoded frames: uint8 of shape (n_frames, height, width, 3), upright, and when each is shown, in seconds."""

    frames: NDArray[np.uint8]
    times_s: NDArray[np.float64]


def decode_video(value: MediaValue, *, every_s: float | None = None, n_frames: int | None = None) -> Frames:
    """Return frames of a video, uint8 of shape (n_frames, height, width, 3), and their times in seconds.

    Without `every_s` and `n_frames`, every frame. Times count from the start of the video; distant frames are sought.

    Args:
        value: A media cell `{"bytes", "path"}`, bytes, or a path.
        every_s: The frame shown at 0, `every_s`, 2 `every_s` and so on; a microsecond or more.
        n_frames: The frames shown at the beginning of this many equal parts; of a shorter video some repeat.

    Raises:
        UsageError: Both or impossible choices, or the value holds no medium.
        DataError: The content cannot be decoded, or holds no video.
        LimitError: The file is larger than the probe takes, or the frames would take more than 4 GiB; ask for fewer.
    """
    choice = _Choice.of(every_s, n_frames)
    content, form = content_of(value)
    if "video" not in form.kinds or form.support == "unsupported":
        raise DataError(f"a {form.name} file holds no video that can be decoded here")
    _check_structure(content, form)
    try:
        with open_bare(content, form) as bare:
            outline = read_outline(bare, content, form)
        for lost in (*outline.missing(), *outline.shortfalls()):
            raise DataError(f"the {form.name} file is damaged: {lost}")
        try:
            return _decode(content, form, outline, choice, seeks=True)
        except MisledError:
            return _decode(content, form, outline, choice, seeks=False)
    except AssuraiError:
        raise
    except MemoryError as error:
        raise LimitError(f"the {form.name} file asks for more memory than there is") from error
    except (FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise DataError(f"the {form.name} file cannot be decoded: {describe_error(error)}") from error


class _Choice(NamedTuple):
    every_s: float | None
    n_frames: int | None

    @classmethod
    def of(cls, every_s: Any, n_frames: Any) -> "_Choice":
        """Return the choice that a caller made.

        Raises:
            UsageError: Both are given, or one of them is none that can be met.
        """
        if every_s is not None and n_frames is not None:
            raise UsageError("give every_s or n_frames, not both")
        if every_s is not None and not _is_step(every_s):
            raise UsageError(f"every_s must be a finite number of seconds, {LEAST_STEP_S} or more, not {every_s!r}")
        if n_frames is not None and not _is_count(n_frames):
            raise UsageError(f"n_frames must be a positive integer, not {n_frames!r}")
        return cls(None if every_s is None else float(every_s), None if n_frames is None else int(n_frames))

    def how_many(self, length_s: float, tolerance_s: float) -> int:
        """Return how many moments of a video of a length are asked for."""
        if self.n_frames is not None:
            return self.n_frames
        step_s = self.every_s or length_s
        return max(1, ceil((length_s - tolerance_s) / step_s)) if step_s else 1

    def times_s(self, length_s: float, count: int) -> list[float]:
        """Return as many moments of a video of a length."""
        step_s = length_s / count if self.n_frames is not None else self.every_s or length_s
        return [step_s * index for index in range(count)]


def _is_step(value: Any) -> bool:
    if not isinstance(value, (int, float, np.integer, np.floating)) or isinstance(value, (bool, np.timedelta64)):
        return False
    try:
        return LEAST_STEP_S <= float(value) < float("inf")
    except OverflowError:  # an integer beyond every float
        return False


def _is_count(value: Any) -> bool:
    is_integer = isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.timedelta64))
    return is_integer and int(value) > 0


def _check_structure(content: bytes, form: FileFormat) -> None:
    """Refuse what the structure alone shows to be damaged, where decoders would give the frames they still find."""
    for fault in survey(content, form.name).faults:
        if fault.severity == "error":
            raise DataError(f"the {form.name} file is damaged: {fault.message}")


def _decode(content: bytes, form: FileFormat, outline: Outline, choice: _Choice, *, seeks: bool) -> Frames:
    with open_streams(content, form) as container:
        stream: Any = next((each for each in streams_of(container, "video") if each.codec_context is not None), None)
        if stream is None:
            raise DataError("the file holds no video that can be decoded here")
        own = outline.streams[stream.index]
        reader = FrameReader(container, stream, own.keys_s if seeks else [])
        if choice == (None, None):
            return _piled(FramePile(own.packets), reader.every())
        length_s = reader.length_s(own)
        count = choice.how_many(length_s, reader.tolerance_s)
        pile = FramePile(count)
        pile.check(count * max(1, stream.codec_context.width * stream.codec_context.height) * 3)
        return _piled(pile, reader.shown_at(choice.times_s(length_s, count)))


def _piled(pile: FramePile, shown: Iterable[Shown]) -> Frames:
    times_s = []
    for frame, time_s in shown:
        pile.add(frame)
        times_s.append(time_s)
    if not times_s:
        raise DataError("the video holds no frame")
    return Frames(pile.frames, np.asarray(times_s, np.float64))
