"""Sun audio: a header with room for a remark."""

import struct

from assurai_datasets.media.containers.survey import Damage, Notes, Private, blank
from assurai_datasets.schema.codes import Code

_HEADER_BYTES, _UNKNOWN = 24, 0xFFFFFFFF


def survey_au(content: bytes) -> Notes:
    """Yield damage and private metadata of an AU file."""
    start, size = struct.unpack_from(">II", content, 4)
    held = len(content) - start
    if size != _UNKNOWN and size > held:
        yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {size:,} bytes of sound, {held:,} are there")
    if content[_HEADER_BYTES:start].strip(b"\0"):
        yield Private("comment", (blank(_HEADER_BYTES, min(start, len(content))),))
