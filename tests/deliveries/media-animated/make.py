"""Media of this case, which git does not hold."""

from pathlib import Path

from PIL import Image

from tests.media_files import picture


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "first.png").write_bytes(picture())
    with Image.open(folder / "media" / "first.png") as first:
        first.save(folder / "media" / "loop.gif", save_all=True, append_images=[first.rotate(90)])
    (folder / "media" / "first.png").unlink()
