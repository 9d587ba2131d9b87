"""Stray Korean letters: jamo that stand alone where a syllable was meant."""

import re
from collections.abc import Iterator

CHAT_LETTERS = frozenset("ㅋㅎㅠㅜㅡ")
"""Letters that chat repeats or appends on purpose (laughing, weeping, sighing)."""

_AFTER_SYLLABLE = re.compile("(?<=[가-힣])[ㄱ-ㆎ]++")
_LEFT_OVER = re.compile("[\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uffa1-\uffdc]++")
_CONSONANTS = re.compile("[ㄱ-ㅎ]{2,}+")
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"


def stray_jamo(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of every run of jamo that is probably a slip of typing.

    A run is stray when it stands directly after a syllable and is none of what people write on purpose there: chat
    letters (`좋아ㅋㅋ`, `안녕ㅠㅠ`), initials of two and more consonants (`넵ㅇㅇ`), or the drawn-out vowel of that
    syllable (`아ㅏㅏ`). Jamo on their own or at the head of a word are labels (`ㄱ씨`, `보기 ㄴ`), endings named in
    grammar (`-ㄴ다`) or chat. Conjoining and half-width jamo that did not become syllables are always stray.

    Args:
        text: The text, composed (NFC).
    """
    for run in _LEFT_OVER.finditer(text):
        yield run.span()
    for run in _AFTER_SYLLABLE.finditer(text):
        if not _is_meant(run.group(), text[run.start() - 1]):
            yield run.span()


def _is_meant(run: str, syllable: str) -> bool:
    return CHAT_LETTERS.issuperset(run) or _CONSONANTS.fullmatch(run) is not None or _draws_out(run, syllable)


def _draws_out(run: str, syllable: str) -> bool:
    vowel, final = divmod((ord(syllable) - ord("가")) % (21 * 28), 28)
    return final == 0 and set(run) == {_VOWELS[vowel]}
