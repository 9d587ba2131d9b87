"""A delivery folder, read only: names lead to files inside it, and never out of it."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from assurai_datasets.errors import PathEscapesError

NAME_BYTES = 255
PATH_BYTES = 1024
INSIDE_HINT = "name a file inside the delivery"
LINK_HINT = "deliver the file itself, not a link"
SHORTER_HINT = "give it a shorter name"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|data:", re.IGNORECASE)
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
SYSTEM = frozenset(["__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"])

Kind = Literal["file", "folder", "special", "locked", "missing"]


class Listing(NamedTuple):
    """What a folder holds, as sorted names relative to it with forward slashes, in NFC."""

    files: tuple[str, ...]
    hidden: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Folder:
    """A read-only view of a folder; links inside it are never followed and special files never opened.

    Args:
        root: The folder; it may itself be reached through a link.
    """

    root: Path
    _spellings: dict[str, dict[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def resolve(self, name: str) -> Path:
        """Return the path of a name in this folder; whether there is such a file is for the caller to ask.

        A name in NFC finds a file whose name is stored in NFD (macOS) or CP949 bytes (unpacked on Windows), and the
        other way round.

        Raises:
            PathEscapesError: The name is absolute, climbs, or passes through a link; nothing was opened.
        """
        parts = check_name(name)
        path = self.root
        for part in parts:
            path = self._child(path, part)
            if os.path.islink(path):  # noqa: PTH114  never raises, where the folder cannot be entered
                raise PathEscapesError(f"{name!r} passes through the link {path.name!r}", LINK_HINT)
        return path

    def names(self) -> tuple[str, ...]:
        """Return the names of all regular files, sorted, without hidden and system files."""
        return self.listing.files

    def glob(self, pattern: str) -> tuple[str, ...]:
        """Return the names that match a pattern of `*`, `?`, `[...]` within a part and `**` over parts.

        Raises:
            PathEscapesError: The pattern is absolute or climbs.
        """
        parts = check_name(pattern)
        return tuple(name for name in self.names() if _matches(name.split("/"), parts))

    @cached_property
    def listing(self) -> Listing:
        """All names: regular files; hidden and system files; links, devices and folders that cannot be read."""
        files: list[str] = []
        hidden: list[str] = []
        refused: list[str] = []
        for name, regular in sorted(_walk(self.root)):
            group = refused if not regular else hidden if is_hidden(name) else files
            group.append(name)
        return Listing(tuple(files), tuple(hidden), tuple(refused))

    def _child(self, parent: Path, part: str) -> Path:
        path = parent / part
        if os.path.lexists(path):
            return path
        key = str(parent)
        if key not in self._spellings:
            self._spellings[key] = _shown_names(parent)
        return parent / self._spellings[key].get(unicodedata.normalize("NFC", part), part)


def kind_of(path: Path) -> Kind:
    """Return what lies at a path; `locked` where a folder on the way cannot be entered."""
    try:
        mode = path.lstat().st_mode
    except PermissionError:
        return "locked"
    except (OSError, ValueError):  # ValueError: a name that cannot be written in the encoding of file names
        return "missing"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "special"


def check_name(name: str) -> tuple[str, ...]:
    """Return the parts of a relative name with forward slashes.

    Raises:
        PathEscapesError: The name is empty, absolute, climbs, or is not portable.
    """
    problem = _problem_of_path(name) or next(filter(None, map(_problem_of_part, name.split("/"))), None)
    if problem:
        raise PathEscapesError(f"{name[:200]!r} {problem.what}", problem.hint)
    return tuple(part for part in name.split("/") if part != ".")


def is_hidden(name: str) -> bool:
    """Return whether a name is, or lies in, a hidden or system file such as `.DS_Store`, `__MACOSX` or `Thumbs.db`."""
    return any(part.startswith(".") or part.casefold() in SYSTEM for part in name.split("/"))


class _Problem(NamedTuple):
    what: str
    hint: str = INSIDE_HINT


def _problem_of_path(name: str) -> _Problem | None:
    if not name or not name.strip():
        return _Problem("is empty")
    if "\x00" in name:
        return _Problem("contains a NUL character", "write the name without it")
    if _URL.match(name):
        return _Problem("is a URL", "nothing is fetched: deliver the file, and name it relative to the delivery")
    if "\\" in name:
        return _Problem("contains a backslash; write paths with forward slashes", "write it with forward slashes")
    if name.startswith(("/", "~")):
        return _Problem("is absolute; write it relative to the delivery")
    if name[1:2] == ":":
        return _Problem("begins with a drive letter; write it relative to the delivery")
    if len(name.encode("utf-8", "surrogatepass")) > PATH_BYTES:
        return _Problem(f"is longer than {PATH_BYTES} bytes", SHORTER_HINT)
    return None


def _problem_of_part(part: str) -> _Problem | None:
    if part == "..":
        return _Problem("climbs out of the folder with '..'")
    if not part:
        return _Problem("contains an empty part ('//' or a slash at the end)", "write one slash between two names")
    if len(part.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        return _Problem(f"has a part longer than {NAME_BYTES} bytes", SHORTER_HINT)
    if part.split(".")[0].strip().casefold() in RESERVED:
        return _Problem(f"uses the name {part!r}, which is reserved on Windows", "give the file another name")
    return None


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Yield the shown name of everything that is not a folder, and whether it is a regular file."""
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        if not os.access(folder, os.R_OK | os.X_OK):
            yield prefix.rstrip("/") or ".", False
            continue
        for shown, stored in _shown_names(folder).items():
            mode = (folder / stored).lstat().st_mode
            if stat.S_ISDIR(mode):
                waiting.append((folder / stored, f"{prefix}{shown}/"))
            else:
                yield f"{prefix}{shown}", stat.S_ISREG(mode)


def _shown_names(folder: Path) -> dict[str, str]:
    """Return the entries of a folder: the name to show, in NFC and readable, and the name as stored."""
    names: dict[str, str] = {}
    readable = os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)  # noqa: PTH112  never raises
    stored_names = sorted(os.listdir(folder)) if readable else []  # noqa: PTH208 - names, not paths
    for stored in sorted(stored_names, key=lambda name: name != _shown(name)):
        shown = _shown(stored)
        names[stored if shown in names else shown] = stored
    return names


def _shown(stored: str) -> str:
    try:
        stored.encode("utf-8")
    except UnicodeEncodeError:
        stored = os.fsencode(stored).decode("cp949", "backslashreplace")
    return unicodedata.normalize("NFC", stored)


def _matches(parts: list[str], pattern: tuple[str, ...]) -> bool:
    """Return whether the parts of a name match, in time linear in both lengths' product."""
    states = _with_empty_matches({0}, pattern)
    for part in parts:
        following = {at if pattern[at] == "**" else at + 1 for at in states if _takes(pattern, at, part)}
        states = _with_empty_matches(following, pattern)
    return len(pattern) in states


def _takes(pattern: tuple[str, ...], at: int, part: str) -> bool:
    return at < len(pattern) and (pattern[at] == "**" or fnmatchcase(part, unicodedata.normalize("NFC", pattern[at])))


def _with_empty_matches(states: set[int], pattern: tuple[str, ...]) -> set[int]:
    reached = set(states)
    for at in range(len(pattern)):
        if at in reached and pattern[at] == "**":
            reached.add(at + 1)
    return reached
