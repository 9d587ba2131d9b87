"""Opening sound and video with PyAV: one named demuxer, bytes in memory, one thread, no network and no other file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.limits import LIMITS

av.logging.set_level(av.logging.PANIC)

_DEMUXERS = {
    "mp4": "mov",
    "m4a": "mov",
    "mov": "mov",
    "3gp": "mov",
    "webm": "matroska",
    "mkv": "matroska",
    "ogg": "ogg",
    "avi": "avi",
    "wav": "wav",
    "flac": "flac",
    "mp3": "mp3",
    "aiff": "aiff",
    "au": "au",
    "jpeg": "mjpeg",
}


@contextmanager
def open_streams(content: bytes, form: FileFormat, *, max_pixels: int = LIMITS.max_pixels) -> Iterator[InputContainer]:
    """Yield an open container.

    The demuxer is fixed by the sniffed format, because FFmpeg's own guess may be a playlist, which opens further files.

    Args:
        content: The file.
        form: Its format.
        max_pixels: Pixels that FFmpeg may decode while it opens the file, of all pictures in it together.
    """
    with _open_within(content, form, max_pixels) as container:
        for stream in container.streams:
            if stream.type in ("audio", "video") and stream.codec_context is not None:
                stream.codec_context.thread_count = 1
            if isinstance(stream, AudioStream) and stream.codec_context is not None:
                _forget_places(stream.codec_context)
        yield container


def _open_within(content: bytes, form: FileFormat, max_pixels: int) -> InputContainer:
    """Open a container first without decoding a pixel: cover art is decoded whole while a file is opened."""
    container = _open(content, form, 1)
    videos, moving = container.streams.video, streams_of(container, "video")
    if not moving:
        return container
    container.close()
    return _open(content, form, max(1, max_pixels // (1 + len(videos) - len(moving))))


def _open(content: bytes, form: FileFormat, max_pixels: int) -> InputContainer:
    options = {"max_pixels": str(max_pixels)}
    return av.open(io.BytesIO(content), "r", format=_DEMUXERS[form.name], options=options, metadata_errors="replace")


def _forget_places(codec: AudioCodecContext) -> None:
    """Keep the number of channels and not where each is heard, where the file lists the places one by one.

    PyAV frees such a list once for every frame that shares it, which ends the process.
    """
    layout = codec.layout
    if "(" in layout.name or "+" in layout.name:
        codec.layout = f"{layout.nb_channels} channels"


def streams_of(container: InputContainer, kind: str) -> tuple[Stream, ...]:
    """Return the streams of a kind, without pictures attached as cover art."""
    return tuple(
        stream
        for stream in container.streams
        if stream.type == kind and not stream.disposition & Disposition.attached_pic
    )
