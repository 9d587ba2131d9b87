"""Media of this case, which git does not hold."""

import struct
from pathlib import Path

from tests.media_files import clip


def make(folder: Path) -> None:
    """Write a clip whose only track is free space."""
    content = clip()
    at = content.index(b"trak")
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "clip.mp4").write_bytes(content[:at] + struct.pack("4s", b"free") + content[at + 4 :])
