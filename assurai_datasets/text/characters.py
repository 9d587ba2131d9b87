"""One door for the characters of a text: everything odd about them, each kind once."""

import re
import unicodedata
from collections.abc import Iterator

from assurai_datasets.text.finding import TextFinding, TextKind
from assurai_datasets.text.jamo import stray_jamo
from assurai_datasets.text.language import is_in_script
from assurai_datasets.text.mojibake import find_mojibake
from assurai_datasets.text.normalization import normalize_text

SHORTEST = 2
"""Visible characters below which a prompt or response is implausibly short."""
LONGEST = 20_000
"""Characters above which a text is implausibly long."""

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff"
_JOINED = "\u0600-\u0dff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_VARIED = "0-9#*\u00a9\u00ae\u203c-\u3299\u3400-\u9fff\uf900-\ufaff\U0001f000-\U0003ffff"
_FILLERS = "\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
_TAGS = "\U000e0000-\U000e007f"
_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur", "yi"))

# One look tells a clean text: none of these characters, not even those that are legitimate in their place.
_ODD = re.compile(
    f"[{_CONTROL}{_FILLERS}{_TAGS}{_BIDIRECTIONAL}\r\x85-\xa0\xc0-\xd6\xd8-\xf6\xf8-\xff\u0370-\u04ff\u1100-\u11ff"
    "\u1680\u2000-\u200f\u2028-\u202f\u205f\u2500-\u259f\u3000\u3131-\u318e\u3400-\u9fff\ua960-\ua97f\ud7b0-\ud7ff"
    "\uf900-\ufaff\ufe00-\ufe0f\uffa1-\uffdc\ufffc\ufffd\U000e0100-\U000e01ef]"
)
_SUBDIVISION_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{2,6}+\U000e007f")
_PATTERNS: tuple[tuple[TextKind, re.Pattern[str], str], ...] = (
    ("control", re.compile(f"[{_CONTROL}]"), "control or private-use characters"),
    (
        "invisible",
        re.compile(
            f"[{_FILLERS}{_TAGS}]|(?<![{_JOINED}])[\u200c\u200d]|(?<![{_VARIED}])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
        ),
        "invisible characters",
    ),
    ("replacement", re.compile("[\ufffc\ufffd]"), "replacement characters, each the trace of a lost one"),
)
_ANY_DIRECTION = re.compile(f"[{_BIDIRECTIONAL}]")
_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DIGIT = re.compile(r"\d")


def check_text(
    text: str, *, language: str | None = None, shortest: int = SHORTEST, longest: int = LONGEST
) -> tuple[TextFinding, ...]:
    r"""Return what is odd about the characters of a text, one finding a kind; empty for a clean text.

    Time is linear in the text's length. What is found is only reported; `normalize_text` repairs what can be repaired
    without changing what a reader sees.

    Args:
        text: The text as delivered.
        language: Its language tag (`ko`); None leaves the language unchecked.
        shortest: Fewest visible characters; give 1 for a choice.
        longest: Most characters.

    Example:
        >>> [(f.kind, f.excerpt) for f in check_text("오늘\u200b 날씨는 어때요?", language="ko")]
        [('invisible', 'U+200B ZERO WIDTH SPACE')]
    """
    if _is_clean(text, shortest, longest) and (language is None or is_in_script(text, language)):
        return ()
    return tuple(_findings(text, language, shortest, longest))


def _is_clean(text: str, shortest: int, longest: int) -> bool:
    """Return whether a few fast looks find nothing that needs a second one."""
    return (
        shortest <= 2 <= len(text) <= longest
        and _ODD.search(text) is None
        and not (text[0].isspace() or text[-1].isspace())
        and " \n" not in text
        and "\t\n" not in text
        and unicodedata.is_normalized("NFC", text)
    )


