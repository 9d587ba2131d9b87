"""Media of this case, which git does not hold."""

import struct
from pathlib import Path

from tests.media_files import picture

TEXT = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>a text that stands elsewhere</x:xmpmeta>"


def make(folder: Path) -> None:
    """Write a picture that calls its own pixels its description."""
    content = picture("AVIF", xmp=TEXT)
    pixels = content.index(b"iloc") + 18
    content = content.replace(struct.pack(">II", content.index(TEXT), len(TEXT)), content[pixels : pixels + 8])
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "chart.avif").write_bytes(content)
