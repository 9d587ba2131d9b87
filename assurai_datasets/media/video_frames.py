"""Frames of a release row's video."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from av import FFmpegError
from numpy.typing import NDArray

from assurai_datasets.errors import AssuraiError, DataError, LimitError, UsageError
from assurai_datasets.media.containers import survey
from assurai_datasets.media.decode import MediaValue, content_of
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.frame_pile import FramePile
from assurai_datasets.media.frame_reader import FrameReader, MisledError, Shown
from assurai_datasets.media.outline import Outline, read_outline
from assurai_datasets.media.streams import open_bare, open_streams, streams_of

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
    _check_structure(content, form)
    try:
        with open_bare(content, form) as bare:
            outline = read_outline(bare, content, form)
        for lost in (*outline.missing(), *outline.shortfalls()):
            raise DataError(f"the {form.name} file is damaged: {lost}")
        try:
            return _decode(content, form, outline, _Choice(every_s, n_frames), seeks=True)
        except MisledError:
            return _decode(content, form, outline, _Choice(every_s, n_frames), seeks=False)
    except AssuraiError:
        raise
    except MemoryError as error:
        raise LimitError(f"the {form.name} file asks for more memory than there is") from error
    except (FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise DataError(f"the {form.name} file cannot be decoded: {found}") from error


class _Choice(NamedTuple):
    every_s: float | None
    n_frames: int | None

    def times_s(self, length_s: float) -> NDArray[np.float64]:
        """Return which moments of a video of a length are asked for."""
        if self.n_frames is not None:
            return np.arange(self.n_frames, dtype=np.float64) * (length_s / self.n_frames)
        step_s = self.every_s or length_s
        count = int(np.ceil((length_s - _TICK_S) / step_s)) if step_s else 1
        return np.arange(max(1, count), dtype=np.float64) * step_s


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
        times_s = choice.times_s(own.declared_s or own.length_s)
        pile = FramePile(len(times_s))
        pile.check(len(times_s) * stream.codec_context.width * stream.codec_context.height * 3)
        return _piled(pile, reader.shown_at([float(time_s) for time_s in times_s]))


def _piled(pile: FramePile, shown: Iterable[Shown]) -> Frames:
    times_s = []
    for frame, time_s in shown:
        pile.add(frame)
        times_s.append(time_s)
    if not times_s:
        raise DataError("the video holds no frame")
    return Frames(pile.frames, np.asarray(times_s, np.float64))
