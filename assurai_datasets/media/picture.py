"""Looking at pictures with Pillow, one named decoder at a time."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image
from PIL.ImageFile import ImageFile

from assurai_datasets.media.containers.png import decodable_png
from assurai_datasets.media.containers.png_pixels import check_pixels
from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.findings import Fault, Findings, make_fault
from assurai_datasets.media.jpeg_ends import lost_its_end
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.perceptual import SIDE_PX, hash_grey, shrink_picture
from assurai_datasets.schema.codes import Code

ORIENTATION = 0x0112
EXIF_FOLDER = 0x8769
GPS_FOLDER = 0x8825
_CONVERT = "convert it to PNG, or to JPEG with 8 bits a colour"
DRAFT_PX = SIDE_PX * 3 // 2
"""JPEG pictures are made at least this large, for a hash that averages over tiles."""
_CUT = re.compile(r"truncat(?!ed \w{4} chunk)|not enough image data|unexpected end|premature", re.IGNORECASE)
_BEYOND = re.compile(r"unknown pixel mode|Unsupported BMP bitfields layout|decoder \S+ not available|\d+")
"""What Pillow says of variants it does not read; of a TIFF's compression it names the number alone."""
_DECODERS = {
    "jpeg": "JpegImage",
    "png": "PngImage",
    "webp": "WebPImage",
    "gif": "GifImage",
    "avif": "AvifImage",
    "tiff": "TiffImage",
    "bmp": "BmpImage",
}
"""By the name of a format, how Pillow calls its decoder, which is loaded when it is first needed."""


@contextmanager
def open_picture(content: bytes, form: FileFormat) -> Iterator[ImageFile]:
    """Yield a picture opened by the decoder of its format alone; Pillow's warnings about bad data stay silent.

    Of a JPEG it is the first picture: what a camera adds behind that (MPO) is no frame of it.

    Raises:
        SyntaxError: The header cannot be read, or shows a variant Pillow does not know.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decodable = decodable_png(content) if form.name == "png" else content
        with _decoder(form.name)(io.BytesIO(decodable)) as image:
            yield image


def _decoder(form_name: str) -> type[ImageFile]:
    name = _DECODERS[form_name]
    decoder: type[ImageFile] = getattr(import_module(f"PIL.{name}Plugin"), f"{name}File")
    return decoder


def examine_picture(content: bytes, form: FileFormat, *, fast: bool, limits: MediaLimits) -> Findings:
    """Return what a picture's header, and unless `fast` each of its pictures decoded, tell."""
    facts: dict[str, Any] = {"kind": "image"}
    try:
        with open_picture(content, form) as image:
            facts |= _header_facts(image, form, fast=fast) | _exif_facts(image)
            faults = _size_faults(facts, limits)
            if not faults and not fast:
                faults = _decode(image, facts, content, form, limits)
            if form.name == "png":  # it may stand behind the pixels
                facts |= _exif_facts(image)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  Pillow's plug-ins raise whatever bad data leads them to
        return Findings(facts, (_fault_of(error),))
    return Findings(facts, (*faults, *_content_faults(facts)))


def _header_facts(image: Image.Image, form: FileFormat, *, fast: bool) -> dict[str, Any]:
    width, height = image.size
    if form.name == "tiff" and getattr(image, "tag_v2", {}).get(ORIENTATION) in range(5, 9):  # Pillow turns the size
        width, height = height, width
    scanned = not fast or form.name != "gif"  # counting the pictures of a GIF means reading all of it
    return {
        "width_px": width,
        "height_px": height,
        "mode": image.mode,
        "frames": int(getattr(image, "n_frames", 1)) if scanned else None,
        "has_icc": bool(image.info.get("icc_profile")),
    }


def _exif_facts(image: Image.Image) -> dict[str, Any]:
    block = image.info.get("exif")
    if not block and image.format != "TIFF":  # asking Pillow would decode a PNG, and swallow what it finds
        return {"has_exif": False, "has_gps": False}
    try:
        exif = image.getexif()
        orientation, gps = exif.get(ORIENTATION), bool(exif.get_ifd(GPS_FOLDER))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is wrong with EXIF is not wrong with the picture
        return {"has_exif": True, "has_gps": False}
    known = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else None
    return {"orientation": known, "has_exif": bool(block or exif.get_ifd(EXIF_FOLDER)), "has_gps": gps}


