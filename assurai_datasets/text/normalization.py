"""Repairs that never change what a reader sees, and the folding that duplicates are compared under."""

import re
import unicodedata
from typing import Literal, NamedTuple

RepairKind = Literal["nfc", "line-break", "space", "trailing"]

_CONJOINING_JAMO = re.compile("[\u1100-\u11ff]")
_LINE_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_END = re.compile(r"(?<![ \t])[ \t]++(?=\n)")
_TEXT_START = re.compile(r"\A[ \t\n]++")
_TEXT_END = re.compile(r"(?<![ \t\n])[ \t\n]++\Z")


class Repair(NamedTuple):
    """One kind of repair made to a text: how often, where first (an offset in the text before it), and what it did."""

    kind: RepairKind
    occurrences: int
    start: int
    what: str


def normalize_text(text: str) -> tuple[str, tuple[Repair, ...]]:
    r"""Return the text with NFC and white-space repairs, and a list of those made; nothing else is changed.

    Composes characters (NFC), turns every line break into a line feed and every space of another kind (no-break, em,
    ideographic) into a plain one, and removes white space at the ends of lines and of the text. Offsets
    belong to the text as it was before that repair.

    Example:
        >>> normalize_text("안녕\u00a0하세요 \n")[0]
        '안녕 하세요'
    """
    repairs = []
    for repair in (_compose, _unify_line_breaks, _unify_spaces, _trim):
        text, made = repair(text)
        repairs.extend(made)
    return text, tuple(repairs)


def fold_text(text: str) -> str:
    """Return the form under which texts count as exact duplicates: NFC, case folded, runs of white space one space."""
    return to_nfc(" ".join(to_nfc(text).casefold().split()))


def to_nfc(text: str) -> str:
    """Return the text composed (NFC); a text that is composed already is returned as it is, and soon."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _compose(text: str) -> tuple[str, list[Repair]]:
    composed = to_nfc(text)
    if composed == text:
        return text, []
    start = next((i for i, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b), len(composed))
    korean = _CONJOINING_JAMO.search(text) is not None
    what = "decomposed Korean (NFD, as macOS writes it)" if korean else "decomposed characters"
    return composed, [Repair("nfc", 1, start, f"composed {what}")]


def _unify_line_breaks(text: str) -> tuple[str, list[Repair]]:
    return _replace(text, _LINE_BREAK, "\n", "line-break", "turned line breaks into line feeds ({})")


def _unify_spaces(text: str) -> tuple[str, list[Repair]]:
    return _replace(text, _ODD_SPACE, " ", "space", "turned spaces of other kinds into plain ones ({})")


def _replace(text: str, pattern: re.Pattern[str], by: str, kind: RepairKind, what: str) -> tuple[str, list[Repair]]:
    first = pattern.search(text)
    if first is None:
        return text, []
    text, count = pattern.subn(by, text)
    return text, [Repair(kind, count, first.start(), what.format(count))]


def _trim(text: str) -> tuple[str, list[Repair]]:
    runs = [run.start() for pattern in (_TEXT_START, _TEXT_END) if (run := pattern.search(text))]
    runs.extend(run.start() for run in _LINE_END.finditer(text))
    if not runs:
        return text, []
    trimmed = _LINE_END.sub("", text).strip(" \t\n")
    return trimmed, [Repair("trailing", len(set(runs)), min(runs), "removed white space at the ends of lines or text")]
