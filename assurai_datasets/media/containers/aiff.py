"""AIFF and AIFF-C: chunks, and the texts among them."""

import struct

from assurai_datasets.media.containers.survey import Damage, Edit, Notes, Private
from assurai_datasets.schema.codes import Code

_KEPT = frozenset(b"COMM|SSND|FVER|MARK|INST|CHAN|AESD|FLLR|SAXL|PEAK".split(b"|"))
_NAMES = {
    b"NAME": "title",
    b"AUTH": "author",
    b"(c) ": "copyright",
    b"ANNO": "comment",
    b"COMT": "comment",
    b"ID3 ": "id3",
}


def survey_aiff(content: bytes) -> Notes:
    """Yield damage and private metadata of an AIFF file."""
    (size,) = struct.unpack_from(">I", content, 4)
    at, removed, sound = 12, 0, False
    while at + 8 <= len(content):
        name, length = struct.unpack_from(">4sI", content, at)
        end = at + 8 + length + length % 2
        sound = sound or name == b"SSND"
        if at + 8 + length > len(content):
            cut = name == b"SSND"
            found = f"the chunk {name.decode('ascii', 'replace')!r} declares {length:,} bytes and is cut"
            yield Damage(Code.MEDIA_TRUNCATED if cut else Code.MEDIA_HEADER_MALFORMED, found)
        if name not in _KEPT:
            stop = min(end, len(content))
            removed += stop - at
            yield Private(_NAMES.get(name, name.decode("ascii", "backslashreplace").strip().lower()), (Edit(at, stop),))
        at = end
    if not sound:
        yield Damage(Code.MEDIA_TRUNCATED, "it holds no sound: the chunk 'SSND' is missing")
    if removed:
        yield Edit(4, 8, struct.pack(">I", max(0, size - removed)))
