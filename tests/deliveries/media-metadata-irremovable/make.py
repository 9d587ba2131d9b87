"""Media of this case, which git does not hold."""

import struct
from pathlib import Path

from tests.media_files import picture


def make(folder: Path) -> None:
    """Write a picture that calls its own pixels its description."""
    content = bytearray(picture("TIFF", tiffinfo={270: "a description that stands elsewhere"}))
    (at,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, at)
    entries = {struct.unpack_from("<H", content, place)[0]: place for place in range(at + 2, at + 2 + 12 * count, 12)}
    content[entries[270] + 8 : entries[270] + 12] = content[entries[273] + 8 : entries[273] + 12]
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "chart.tif").write_bytes(content)
