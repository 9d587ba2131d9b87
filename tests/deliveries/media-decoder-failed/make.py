"""Media of this case, which git does not hold."""

import io
from pathlib import Path

from PIL import Image


def make(folder: Path) -> None:
    """Write an animation of small pictures on a canvas so large that a decoder takes more memory than it is allowed."""
    pictures = [Image.new("RGBA", (16, 16), colour) for colour in ("navy", "teal")]
    file = io.BytesIO()
    pictures[0].save(file, "WEBP", save_all=True, append_images=pictures[1:], lossless=True)
    content = bytearray(file.getvalue())
    content[24:30] = (9459 - 1).to_bytes(3, "little") * 2
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "canvas.webp").write_bytes(content)
