"""Characters that steer a terminal, or show nothing, as their codes."""

import unicodedata

_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def escape_controls(text: str, *, keep: str = "") -> str:
    r"""Return a text in which control, format and private characters and line separators stand as their code.

    Args:
        text: What comes from outside: a name, a place, a value.
        keep: Characters that stay as they are.

    Example:
        >>> escape_controls("a\x1b[2J\u202eb")
        'a<U+001B>[2J<U+202E>b'
    """
    if text.isprintable():
        return text
    return "".join(f"<U+{ord(char):04X}>" if steers(char) and char not in keep else char for char in text)


def steers(char: str) -> bool:
    """Return whether a character steers a terminal or shows nothing."""
    return unicodedata.category(char) in _CATEGORIES
