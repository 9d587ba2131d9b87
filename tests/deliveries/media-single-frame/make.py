"""Media of this case, which git does not hold."""

from pathlib import Path

from tests.media_files import clip


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "still.mp4").write_bytes(clip(frames=1))
