"""Names as people write them: look-ups that forgive spelling and suggest the nearest names."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from assurai_datasets.errors import UnknownNameError

Meaning = TypeVar("Meaning")

_MAX_QUERY_CHARACTERS = 200
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
        spelled: each meaning with all its names; the first is the canonical one, offered as a suggestion.
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
        self._suggestions: dict[str, str] = {}
        for meaning, names in spelled:
            for name in names:
                self._add(name, meaning)
            for name in names[:2]:
                self._suggestions.setdefault(name_key(name), name)

    def find(self, query: object) -> Meaning:
        """What the query means.

        Raises:
            UnknownNameError: it is none of the names; the message gives it and the nearest names.
        """
        if isinstance(query, str):
            found = self._exact.get(query)
            if found is None and len(query) <= _MAX_QUERY_CHARACTERS:
                found = self._find_spelling(query)
        else:
            found = self._numbered.get(query) if type(query) is int else None
        if found is None:
            raise UnknownNameError(self._complaint(query))
        return found

    def _add(self, name: str, meaning: Meaning) -> None:
        self._exact[name] = meaning
        for spelling in (name, name.replace("&", "and"), _AND.sub("", name)):
            if self._keys.setdefault(name_key(spelling), meaning) != meaning:
                raise ValueError(f"{spelling!r} would be the name of two {self._subject} entries")

    def _find_spelling(self, query: str) -> Meaning | None:
        # Numbers are matched before punctuation is dropped: else "3.4" and "-9" would be factors 34 and 9.
        if self._numbered and (number := _NUMBER.fullmatch(unicodedata.normalize("NFKC", query).strip())):
            return self._numbered.get(int(number[1]))
        return self._keys.get(name_key(query))

    def _complaint(self, query: object) -> str:
        nearest = self.nearest(query) if isinstance(query, str) else ()
        shown = repr(query) if len(repr(query)) <= 80 else f"{repr(query)[:77]}..."
        allowed = f"; the numbers are 1-{max(self._numbered)}" if self._numbered else ""
        if nearest:
            return f"unknown {self._subject} {shown}; nearest: {', '.join(map(repr, nearest))}{allowed}"
        return f"unknown {self._subject} {shown}{allowed or f'; known: {self._known()}'}"

    def _known(self) -> str:
        return ", ".join(map(repr, self._suggestions.values()))

    def nearest(self, query: str) -> tuple[str, ...]:
        """Up to three names nearest to the query, best first."""
        return _nearest(name_key(query[:_MAX_QUERY_CHARACTERS]), tuple(self._suggestions.items()))


@lru_cache(maxsize=1024)
def _nearest(key: str, suggestions: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    names = dict(suggestions)
    return tuple(names[close] for close in difflib.get_close_matches(key, names, n=3, cutoff=0.5))
