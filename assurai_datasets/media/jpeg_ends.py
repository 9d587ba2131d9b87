"""JPEG pictures whose data ends early although an end marker follows: libjpeg paints the rest grey in silence."""

import re

from av import FFmpegError
from PIL import Image

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.streams import open_streams

_BLOCK_PX = 8
_ARITHMETIC = re.compile(rb"\xff[\xc9-\xcb\xcd-\xcf]\0")
"""Start of a picture in a coding that FFmpeg does not read."""


def lost_its_end(image: Image.Image, content: bytes, form: FileFormat, *, scale: int) -> bool:
    """Return whether a JPEG, decoded `scale` times smaller, lacks data.

    A second decoder, which does not paint over that, confirms it. It is asked only where the last block is flat or the
    picture is progressive; in others the loss would show.
    """
    width, height = image.size
    block = _BLOCK_PX // scale
    corner = image.crop((max(0, width - block), max(0, height - block), width, height)).convert("L")
    suspicious = len(set(corner.tobytes())) == 1 or "progressive" in image.info
    return suspicious and not _ARITHMETIC.search(content) and not _decodes_strictly(content, form)


def _decodes_strictly(content: bytes, form: FileFormat) -> bool:
    try:
        with open_streams(content, form) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            return not next(container.decode(stream)).is_corrupt
    except MemoryError:
        raise
    except (FFmpegError, StopIteration, IndexError):
        return False
