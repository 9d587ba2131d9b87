"""Whether a text is written in the script of its language."""

import re
from itertools import islice
from types import MappingProxyType

FEWEST_LETTERS = 12
"""A text with fewer letters than this may be a name, a code or an option, and tells nothing about its language."""

_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_CYRILLIC = "\u0400-\u052f"
_ARABIC = "\u0600-\u06ff\u0750-\u077f"
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SCRIPTS = {
    "ar": _ARABIC,
    "bn": "\u0980-\u09ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "fa": _ARABIC,
    "he": "\u0590-\u05ff",
    "hi": "\u0900-\u097f",
    "ja": f"\u3040-\u30ff{_HAN}",
    "ko": "\uac00-\ud7a3",
    "ru": _CYRILLIC,
    "ta": "\u0b80-\u0bff",
    "th": "\u0e00-\u0e7f",
    "uk": _CYRILLIC,
    "ur": _ARABIC,
    "zh": _HAN,
    **dict.fromkeys(("de", "en", "es", "fr", "id", "it", "ms", "nl", "pl", "pt", "sv", "tr", "vi"), _LATIN),
}
_IN_SCRIPT = MappingProxyType({language: re.compile(f"[{script}]") for language, script in _SCRIPTS.items()})
_LETTER = re.compile(r"[^\W\d_]")


def is_in_script(text: str, language: str) -> bool:
    """Return whether a text has any letter of its language's script, or too few letters to tell.

    Args:
        text: The text, composed (NFC).
        language: A language tag such as `ko` or `ko-KR`; a language whose script is not known here is never wrong.
    """
    in_script = _IN_SCRIPT.get(language) or _IN_SCRIPT.get(language.lower().split("-")[0])
    if in_script is None or in_script.search(text):
        return True
    return next(islice(_LETTER.finditer(text), FEWEST_LETTERS - 1, None), None) is None
