"""What of a text near duplicates are compared by: its letters without spacing, particles and polite endings.

A rule that looked at the ends of words would depend on spacing, so particles are left out wherever their syllables
stand, inside nouns too. Both texts of a pair lose the same, and what stays finds the pairs worth a closer look.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.text.normalization import fold_text

LONGEST_COMPARED = 20_000
"""Characters of a text that take part in the search for near duplicates."""

PARTICLES = "은는이가을를에의와과도로으"
_LONG_PARTICLES = ("에게", "한테", "께서", "에서", "이랑", "랑", "까지", "부터", "하고")
_SENTENCE_END = re.compile("[.?!…~。]+")
# Longest first, so that an ending is not cut inside a longer one.
_ENDINGS = (
    *("주시겠습니까", "주실수있나요", "주시겠어요", "하십시오", "주십시오", "줄수있니", "줄래요", "주세요", "하세요"),
    *("입니까", "입니다", "인가요", "습니까", "습니다", "합니다", "십시오", "세요", "어요", "아요", "해요", "줘요"),
    *("줘라", "나요", "까요", "네요", "지요", "한다", "해라", "하라", "죠", "줘", "해", "요", "니", "까"),
)
_NOT_A_LETTER = re.compile("[^\\w\U00010000-\U0010ffff]|_")
_DROPPED = re.compile(f"[^\\w\U00010000-\U0010ffff]|[_{PARTICLES}]")
_NUMBER = re.compile("[0-9]+")


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, folded, without spaces and polite endings of its sentences."""
    return _NOT_A_LETTER.sub("", shorten(fold_text(text[:LONGEST_COMPARED])))


def skeleton_of(letters: str) -> str:
    """Return the letters without particles."""
    return _DROPPED.sub("", _without_long_particles(letters))


def shorten(folded: str) -> str:
    """Return a folded text without white space and without polite endings of its sentences."""
    sentences = _SENTENCE_END.split("".join(folded.split()))
    return "".join(_without_ending(sentence) for sentence in sentences if sentence)


def shorten_further(folded: str) -> str:
    """Return a folded text shortened, and without particles of two syllables; single ones fall to `kept_characters`."""
    return _without_long_particles(shorten(folded))


def digits_in(folded: str) -> str:
    """Return the digits of a text in their order; texts with other numbers are other texts."""
    return "".join(_NUMBER.findall(folded))


@cache
def kept_characters() -> NDArray[np.bool_]:
    """Return for each code point below 65,536 whether a skeleton keeps it; it keeps all above."""
    return np.fromiter((_DROPPED.match(chr(code)) is None for code in range(0x10000)), dtype=np.bool_, count=0x10000)


def _without_long_particles(text: str) -> str:
    for particle in _LONG_PARTICLES:
        text = text.replace(particle, "")
    return text


def _without_ending(sentence: str) -> str:
    for ending in _ENDINGS:
        if sentence.endswith(ending):
            return sentence[: -len(ending)]
    return sentence
