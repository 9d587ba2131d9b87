"""Media of this case, which git does not hold."""

from pathlib import Path

from PIL import Image


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    Image.new("RGB", (64, 48), "teal").save(folder / "media" / "empty.png")
