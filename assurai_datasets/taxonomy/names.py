"""Names as people write them: look-ups that forgive spelling and suggest the nearest names."""

import difflib
import re
import reprlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from assurai_datasets.errors import UnknownNameError

Meaning = TypeVar("Meaning")

_MAX_QUERY_CHARACTERS = 200
_MAX_COMPARED_CHARACTERS = 60
_PUNCTUATION = re.compile(r"[\W_]+")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:(?:r|risk)[ _-]?)?0{0,3}([1-9][0-9]?)", re.IGNORECASE)


def name_key(name: str) -> str:
    """The name without case, spaces, punctuation and differences of Unicode form: what look-ups compare."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", name).casefold())


class NameTable(Generic[Meaning]):
    """What each of a vocabulary's names means.

    Args:
        subject: what the names are names of, for messages.
        spelled: each meaning with the names it goes by.
        numbered: meanings that a number or a numbered code (`4`, `04`, `r04`, `Risk_04`) stands for.
    """

    def __init__(
        self,
        subject: str,
        spelled: Iterable[tuple[Meaning, tuple[str, ...]]],
        *,
        numbered: Mapping[int, Meaning] | None = None,
    ) -> None:
        self._subject = subject
        self._numbered = dict(numbered or {})
        self._exact: dict[str, Meaning] = {}
        self._keys: dict[str, Meaning] = {}
        self._suggestions: dict[str, list[str]] = {}
        for meaning, names in spelled:
            for name in names:
                self._add(name, meaning)

    def find(self, query: object) -> Meaning:
        """What the query means.

        Raises:
            UnknownNameError: it is none of the names; the message gives it and the nearest names.
        """
        found = self._exact.get(query) if isinstance(query, str) else None
        if found is None and isinstance(query, str) and len(query) <= _MAX_QUERY_CHARACTERS:
            found = self._find_spelling(query)
        elif found is None and type(query) is int:
            found = self._numbered.get(query)
        if found is None:
            raise UnknownNameError(self._complaint(query))
        return found

    def nearest(self, query: str) -> tuple[str, ...]:
        """Up to three names that resemble the query, or of which a word does; best first."""
        key = name_key(query[:_MAX_COMPARED_CHARACTERS])
        close = difflib.get_close_matches(key, self._suggestions, n=3, cutoff=0.6)
        return tuple(dict.fromkeys(name for match in close for name in self._suggestions[match]))[:3]

    def _add(self, name: str, meaning: Meaning) -> None:
        self._exact[name] = meaning
        for spelling in (name, name.replace("&", "and"), _AND.sub("", name)):
            if self._keys.setdefault(name_key(spelling), meaning) != meaning:
                raise ValueError(f"{spelling!r} is the name of two {self._subject} entries: rename one")
        words = [word for word in name.split() if len(word) > 3 or not word.isascii()]
        for key in dict.fromkeys(map(name_key, [name, *words])):
            self._suggestions.setdefault(key, []).append(name)

    def _find_spelling(self, query: str) -> Meaning | None:
        # Numbers are matched before punctuation is dropped: else "3.4" and "-9" would be factors 34 and 9.
        if self._numbered and (number := _NUMBER.fullmatch(unicodedata.normalize("NFKC", query).strip())):
            return self._numbered.get(int(number[1]))
        return self._keys.get(name_key(query))

    def _complaint(self, query: object) -> str:
        shown = _shown(query)
        numbers = f"; numbers run from {min(self._numbered)} to {max(self._numbered)}" if self._numbered else ""
        if isinstance(query, str) and (nearest := self.nearest(query)):
            return f"unknown {self._subject} {shown}; nearest: {', '.join(map(repr, nearest))}{numbers}"
        return f"unknown {self._subject} {shown}{numbers or f'; known: {self._known()}'}"

    def _known(self) -> str:
        return ", ".join(map(repr, self._exact))


def _shown(query: object) -> str:
    if isinstance(query, str):
        return repr(query[:_MAX_COMPARED_CHARACTERS])
    if isinstance(query, int) and query.bit_length() > 64:
        return "a number of more than 64 bits"
    return reprlib.repr(query)
