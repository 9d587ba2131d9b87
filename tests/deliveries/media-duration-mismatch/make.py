"""Media of this case, which git does not hold."""

import struct
from pathlib import Path

from tests.media_files import clip


def make(folder: Path) -> None:
    """Write a clip whose header declares a tenth of its length."""
    content = bytearray(clip(frames=40))
    at = content.index(b"mdhd") + 16
    (declared,) = struct.unpack_from(">I", content, at)
    content[at : at + 4] = struct.pack(">I", declared // 10)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "clip.mp4").write_bytes(content)
