"""Private stretches of a file: neighbours become one, and a few names stand for any number."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Edit, Notes, Private

_MOST_NAMES = 20


class Stretch(NamedTuple):
    """A stretch of a file that is private, and what to call it."""

    name: str
    start: int
    end: int


def remove_stretches(stretches: Iterable[Stretch], remove: Callable[[int, int], tuple[Edit, ...]]) -> Notes:
    """Yield the names of stretches and what removes them; a hostile file may hold a million that are neighbours."""
    names: set[str] = set()
    runs: list[tuple[int, int]] = []
    for name, start, end in stretches:
        names.add(name if name in names or len(names) < _MOST_NAMES else "others")
        joined = bool(runs) and runs[-1][1] == start
        runs.append((runs.pop()[0] if joined else start, end))
    for name in sorted(names):
        yield Private(name, ())
    for start, end in runs:
        yield from remove(start, end)


def is_text(value: bytes) -> bool:
    """Return whether bytes are printable text and nothing else, as samples never are."""
    try:
        return value.decode("utf-8").replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    except UnicodeDecodeError:
        return False
