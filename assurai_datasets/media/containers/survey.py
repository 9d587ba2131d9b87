"""What the structure of a file tells: damage, private metadata, and the edits that remove it."""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from assurai_datasets.media.findings import Fault, make_fault
from assurai_datasets.schema.codes import Code


class MalformedError(Exception):
    """A structure that contradicts itself."""


class Edit(NamedTuple):
    """A stretch of a file and the bytes to put in its place; None stands for as many zeros.

    On its own among notes, it is what another edit makes necessary.
    """

    start: int
    end: int
    replacement: bytes | None = b""


class Damage(NamedTuple):
    """Something wrong with the structure."""

    code: Code
    message: str


class Private(NamedTuple):
    """Private metadata and how to remove it."""

    name: str
    edits: tuple[Edit, ...]


class Survey(NamedTuple):
    """Everything the structure tells.

    Attributes:
        faults: Damage found.
        private: Names of private metadata, sorted.
        edits: What removes it, in the order of the file and without overlap.
    """

    faults: tuple[Fault, ...] = ()
    private: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


Note = Damage | Private | Edit
Notes = Iterator[Note]
Surveyor = Callable[[bytes], Notes]

_PROGRAMS = re.compile(
    rb"\s*(lav[fc]\d|libav|ffmpeg|x26[45]|lib(vorbis|opus|vpx|x264|flac|sndfile|theora|aom|ebml|matroska)"
    rb"|reference libflac|xiph\.?org|lame"
    rb"|opusenc|opus-tools|handbrake|gstreamer|mkvmerge|isomedia|gpac|google|chrome|whammy|matplotlib"
    rb"|pillow|imagemagick|inkscape|adobe imageready|aotuv|recorder|nero aac|quicktime|hevc|svt-av1|imageio|opencv)"
    rb"[ -~]{0,80}\s*\0*",
    re.IGNORECASE,
)


def is_program(value: bytes) -> bool:
    """Return whether a tag's value only names a well-known encoder, which tells nothing about anyone."""
    return not value.strip(b" \0") or _PROGRAMS.fullmatch(value) is not None


def collect(notes: Iterable[Note]) -> Survey:
    """Return a survey of all notes; a structure that breaks off in the middle is one more fault."""
    faults: list[Fault] = []
    private: set[str] = set()
    edits: list[Edit] = []
    try:
        for note in notes:
            if isinstance(note, Damage):
                faults.append(make_fault(note.code, note.message))
            elif isinstance(note, Edit):
                edits.append(note)
            else:
                private.add(note.name)
                edits += note.edits
    except MalformedError as error:
        faults.append(make_fault(Code.MEDIA_UNREADABLE, f"its structure is malformed: {error}"))
    except (struct.error, IndexError):
        faults.append(make_fault(Code.MEDIA_TRUNCATED, "its structure breaks off"))
    return Survey(tuple(faults), tuple(sorted(private)), _in_order(edits))


def apply_edits(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the content with every edit made; edits are in order and do not overlap."""
    parts: list[bytes] = []
    at = 0
    for edit in edits:
        filling = bytes(edit.end - edit.start) if edit.replacement is None else edit.replacement
        parts += (content[at : edit.start], filling)
        at = edit.end
    return b"".join((*parts, content[at:]))


def blank(start: int, end: int) -> Edit:
    """Return an edit that overwrites a stretch with zeros and moves nothing.

    The zeros are made only when edits are applied: a hostile file may name its whole length over and over.
    """
    return Edit(start, end, None)


def _in_order(edits: list[Edit]) -> tuple[Edit, ...]:
    """Sort edits; of those that reach across an earlier one, as hostile structures do, only blanks go on behind it."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=_place):
        reached = kept[-1].end if kept else 0
        if reached <= edit.start <= edit.end:
            kept.append(edit)
        elif edit.replacement is None and edit.start < reached < edit.end:
            kept.append(blank(reached, edit.end))
    return tuple(kept)


def _place(edit: Edit) -> tuple[int, int, bool, bytes]:
    return edit.start, -edit.end, edit.replacement is None, edit.replacement or b""
