"""Private stretches of a file: neighbours become one, and a few names stand for any number."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from assurai_datasets.media.containers.survey import Edit, Notes, Private

_MOST_NAMES = 20
_MOST_TEXT = 1 << 20
_LEAST_LETTERS = 6
_MOSTLY = 0.8
_KOREAN = re.compile(rb"([\t\n\r -~]|[\xb0-\xc8][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe])+")
"""ASCII, and the letters and signs of KS X 1001 as CP949 encodes them."""
_WORD = re.compile("[A-Za-z0-9\uac00-\ud7a3]+")
_PLAIN = re.compile("[\\s!-~\u00a0-\u00ff\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uff00-\uffee]*")


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
    """Return whether bytes are printable text and nothing else, as samples never are.

    In UTF-8 that is any text; in CP949 and UTF-16 a short one whose letters and spaces leave no doubt.
    """
    return _is_utf8_text(value) or (len(value) <= _MOST_TEXT and any(map(_is_plain, _readings(value))))


def _is_utf8_text(value: bytes) -> bool:
    try:
        return value.decode("utf-8").replace("\n", "").replace("\r", "").replace("\t", "").isprintable()
    except UnicodeDecodeError:
        return False


def _readings(value: bytes) -> Iterator[str]:
    """Yield what bytes may spell in Korean or in UTF-16, one zero at an end of which may have been stripped."""
    if _KOREAN.fullmatch(value):
        yield value.decode("cp949", "replace")
    odd = bytes(len(value) % 2)
    for encoding, whole in (("utf-16-le", value + odd), ("utf-16-be", odd + value)):
        with suppress(UnicodeDecodeError):
            yield whole.decode(encoding).removeprefix("\ufeff")


def _is_plain(text: str) -> bool:
    """Return whether nearly all of a text is words of Latin or Korean letters with spaces between them.

    A space among letters is a leap that no smooth sound makes, and letters alone a choice that no noise makes.
    """
    rest = _WORD.sub("", text)
    spaces, letters = text.count(" "), len(text) - len(rest)
    return bool(
        0 < 2 * spaces <= letters
        and min(letters, len(set(text))) >= _LEAST_LETTERS
        and letters + spaces >= _MOSTLY * len(text)
        and _PLAIN.fullmatch(rest)
    )
