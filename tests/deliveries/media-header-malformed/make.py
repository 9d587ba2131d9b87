"""Media of this case, which git does not hold."""

from pathlib import Path

from tests.media_files import sound


def make(folder: Path) -> None:
    """Write a sound as programs do that write into a pipe and never learn its length."""
    content = bytearray(sound())
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff\xff\xff\xff"
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "tone.wav").write_bytes(content)
