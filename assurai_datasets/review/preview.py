"""Pictures blurred beyond harm, for a reviewer to recognise and not to suffer."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from assurai_datasets.files import write_atomically
from assurai_datasets.media.limits import LIMITS
from assurai_datasets.media.picture import open_picture
from assurai_datasets.media.signatures import HEAD_BYTES, sniff

if TYPE_CHECKING:
    from PIL import Image
    from rich.text import Text

PREVIEW_PX = 256
BLUR_PX = 10
BLOCK_COLUMNS = 32


def blur_picture(path: Path) -> "Image.Image | None":
    """Return a picture of at most 256 by 256 pixels, blurred; None where the file is no sound picture of fair size."""
    from PIL import ImageFilter

    if path.stat().st_size > LIMITS.max_bytes:
        return None
    content = path.read_bytes()
    form = sniff(content[:HEAD_BYTES])
    if form is None or form.kinds != ("image",) or form.support == "unsupported":
        return None
    try:
        with open_picture(content, form) as image:
            if image.width * image.height > LIMITS.max_pixels:
                return None
            image.draft("RGB", (PREVIEW_PX, PREVIEW_PX))
            small = image.convert("RGB")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  Pillow's plug-ins raise whatever bad data leads them to
        return None
    small.thumbnail((PREVIEW_PX, PREVIEW_PX))
    return small.filter(ImageFilter.GaussianBlur(BLUR_PX))


def write_preview(path: Path, output: Path) -> Path | None:
    """Return where the blurred picture was written, as PNG without metadata; None where there is nothing to show."""
    picture = blur_picture(path)
    if picture is None:
        return None
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    write_atomically(output, buffer.getvalue())
    return output


def picture_blocks(path: Path, columns: int = BLOCK_COLUMNS) -> "Text | None":
    """Return the blurred picture as coloured half blocks for a terminal, two pixels a character; None without one."""
    from rich.text import Text

    picture = blur_picture(path)
    if picture is None:
        return None
    rows = max(1, round(columns * picture.height / picture.width / 2))
    small = picture.resize((columns, 2 * min(rows, columns)))
    pixels = small.tobytes()
    text = Text()
    for row in range(0, small.height, 2):
        for column in range(columns):
            upper, lower = (pixels[3 * (columns * (row + half) + column) :][:3] for half in (0, 1))
            text.append("▀", style=f"rgb({','.join(map(str, upper))}) on rgb({','.join(map(str, lower))})")
        text.append("\n")
    return text
