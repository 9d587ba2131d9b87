"""Which decoder gives every sample of a sound: libsndfile where it does, FFmpeg where it does not."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import Any, NamedTuple

import soundfile

from assurai_datasets.media.file_formats import FileFormat
from assurai_datasets.media.flac_digest import read_digest
from assurai_datasets.media.mpeg_frames import read_row
from assurai_datasets.media.signatures import HEAD_BYTES

SOUNDFILE_FORMATS = frozenset({"wav", "flac", "ogg", "mp3", "aiff", "au"})
UNKNOWN_LENGTH = 1 << 60
"""libsndfile counts samples it cannot know as the largest number there is, and stumbles while it reads them."""
MPEG_SLACK_SAMPLES = 3 * 1152
_PAGE_BYTES = 27
_BEGIN = 0x02


class Decoder(NamedTuple):
    """The decoder of a file.

    Attributes:
        is_soundfile: Whether it is libsndfile, which stops at the length it found when it opened the file.
        knows_length: Whether the length it declares is what the file says, and no estimate.
        refusal: Why libsndfile does not open a file that should be its own.
        is_none: Whether no decoder reads the file to its end.
        samples: How many a FLAC declares without a digest of them; libsndfile makes up those that were lost.
    """

    is_soundfile: bool
    knows_length: bool = True
    refusal: str = ""
    is_none: bool = False
    samples: int | None = None


def choose_decoder(content: bytes, form: FileFormat) -> Decoder:
    """Return the decoder of a sound, by which it is looked at, decoded and compared alike."""
    with open_chosen(content, form) as (decoder, _):
        return decoder


@contextmanager
def open_chosen(content: bytes, form: FileFormat) -> Iterator[tuple[Decoder, list[Any]]]:
    """Yield the decoder of a sound, and what `open_sounds` gives where it is libsndfile; else nothing is open."""
    if form.name not in SOUNDFILE_FORMATS or (form.name == "ogg" and b"\x80theora" in content[:HEAD_BYTES]):
        yield Decoder(is_soundfile=False), []
        return
    with ExitStack() as stack:
        try:
            sounds = stack.enter_context(open_sounds(content, form))
            decoder = _choose(sounds[0], content, form) if len(sounds) == 1 else _choose_for_links(sounds)
        except soundfile.LibsndfileError as error:
            decoder = Decoder(is_soundfile=False, refusal=str(error), is_none=len(split_links(content)) > 1)
        if not decoder.is_soundfile:
            stack.close()
            sounds = []
        yield decoder, sounds


@contextmanager
def open_sounds(content: bytes, form: FileFormat) -> Iterator[list[Any]]:
    """Yield an open `SoundFile`, or as many as a chained Ogg file has links: libsndfile reads only the first of them.

    Raises:
        soundfile.LibsndfileError: It does not open one of them.
    """
    with ExitStack() as stack:
        parts = split_links(content) if form.name == "ogg" else [content]
        yield [stack.enter_context(soundfile.SoundFile(io.BytesIO(part))) for part in parts]


def split_links(content: bytes) -> list[bytes]:
    """Return the links of an Ogg file, which are complete files one behind the other; most have one."""
    at, starts, is_under_way = 0, [0], False
    while content.startswith(b"OggS", at) and at + _PAGE_BYTES <= len(content):
        begins = bool(content[at + 5] & _BEGIN)
        if begins and is_under_way:
            starts.append(at)
        is_under_way = not begins
        body = at + _PAGE_BYTES + content[at + _PAGE_BYTES - 1]
        at = body + sum(content[at + _PAGE_BYTES : body])
    return [content[start:end] for start, end in pairwise([*starts, len(content)])]


def is_mpeg(sound: Any) -> bool:
    """Return whether the samples of an open `SoundFile` are MPEG audio, in whatever file."""
    return bool(sound.subtype.startswith("MPEG_LAYER"))


def slack_samples(sound: Any) -> int:
    """What an encoder of MPEG audio counts, and a decoder leaves out at both ends, differs by a few frames."""
    return MPEG_SLACK_SAMPLES if is_mpeg(sound) else 0


def _choose_for_links(sounds: list[Any]) -> Decoder:
    is_even = len({(each.samplerate, each.channels, each.subtype) for each in sounds}) == 1
    return Decoder(is_soundfile=is_even, is_none=not is_even)


def _choose(sound: Any, content: bytes, form: FileFormat) -> Decoder:
    if not 0 <= sound.frames < UNKNOWN_LENGTH:
        return Decoder(is_soundfile=False, knows_length=False)
    if form.name == "flac" and read_digest(content) is None:
        return Decoder(is_soundfile=False, samples=sound.frames)
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
