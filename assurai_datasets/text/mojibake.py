"""Text that was read in another encoding than it was written in."""

import codecs
import re
from typing import NamedTuple

import ftfy
from ftfy.badness import is_bad

LONGEST_SEARCHED = 20_000
"""Characters searched from the first suspicious one on: a bound on the work a hostile text can cause."""

_SUSPECT = re.compile(
    "[\u0080-\u009f\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0370-\u04ff\u2500-\u259f\u3400-\u9fff\uf900-\ufaff]"
)
_LATIN_HALF = re.compile("[\u00a1-\u00ff]")
_LATIN_RUN = re.compile("[\u0080-\u00ff\u0152-\u0192\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]{4,}+")
_HANJA_RUN = re.compile("(?:[\u3400-\u9fff\uf900-\ufaff]|[가-힣ㄱ-ㆎ\uff01-\uffee]){2,}+")
_RECOVERED = re.compile("[가-힣\ufffd]")


class Mojibake(NamedTuple):
    """A stretch of misread text: where it stands, what it was (empty: not known), and how it was misread."""

    start: int
    end: int
    was: str
    how: str


def find_mojibake(text: str) -> Mojibake | None:
    """Return the first stretch that was misread, or None.

    Three misreadings are told apart: UTF-8 read as Latin-1 or a Windows code page, CP949 read as one (`¾È³ç`), and
    UTF-8 read as CP949 (`硫붾돱`). Korean is found by a round trip that must give syllables; the rest by
    `ftfy`.
    """
    suspect = _SUSPECT.search(text)
    if suspect is None:
        return None
    start = max(0, suspect.start() - 8)
    window = text[start : start + LONGEST_SEARCHED]
    found = _korean_as_latin(window) or _korean_as_cp949(window) or _any_as_latin(window)
    return found and found._replace(start=found.start + start, end=found.end + start)


def _korean_as_latin(text: str) -> Mojibake | None:
    for run in _LATIN_RUN.finditer(text):
        if 2 * len(_LATIN_HALF.findall(run.group())) <= len(run.group()):
            continue
        misread = _latin_bytes(run.group())
        for encoding, name in (("utf-8", "UTF-8"), ("cp949", "CP949")):
            was = _decode(misread, encoding)
            if len(_RECOVERED.findall(was)) * 2 >= max(len(was), 4):
                return Mojibake(*run.span(), was, f"{name} read as Latin-1")
    return None


def _korean_as_cp949(text: str) -> Mojibake | None:
    for run in _HANJA_RUN.finditer(text):
        misread = run.group().encode("cp949", errors="replace")
        for lost in range(3):
            was = _decode(misread[lost:], "utf-8")
            if len(_RECOVERED.findall(was)) >= 2:
                return Mojibake(*run.span(), was, "UTF-8 read as CP949")
    return None


def _any_as_latin(text: str) -> Mojibake | None:
    if not is_bad(text):
        return None
    was = ftfy.fix_encoding(text)
    if was == text:
        return None
    start = next((i for i, (a, b) in enumerate(zip(text, was, strict=False)) if a != b), 0)
    return Mojibake(
        start, len(text), "" if is_bad(was) else was[start:], "UTF-8 read as Latin-1 or a Windows code page"
    )


def _latin_bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("cp1252", errors="replace")


def _decode(data: bytes, encoding: str) -> str:
    """Return the decoded text but for a cut-off last character; empty where the bytes are not of that encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return ""