def _findings(text: str, language: str | None, shortest: int, longest: int) -> Iterator[TextFinding]:
    composed = unicodedata.normalize("NFC", text)
    yield from _repairable(text)
    plain = _SUBDIVISION_FLAG.sub(lambda flag: "x" * len(flag.group()), text)
    for kind, pattern, what in _PATTERNS:
        yield from _code_points(kind, pattern, plain, what)
    yield from _directions(text, language)
    yield from _misread(text)
    yield from _stray(composed)
    yield from _lengths(text, shortest, longest)
    if language is not None and not is_in_script(composed, language):
        yield TextFinding("language", 0, len(text), 1, language, f"no letter of the script of {language!r}")


def _repairable(text: str) -> Iterator[TextFinding]:
    repairs = normalize_text(text)[1]
    for repair in repairs[:1]:
        if repair.kind == "nfc":
            what = repair.what.replace("composed ", "", 1)
            yield TextFinding("not-nfc", repair.start, repair.start + 1, 1, _name(text[repair.start]), what)
    spaces = [repair for repair in repairs if repair.kind != "nfc"]
    if spaces:
        count = sum(repair.occurrences for repair in spaces)
        what = "; ".join(repair.what for repair in spaces)
        start = min(repair.start for repair in spaces)
        yield TextFinding("whitespace", start, start + 1, count, "", f"--normalize would have {what}")


def _code_points(kind: TextKind, pattern: re.Pattern[str], text: str, what: str) -> Iterator[TextFinding]:
    first = pattern.search(text)
    if first is None:
        return
    found = pattern.findall(text)
    names = [_name(character) for character in sorted(set(found))]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} other kinds" if len(names) > 3 else "")
    yield TextFinding(kind, *first.span(), len(found), listed, f"{what} ({len(found)}): {listed}")


def _directions(text: str, language: str | None) -> Iterator[TextFinding]:
    right_to_left = language is not None and language.lower().split("-")[0] in _RIGHT_TO_LEFT
    pattern = _OVERRIDE if right_to_left else _ANY_DIRECTION
    yield from _code_points("bidirectional", pattern, text, "characters that change the direction of writing")


def _misread(text: str) -> Iterator[TextFinding]:
    if found := find_mojibake(text):
        seen = _show(text[found.start : found.end])
        reading = f" was probably {_show(found.was)!r}" if found.was else ""
        yield TextFinding("mojibake", found.start, found.end, 1, seen, f"{found.how}: {seen!r}{reading}")


def _stray(composed: str) -> Iterator[TextFinding]:
    if runs := list(stray_jamo(composed)):
        start, end = runs[0]
        excerpt = _show(composed[max(0, start - 3) : end + 1])
        yield TextFinding(
            "jamo", start, end, len(runs), excerpt, f"stray Korean letters ({len(runs)}), first {excerpt!r}"
        )


def _lengths(text: str, shortest: int, longest: int) -> Iterator[TextFinding]:
    visible = len("".join(text.split())) if len(text) <= longest else len(text)
    if visible < shortest:
        yield TextFinding("length", 0, len(text), 1, "", f"visible characters: {visible}, expected at least {shortest}")
    elif len(text) > longest:
        yield TextFinding("length", 0, len(text), 1, "", f"{len(text)} characters, expected at most {longest}")


def _name(character: str) -> str:
    number = f"U+{ord(character):04X}"
    return f"{number} {_CONTROL_NAMES.get(character) or unicodedata.name(character, '')}".rstrip()


_CONTROL_NAMES = {"\x00": "NULL", "\x08": "BACKSPACE", "\x0b": "VERTICAL TAB", "\x0c": "FORM FEED", "\x1b": "ESCAPE"}


def _show(text: str, width: int = 24) -> str:
    """Return the first characters of a text, digits masked and what cannot be printed replaced by a dot."""
    shown = "".join(character if character.isprintable() else "·" for character in text[:width])
    return _DIGIT.sub("*", shown) + ("…" if len(text) > width else "")
