"""Which encoding a text table is in: Unicode by its mark or by its bytes, else the one of Korean Windows."""

import codecs
import io
from collections import Counter
from pathlib import Path
from typing import NamedTuple, TextIO

PIECE_BYTES = 2**20
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Encoding(NamedTuple):
    """A codec's name, and whether it is one that today's files should no longer use."""

    codec: str
    legacy: bool = False


def detect_encoding(path: Path) -> Encoding:
    """Return the encoding of a text file.

    UTF-8, UTF-16 and UTF-32 by their byte order mark, UTF-16 without one by the place of its zeros, UTF-8 where the
    whole file is valid, CP949 (which includes EUC-KR) where the whole file is valid in it and most of what is not ASCII
    is common Hangul. Else UTF-8: the bytes that are none become faults of their rows.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, codec in MARKS:
        if head.startswith(mark):
            return Encoding(codec)
    unmarked = _unmarked_utf16(head) if b"\x00" in head else None
    if unmarked:
        return Encoding(unmarked)
    if _hangul_share(path, "utf-8") is not None:
        return Encoding("utf-8")
    return Encoding("cp949", legacy=True) if (_hangul_share(path, "cp949") or 0.0) >= 0.5 else Encoding("utf-8")


def open_text(path: Path, encoding: Encoding, *, newline: str) -> TextIO:
    """Return a text file opened so that a byte that is no character becomes a lone surrogate."""
    errors = "surrogateescape" if encoding.codec.startswith(("utf-8", "cp949")) else "replace"
    return io.TextIOWrapper(path.open("rb"), encoding=encoding.codec, errors=errors, newline=newline)


def _unmarked_utf16(head: bytes) -> str | None:
    """Return the UTF-16 codec of text whose ASCII characters show by every second byte being zero."""
    for codec, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) > len(zeros) // 10 and others.count(0) == 0:
            return codec
    return None


def _hangul_share(path: Path, codec: str) -> float | None:
    """Return the share of common Hangul among what is not ASCII, None where the file is not valid in a codec."""
    decoder = codecs.getincrementaldecoder(codec)()
    common = foreign = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                text = decoder.decode(piece)
                if codec != "utf-8":
                    counts = {char: count for char, count in Counter(text).items() if not char.isascii()}
                    foreign += sum(counts.values())
                    common += sum(count for char, count in counts.items() if _is_common(char))
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return common / foreign if foreign else 0.0


def _is_common(char: str) -> bool:
    """Return whether a character is one of the 2,350 syllables of KS X 1001; wrong decoding mostly gives others."""
    return "가" <= char <= "힣" and len(char.encode("euc_kr")) == 2
