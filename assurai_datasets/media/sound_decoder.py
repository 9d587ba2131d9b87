"""Which decoder gives every sample of a sound: libsndfile where it does, FFmpeg where it does not."""

import io
from typing import Any, NamedTuple

import soundfile

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.mpeg_frames import read_row
from assurai_datasets.media.signatures import HEAD_BYTES

SOUNDFILE_FORMATS = frozenset({"wav", "flac", "ogg", "mp3", "aiff", "au"})
UNKNOWN_LENGTH = 1 << 60
"""libsndfile counts samples it cannot know as the largest number there is, and stumbles while it reads them."""
_BEGIN = 0x02


class Decoder(NamedTuple):
    """The decoder of a file.

    Attributes:
        is_soundfile: Whether it is libsndfile, which stops at the length it found when it opened the file.
        knows_length: Whether the length it declares is what the file says, and no estimate.
        refusal: Why libsndfile does not open a file that should be its own.
    """

    is_soundfile: bool
    knows_length: bool = True
    refusal: str = ""


def choose_decoder(content: bytes, form: FileFormat) -> Decoder:
    """Return the decoder of a sound, by which it is looked at, decoded and compared alike."""
    if form.name not in SOUNDFILE_FORMATS or (form.name == "ogg" and b"\x80theora" in content[:HEAD_BYTES]):
        return Decoder(is_soundfile=False)
    if form.name == "ogg" and is_chained(content):
        return Decoder(is_soundfile=False, knows_length=False)
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            return _choose(sound, content, form)
    except soundfile.LibsndfileError as error:
        return Decoder(is_soundfile=False, refusal=str(error))


def is_mpeg(sound: Any) -> bool:
    """Return whether the samples of an open `SoundFile` are MPEG audio, in whatever file."""
    return bool(sound.subtype.startswith("MPEG_LAYER"))


def _choose(sound: Any, content: bytes, form: FileFormat) -> Decoder:
    if not 0 <= sound.frames < UNKNOWN_LENGTH:
        return Decoder(is_soundfile=False, knows_length=False)
    if not is_mpeg(sound):
        return Decoder(is_soundfile=True)
    return _choose_for_mpeg(sound.frames, content) if form.name == "mp3" else Decoder(False, knows_length=False)


def _choose_for_mpeg(samples: int, content: bytes) -> Decoder:
    """Without a table of contents libsndfile estimates the length, and with one it believes it."""
    row = read_row(content)
    if row is None:
        return Decoder(is_soundfile=True, knows_length=False)
    if row.declared:
        return Decoder(is_soundfile=row.is_even and row.declared >= row.frames)
    return Decoder(is_soundfile=row.is_even and row.is_all and samples >= row.samples, knows_length=False)


def is_chained(content: bytes) -> bool:
    """Return whether an Ogg file holds one stream behind the other, of which libsndfile reads the first."""
    at, is_under_way = 0, False
    while content.startswith(b"OggS", at) and at + 27 <= len(content):
        begins = bool(content[at + 5] & _BEGIN)
        if begins and is_under_way:
            return True
        is_under_way |= not begins
        body = at + 27 + content[at + 26]
        at = body + sum(content[at + 27 : body])
    return False
