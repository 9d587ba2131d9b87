"""Media of this case, which git does not hold."""

import struct
import zlib
from pathlib import Path


def make(folder: Path) -> None:
    """Write a picture that declares 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        content += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "poster.png").write_bytes(content)
