"""Sun audio: a header with room for a remark."""

import struct

from assurai_datasets.media.containers.sound_chunks import survey_rest
from assurai_datasets.media.containers.survey import Damage, Notes, Private, blank
from assurai_datasets.schema.codes import Code

_HEADER_BYTES, _UNKNOWN = 24, 0xFFFFFFFF


def survey_au(content: bytes) -> Notes:
    """Yield damage and private metadata of an AU file."""
    start, size, _, rate = struct.unpack_from(">IIII", content, 4)
    start = max(start, _HEADER_BYTES)
    held = max(0, len(content) - start)
    if rate <= 1:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, f"its header declares a sample rate of {rate} Hz")
    if size == 0 and held:
        yield Damage(Code.MEDIA_HEADER_MALFORMED, "its header does not say how long the sound is")
    elif size != _UNKNOWN and size > held:
        yield Damage(Code.MEDIA_TRUNCATED, f"its header declares {size:,} bytes of sound, {held:,} are there")
    elif size != _UNKNOWN:
        yield from survey_rest(content, start + size, start + size)
    if start <= len(content) and content[_HEADER_BYTES:start].strip(b"\0"):
        yield Private("comment", (blank(_HEADER_BYTES, start),))
