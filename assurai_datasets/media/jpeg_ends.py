"""JPEG pictures whose data ends early although an end marker follows: libjpeg paints the rest grey in silence."""

from typing import Any

from av import FFmpegError
from av.error import PatchWelcomeError
from PIL import Image

from assurai_datasets.media.containers.jpeg import is_arithmetic
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.streams import open_streams

_BLOCK_PX = 8
_ENOUGH_PX = 4
"""Fewer pixels than these have one colour by chance."""


def lost_its_end(image: Image.Image, content: bytes, form: FileFormat, *, scale: int) -> bool:
    """Return whether a JPEG, decoded `scale` times smaller, lacks data.

    A second decoder, which does not paint over that, confirms it. It is asked only where the last block is flat or the
    picture is progressive; in others the loss would show. It does not know arithmetic coding.
    """
    suspicious = "progressive" in image.info or _ends_flat(image, _BLOCK_PX // scale)
    return suspicious and not is_arithmetic(content) and not _decodes_strictly(content, form)


def _ends_flat(image: Image.Image, block_px: int) -> bool:
    """Return whether the last block has one colour; where little of it is seen, with those before it in its row."""
    width, height = image.size
    left, top = (width - 1) // block_px * block_px, (height - 1) // block_px * block_px
    while left > 0 and (width - left) * (height - top) < _ENOUGH_PX:
        left -= block_px
    if image.mode == "L":
        pixels: Any = image.load()
        return len({pixels[x, y] for x in range(left, width) for y in range(top, height)}) == 1
    return len(set(image.crop((left, top, width, height)).convert("L").tobytes())) == 1


def _decodes_strictly(content: bytes, form: FileFormat) -> bool:
    try:
        with open_streams(content, form) as container:
            stream = container.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            return not next(container.decode(stream)).is_corrupt
    except MemoryError:
        raise
    except PatchWelcomeError:  # a sampling it does not know proves nothing
        return True
    except (FFmpegError, StopIteration, IndexError):
        return False
