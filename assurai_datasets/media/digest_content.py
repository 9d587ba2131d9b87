"""A digest of what a medium shows or sounds like: the same before and after its metadata is removed."""

import hashlib
from collections.abc import Iterator

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.frame_pixels import pixels_of
from assurai_datasets.media.picture import open_picture
from assurai_datasets.media.samples import planes_of
from assurai_datasets.media.signatures import sniff
from assurai_datasets.media.sound import read_blocks
from assurai_datasets.media.sound_decoder import choose_decoder
from assurai_datasets.media.streams import open_streams, streams_of

STRIP_PX = 1 << 20
"""Pixels that are taken in at once."""


def digest_content(content: bytes, form: FileFormat) -> str:
    """Return a digest of every decoded pixel and sample, and of the colour profile; of a JPEG, of its first picture.

    Raises:
        Exception: Whatever a decoder raises; what is compared has been decoded before.
    """
    return _digest(_parts(content, form, by_soundfile=_is_for_soundfile(content, form)))


def same_content(before: bytes, after: bytes, form: FileFormat) -> bool:
    """Return whether two files of a format are proved to show or sound the same, by one decoder for both."""
    if sniff(after) != form:
        return False
    try:
        by_soundfile = _is_for_soundfile(before, form) and _is_for_soundfile(after, form)
        return len({_digest(_parts(each, form, by_soundfile=by_soundfile)) for each in (before, after)}) == 1
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever a decoder raises, nothing is proved
        return False


def _is_for_soundfile(content: bytes, form: FileFormat) -> bool:
    return form.kinds != ("image",) and choose_decoder(content, form).is_soundfile


def _digest(parts: Iterator[bytes]) -> str:
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(part)
    return hasher.hexdigest()


def _parts(content: bytes, form: FileFormat, *, by_soundfile: bool) -> Iterator[bytes]:
    if form.kinds == ("image",):
        return _pictures(content, form)
    return (block.tobytes() for block in read_blocks(content, form)) if by_soundfile else _streams(content, form)


def _pictures(content: bytes, form: FileFormat) -> Iterator[bytes]:
    with open_picture(content, form) as image:
        pictures = 1 if form.name == "jpeg" else int(getattr(image, "n_frames", 1))
        for index in range(pictures):
            image.seek(index)
            yield f"{image.mode} {image.size} {image.getpalette() if image.mode == 'P' else ''}".encode()
            yield from _strips(image)
        yield image.info.get("icc_profile") or b""


def _strips(image: Image.Image) -> Iterator[bytes]:
    """Yield the pixels of a picture from the top down, so that no second copy of all of them is made."""
    rows = max(1, STRIP_PX // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height))).tobytes()


def _streams(content: bytes, form: FileFormat) -> Iterator[bytes]:
    with open_streams(content, form) as container:
        # attached pictures are metadata, and left out
        for packet in container.demux([*streams_of(container, "video"), *streams_of(container, "audio")]):
            for frame in packet.decode():
                if isinstance(frame, (VideoFrame, AudioFrame)):
                    yield f"{packet.stream.index} {frame.pts}".encode()
                    yield from map(bytes, planes_of(frame)) if isinstance(frame, AudioFrame) else pixels_of(frame)
