"""Media of this case, which git does not hold."""

from pathlib import Path

from tests.media_files import picture


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "chart.ppm").write_bytes(picture("PPM"))
