"""Opening sound and video with PyAV: one named demuxer, bytes in memory, one thread, no network and no other file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

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

_MPEG_AUDIO = frozenset({"mp1", "mp2", "mp3"})
_COVER = Disposition.attached_pic.value
UNTOLD_PIXELS = 1 << 26
"""The largest frame of MPEG-4 part 2, of which MP4 leaves it to the decoder to find the size."""


@contextmanager
def open_streams(
    content: bytes, form: FileFormat, *, max_pixels: int = LIMITS.max_pixels, bare: InputContainer | None = None
) -> Iterator[InputContainer]:
    """Yield an open container.

    The demuxer is fixed by the sniffed format, because FFmpeg's own guess may be a playlist, which opens further files.

    Args:
        content: The file.
        form: Its format.
        max_pixels: Pixels that FFmpeg may decode while it opens the file, of all pictures in it together.
        bare: The same file opened by `open_bare`, where somebody has done that.
    """
    with nullcontext(bare) if bare is not None else open_bare(content, form) as looked_at:
        budget = _budget(looked_at, max_pixels)
    with open_bare(content, form) if budget is None else _open(content, form, budget) as container:
        yield container


@contextmanager
def open_bare(content: bytes, form: FileFormat) -> Iterator[InputContainer]:
    """Yield an open container without decoders: cheap, for its packets are read and nothing is decoded to open it."""
    with _open(content, form, {"codec_whitelist": "none"}) as container:
        yield container


def is_described(bare: InputContainer) -> bool:
    """Return whether a container that `open_bare` gave tells by itself what decoders need, so that it may be decoded.

    Elsewhere FFmpeg has to decode some frames before it knows the size of a picture or the rate of a sound; of MPEG
    audio its decoder gives the first frame the rate that the container tells.
    """
    return all(
        stream.codec_context is not None and _is_described(stream.codec_context)
        for stream in (*streams_of(bare, "video"), *streams_of(bare, "audio"))
    )


def _is_described(codec: CodecContext) -> bool:
    if isinstance(codec, AudioCodecContext):
        return codec.sample_rate > 0 and codec.channels > 0 and codec.codec.canonical_name not in _MPEG_AUDIO
    return isinstance(codec, VideoCodecContext) and codec.width > 0 and codec.height > 0


def _budget(bare: InputContainer, max_pixels: int) -> dict[str, str] | None:
    """Return how much decoders may do to open a file, for they decode covers whole; None where it must be nothing."""
    moving = [stream for stream in streams_of(bare, "video") if isinstance(stream, VideoStream)]
    covers = len(bare.streams.video) - len(moving)
    budget = max(max_pixels, UNTOLD_PIXELS) if moving else 1
    if any(_pixels(stream) > budget for stream in moving):
        return None
    return {"max_pixels": str(max(1, budget // (1 + covers)))}


def _pixels(stream: VideoStream) -> int:
    """Return the pixels of a frame that the container tells."""
    return stream.codec_context.width * stream.codec_context.height if stream.codec_context is not None else 0


@contextmanager
def _open(content: bytes, form: FileFormat, options: dict[str, str]) -> Iterator[InputContainer]:
    demuxer, file = _DEMUXERS[form.name], io.BytesIO(content)
    with av.open(file, "r", format=demuxer, options=options, metadata_errors="replace") as container:
        for stream in container.streams:
            if stream.type in ("audio", "video") and stream.codec_context is not None:
                stream.codec_context.thread_count = 1
            if isinstance(stream, AudioStream) and stream.codec_context is not None:
                _forget_places(stream.codec_context)
        yield container


def _forget_places(codec: AudioCodecContext) -> None:
    """Keep the number of channels and not where each is heard, where the file lists the places one by one.

    PyAV frees such a list once for every frame that shares it, which ends the process.
    """
    layout = codec.layout
    if "(" in layout.name or "+" in layout.name:
        codec.layout = f"{layout.nb_channels} channels"


def streams_of(container: InputContainer, kind: str) -> tuple[Stream, ...]:
    """Return the streams of a kind, without pictures attached as cover art."""
    return tuple(stream for stream in container.streams if stream.type == kind and not is_cover(stream))


def is_cover(stream: Stream) -> bool:
    """Return whether a stream is a picture attached as cover art."""
    return bool(stream.disposition.value & _COVER)
