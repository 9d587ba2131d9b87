"""Media of this case, which git does not hold."""

from pathlib import Path

from tests.media_files import sound


def make(folder: Path) -> None:
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "tone.wav").write_bytes(sound()[:-1000])
