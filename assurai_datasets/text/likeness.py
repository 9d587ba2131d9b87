"""How alike two texts are, and whether they differ in content or only in wording."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from operator import add

from assurai_datasets.text.skeleton import PARTICLES, skeleton_of

LIKE = 0.7
"""Jaccard similarity of the sets of letter pairs from which on two texts are near duplicates."""
LIKE_WITH_CLAUSE = 0.8
"""The same where one of them has a whole clause more."""
SHORTEST_CLAUSE = 8
"""Letters from which on an addition counts as a clause put in, not as another noun in a template."""

_LONGEST_ALIGNED, _MOST_MATCHES = 400, 20_000
_PARTICLES = re.compile(
    "[이가을를의와과]|(?:에서|에게서?|한테서?|께서?|으?로서?|으로써|이?랑|하고|까지|부터|보다|처럼|마다|밖에|조차|이?나|이?라도|[에서게테한으])?"
    "[은는도만들]?"
)
_PARTICLE_SYLLABLES = re.compile(f"[{PARTICLES}]{{2,}}")
_ENDING = re.compile("[다요죠지니까네어아야여예에해하한할함했습입시세줘주라고며면던데더든]{1,3}")
_PRONOUNS = frozenset((frozenset("저제"), frozenset("나내"), frozenset("너네")))
_LIKE_VOWELS = tuple(frozenset(vowels) for vowels in ((1, 5), (3, 7), (10, 11, 15), (19, 20)))
"""Vowels of today's speech that sound alike, by their place in Unicode: ㅐㅔ, ㅒㅖ, ㅙㅚㅞ, ㅢㅣ."""


def measure_likeness(first: str, second: str) -> float:
    """Return the Jaccard similarity of the letter pairs of two texts; 0 where they differ in content.

    Templates are filled with other nouns, with the same ones in other roles, or with a denial, and such texts are
    different texts however long the template is. So the two are read side by side, and every difference must be one
    of wording: particles, an ending, one syllable respelled, or whole clauses that only one of them has.

    Args:
        first: The letters of a text (`letters_of`).
        second: The letters of the other.
    """
    skeletons = skeleton_of(first), skeleton_of(second)
    differences = list(_differences(*skeletons))
    if not all(_is_wording(*pair) for pair in differences) or any(map(_are_nouns, _differences(first, second))):
        return 0.0
    a, b = (frozenset(map(add, skeleton, skeleton[1:])) for skeleton in skeletons)
    likeness = len(a & b) / len(a | b) if a | b else float(skeletons[0] == skeletons[1])
    clauses = {side for pair in differences for side in (0, 1) if len(pair[side]) >= SHORTEST_CLAUSE}
    return 0.0 if len(clauses) > 1 or (clauses and likeness < LIKE_WITH_CLAUSE) else likeness


def _are_nouns(pair: tuple[str, str]) -> bool:
    """Return whether stretches of particle syllables alone are words of their own (`가을`, `도로`), not particles."""
    alone = all(_PARTICLE_SYLLABLES.fullmatch(stretch) for stretch in pair)
    return alone and not all(_PARTICLES.fullmatch(stretch) for stretch in pair)


def _differences(first: str, second: str) -> Iterator[tuple[str, str]]:
    """Yield the stretches that differ, each as what the first text has there and what the second.

    Texts that differ over hundreds of letters are one stretch between what they begin and end with in common.
    """
    first, second = _without_common_ends(first, second)
    if not first or not second or not _can_be_aligned(first, second):
        yield first, second
        return
    for kind, start, end, other_start, other_end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind != "equal":
            yield first[start:end], second[other_start:other_end]


def _can_be_aligned(first: str, second: str) -> bool:
    """Return whether aligning two strings is cheap: its cost grows with their pairs of equal letters."""
    if max(len(first), len(second)) > _LONGEST_ALIGNED:
        return False
    counts, other_counts = Counter(first), Counter(second)
    return sum(count * other_counts[letter] for letter, count in counts.items()) <= _MOST_MATCHES


def _without_common_ends(first: str, second: str) -> tuple[str, str]:
    start = _common_start(first, second)
    first, second = first[start:], second[start:]
    end = _common_start(first[::-1], second[::-1])
    return first[: len(first) - end], second[: len(second) - end]


def _common_start(first: str, second: str) -> int:
    """Return how many characters two strings begin with in common, by bisection."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if first[low:middle] == second[low:middle] else (low, middle - 1)
    return low


def _is_wording(removed: str, added: str) -> bool:
    if _PARTICLES.fullmatch(removed) and _PARTICLES.fullmatch(added):
        return True
    if removed and added:
        endings = _ENDING.fullmatch(removed) and _ENDING.fullmatch(added)
        return bool(endings) or frozenset((removed, added)) in _PRONOUNS or _is_respelling(removed, added)
    return len(removed or added) >= SHORTEST_CLAUSE or _ENDING.fullmatch(removed or added) is not None


def _is_respelling(first: str, second: str) -> bool:
    """Return whether two single syllables differ only in their final, or in vowels that sound alike."""
    a, b = _jamo(first), _jamo(second)
    if a is None or b is None or a[0] != b[0]:
        return False
    return a[1] == b[1] or (a[2] == b[2] and any({a[1], b[1]} <= vowels for vowels in _LIKE_VOWELS))


def _jamo(text: str) -> tuple[int, int, int] | None:
    """Return initial, vowel and final (0: none) of a text that is one syllable, counted from 0."""
    place = ord(text) - ord("가") if len(text) == 1 else -1
    return (place // (21 * 28), place // 28 % 21, place % 28) if 0 <= place < 11_172 else None
