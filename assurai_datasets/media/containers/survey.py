"""What the structure of a file tells: damage, private metadata, and the edits that remove it."""

import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from assurai_datasets.media.containers.programs import is_program as is_program
from assurai_datasets.media.findings import Fault, make_fault
from assurai_datasets.schema.codes import Code

MAX_NOTES = 10_000
MAX_PARTS = 100_000
"""Chunks, segments or blocks of one file: an animation of half an hour has fewer."""
MAX_NAMES = 16
_FACTS = frozenset({"exif", "gps", "xmp"})


class MalformedError(Exception):
    """A structure that contradicts itself."""


class EndlessError(MalformedError):
    """A structure of more parts than programs write."""


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
        private: Names of private metadata, sorted; where there are very many, a few and `others`.
        edits: What removes it, in the order of the file and without overlap.
        is_endless: Whether it has so many parts that decoders, which take them all up, are not to see it.
    """

    faults: tuple[Fault, ...] = ()
    private: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    is_endless: bool = False


Note = Damage | Private | Edit
Notes = Iterator[Note]
Surveyor = Callable[[bytes], Notes]
_Part = TypeVar("_Part")


def collect(notes: Iterable[Note]) -> Survey:
    """Return a survey of all notes; a structure that breaks off in the middle is one more fault."""
    faults: list[Fault] = []
    private: set[str] = set()
    edits: list[Edit] = []
    is_endless = False
    try:
        for note in bounded(notes, MAX_NOTES):
            if isinstance(note, Damage):
                faults.append(make_fault(note.code, note.message))
            elif isinstance(note, Edit):
                edits.append(note)
            else:
                private.add(note.name)
                edits += note.edits
    except MalformedError as error:
        faults.append(make_fault(Code.MEDIA_UNREADABLE, f"its structure is malformed: {error}"))
        is_endless = isinstance(error, EndlessError)
    except (struct.error, IndexError):
        faults.append(make_fault(Code.MEDIA_TRUNCATED, "its structure breaks off"))
    return Survey(tuple(faults), _few(private), _in_order(edits), is_endless)


def bounded(parts: Iterable[_Part], most: int = MAX_PARTS) -> Iterator[_Part]:
    """Yield parts of a file, and raise `EndlessError` where there are more than programs write."""
    rest = iter(parts)
    yield from islice(rest, most)
    if next(rest, None) is not None:
        raise _endless(most)


def gathered(parts: Iterable[_Part], most: int = MAX_PARTS) -> list[_Part]:
    """Return all parts of a file.

    Raises:
        EndlessError: There are more than programs write.
    """
    found = list(islice(parts, most + 1))
    if len(found) > most:
        raise _endless(most)
    return found


def _endless(most: int) -> EndlessError:
    return EndlessError(f"it consists of more than {most:,} parts")


def spell_name(name: bytes) -> str:
    """Return a name from a file in printable ASCII."""
    return repr(name)[2:-1]


def apply_edits(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the content with every edit made; edits are in order and do not overlap."""
    return b"".join(_pieces(content, edits))


def _pieces(content: bytes, edits: Iterable[Edit]) -> Iterator[bytes | memoryview]:
    """Yield what stays and what comes in its place, without copying what stays: a file may take half of the memory."""
    whole, at = memoryview(content), 0
    for edit in edits:
        yield whole[at : edit.start]
        yield bytes(edit.end - edit.start) if edit.replacement is None else edit.replacement
        at = edit.end
    yield whole[at:]


def blank(start: int, end: int) -> Edit:
    """Return an edit that overwrites a stretch with zeros and moves nothing.

    The zeros are made only when edits are applied: a hostile file may name its whole length over and over.
    """
    return Edit(start, end, None)


def _few(names: set[str]) -> tuple[str, ...]:
    """Return names sorted; a hostile file may make up thousands, of which those that are facts are kept first."""
    if len(names) <= MAX_NAMES:
        return tuple(sorted(names))
    first = sorted(names, key=lambda name: (name not in _FACTS, name))[:MAX_NAMES]
    return (*sorted(first), "others")


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