def _size_faults(facts: dict[str, Any], limits: MediaLimits) -> tuple[Fault, ...]:
    width, height, frames = facts["width_px"], facts["height_px"], facts["frames"] or 1
    pixels = width * height
    if pixels == 0:
        return (make_fault(Code.MEDIA_UNREADABLE, f"the picture measures {width} x {height} pixels"),)
    if pixels > limits.max_pixels:
        found = f"{width} x {height} pixels, more than {limits.max_pixels:,}"
    elif frames > limits.max_frames or pixels * frames > limits.max_total_pixels:
        found = f"{frames:,} pictures of {width} x {height} pixels"
    else:
        return ()
    return (make_fault(Code.MEDIA_TOO_LARGE, found),)


def _decode(
    image: ImageFile, facts: dict[str, Any], content: bytes, form: FileFormat, limits: MediaLimits
) -> tuple[Fault, ...]:
    """Decode every picture of a file; return the limit that one of them exceeds, if any."""
    scale = _draft(image) if form.name == "jpeg" else 1
    total = 0
    if form.name == "png":
        check_pixels(content)
    for index in range(facts["frames"]):
        image.seek(index)
        total += image.width * image.height  # a later picture may be larger than the first
        if image.width * image.height > limits.max_pixels or total > limits.max_total_pixels:
            found = f"picture {index + 1} measures {image.width} x {image.height} pixels, {total:,} with those before"
            return (make_fault(Code.MEDIA_TOO_LARGE, found),)
        image.load()
        if index == 0:
            _look(image, facts)
            facts["is_single_colour"] = facts["is_single_colour"] and _is_flat_in_colour(content, form)
            if form.name == "jpeg" and lost_its_end(image, content, form, scale=scale):
                raise EOFError("its data ends before the picture does")
    facts["decoded"] = True
    return ()


def _draft(image: ImageFile) -> int:
    """Ask for the grey levels of a JPEG, no larger than its hash needs; return by how much it becomes smaller.

    All of its data are read and checked all the same: only the arithmetic that turns coefficients into pixels nobody
    looks at is left out.
    """
    if image.mode not in ("RGB", "L"):
        return 1
    scale = next(scale for scale in (4, 2, 1) if min(image.size) >= scale * DRAFT_PX or scale == 1)
    image.draft("L", (image.width // scale, image.height // scale))
    return scale


def _look(image: Image.Image, facts: dict[str, Any]) -> None:
    """Add what the first decoded picture shows; a flat picture has no hash, for it looks like every other."""
    shown = hash_grey(shrink_picture(image))
    facts["is_single_colour"] = shown is None and _is_single_colour(image)
    facts["hashes"] = (shown,) if shown is not None else ()
    if image.mode == "P" and image.format in ("BMP", "GIF", "PNG"):
        _check_palette(image)


def _is_flat_in_colour(content: bytes, form: FileFormat) -> bool:
    with open_picture(content, form) as image:
        return _is_single_colour(image)


def _check_palette(image: Image.Image) -> None:
    """Raise `ValueError` where a pixel has a colour the palette lacks; Pillow makes one up."""
    colours, see_through = len(image.getpalette() or ()) // 3, image.info.get("transparency")
    highest = max((each for each, pixels in enumerate(image.histogram()) if pixels and each != see_through), default=0)
    if highest >= colours:
        raise ValueError(f"a pixel has colour {highest} of a palette of {colours}")


def _is_single_colour(image: Image.Image) -> bool:
    if image.mode.startswith("I;"):  # a form in which Pillow does not look for them
        values = np.asarray(image)
        return bool(values.min() == values.max())
    extrema: Any = image.getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in bands)


def _content_faults(facts: dict[str, Any]) -> Iterator[Fault]:
    if facts.get("is_single_colour") and facts["frames"] == 1:
        yield make_fault(Code.MEDIA_SINGLE_COLOUR, "every pixel has the same colour")
    if (facts["frames"] or 1) > 1:
        yield make_fault(Code.MEDIA_ANIMATED, f"holds {facts['frames']} pictures")


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, (SyntaxError, OSError)) and _BEYOND.fullmatch(str(error)):
        return make_fault(Code.MEDIA_FORMAT_UNSUPPORTED, "its pixels have a form no decoder here reads", _CONVERT)
    if isinstance(error, SyntaxError):
        return make_fault(Code.MEDIA_UNREADABLE, "the header of the picture cannot be read")
    found = f"{type(error).__name__}: {error}"
    cut = isinstance(error, EOFError) or _CUT.search(str(error))
    return make_fault(Code.MEDIA_TRUNCATED if cut else Code.MEDIA_UNREADABLE, found)
