"""Personal data in Korean and English text: found with a confidence, shown only masked."""

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from assurai_datasets.errors import UsageError
from assurai_datasets.text.addresses import find_addresses
from assurai_datasets.text.finding import Confidence, PersonalDataFinding, PersonalDataKind
from assurai_datasets.text.normalization import to_nfc
from assurai_datasets.text.personal_numbers import find_numbers

MOST_FINDINGS = 100
"""Findings returned for one text; more tell nobody anything new."""
LONGEST_MASK = 40

_WIDE = re.compile("[\uff01-\uff5e]")
_ANY_DIGIT = re.compile("[0-9]")
_LONG_NUMBER = re.compile(r"[0-9](?:[^0-9A-Za-z가-힣\n]{0,3}[0-9]){7}")
_LETTERED_NUMBER = re.compile(r"[MSRGDOmsrgdo][0-9]{3}[A-Za-z][0-9]{4}")
_DOTTED_NUMBER = re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]")
_SPELLED = re.compile(r"(?<![가-힣])[공영]일[공영일육칠팔구](?:[-\s.,]{0,2}[공영일이삼사오육칠팔구]){7,8}")
_EMAIL = re.compile(
    r"(?:(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}|(?<![가-힣])[가-힣]{1,20})(?:@|\s?[(\[]골뱅이[)\]]\s?)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_RESERVED = re.compile(r"(?:[.@])(?:example(?:\.(?:com|net|org|co\.kr))?|test|invalid|localhost)\Z", re.IGNORECASE)
_URL = re.compile(r"(?<![A-Za-z])[a-z][a-z0-9+.-]{1,9}://[!-~]{1,2048}", re.IGNORECASE)
_SECRET = re.compile(
    r"(?:access|auth|refresh|id|session|reset|invite|api)?[_-]?(?:token|key|secret|signature)|sig|jwt|session[_-]?id|sid|password|passwd"
    r"|pwd|auth|otp|x-amz-signature|x-amz-credential",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])", re.ASCII)
_VERSION = re.compile(
    r"(?:버전|버젼|빌드|펌웨어|릴리스|version|ver\.?|v|build|release)[\s:은는이가을를]{0,3}\Z", re.IGNORECASE
)
_HOUSE_NUMBER = re.compile(r"[로길동읍면리가트라텔]\s?(?:산\s?)?[0-9]")
_DIGIT_OR_LETTER = re.compile(r"\w")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGEST_PREFIX = "sha256:"


class _Span(NamedTuple):
    kind: PersonalDataKind
    start: int
    end: int
    confidence: Confidence


def find_personal_data(text: str, *, allow: frozenset[str] = frozenset()) -> tuple[PersonalDataFinding, ...]:
    """Return the personal data of a text in the order it stands there, at most `MOST_FINDINGS` of it.

    Kinds: resident and foreigner registration numbers, driving licences, passports, phone numbers (Korean, and foreign
    ones with a plus sign), cards, bank accounts, business registration numbers, e-mail addresses, URLs that carry a
    token or a password, IP addresses, and addresses down to a house number. Hotlines (112, 1577-xxxx) and free numbers
    belong to nobody and are none. Time is linear in the text's length.

    Args:
        text: The text as delivered; offsets belong to its composed form (NFC).
        allow: Values acknowledged as invented, as `allow_list` returns them.

    Example:
        >>> [(f.kind, f.masked) for f in find_personal_data("제 번호는 010-0000-1234예요.")]
        [('phone', '***-****-****')]
    """
    text = to_nfc(text)
    spans = _without_overlaps(islice(_spans(_narrow(text)), 10 * MOST_FINDINGS))
    kept = (span for span in spans if not allow or _digest(text[span.start : span.end]) not in allow)
    return tuple(_finding(text, span) for span in kept)[:MOST_FINDINGS]


def allow_list(entries: Iterable[str]) -> frozenset[str]:
    """Return acknowledged values in the form `find_personal_data` takes: the digests of their letters and digits.

    Args:
        entries: Values as written (`010-0000-1234`, separators do not matter), or `sha256:` and the hexadecimal digest
            of the value's letters and digits in lower case. Digests keep a value out of a settings file; they do not
            protect it, since a number of ten digits is soon guessed.

    Raises:
        UsageError: An entry has no letter or digit, or a malformed digest.
    """
    return frozenset(_allowed(entry) for entry in entries)


def _allowed(entry: str) -> str:
    if entry.startswith(_DIGEST_PREFIX):
        if not _DIGEST.fullmatch(entry.removeprefix(_DIGEST_PREFIX)):
            raise UsageError(f"an allow entry's digest must be 64 lower-case hexadecimal digits, not {entry!r}")
        return entry.removeprefix(_DIGEST_PREFIX)
    if not _bare(entry):
        raise UsageError(f"an allow entry must hold letters or digits, not {entry!r}")
    return _digest(entry)


def _bare(value: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKC", value).casefold() if character.isalnum())


def _digest(value: str) -> str:
    return hashlib.sha256(_bare(value).encode("utf-8", "surrogatepass")).hexdigest()


def _narrow(text: str) -> str:
    """Return the text with full-width signs, letters and digits made ASCII, one character for one."""
    return _WIDE.sub(lambda wide: chr(ord(wide.group()) - 0xFEE0), text) if _WIDE.search(text) else text


def _spans(text: str) -> Iterator[_Span]:
    """Yield what each detector finds, the more specific first; each runs only where it can find anything."""
    if "://" in text:
        yield from _urls(text)
    if "@" in text or "골뱅이" in text:
        yield from _emails(text)
    if _ANY_DIGIT.search(text):
        yield from _numbers(text)
    if "공일" in text or "영일" in text:
        yield from (_Span("phone", *match.span(), "medium") for match in _SPELLED.finditer(text))
    if "::" in text or text.count(":") >= 7:
        yield from _ip_addresses(text, _IPV6)


def _numbers(text: str) -> Iterator[_Span]:
    if _LONG_NUMBER.search(text) or _LETTERED_NUMBER.search(text):
        yield from (_Span(*found) for found in find_numbers(text))
    if _DOTTED_NUMBER.search(text):
        yield from _ip_addresses(text, _IPV4)
    if _HOUSE_NUMBER.search(text):
        yield from (_Span("address", *found) for found in find_addresses(text))


def _without_overlaps(spans: Iterable[_Span]) -> list[_Span]:
    """Return spans by position; of two that overlap, the one found first stays."""
    taken: set[int] = set()
    kept = []
    for span in spans:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _finding(text: str, span: _Span) -> PersonalDataFinding:
    masked = _DIGIT_OR_LETTER.sub("*", text[span.start : span.end])
    if len(masked) > LONGEST_MASK:
        masked = masked[: LONGEST_MASK - 1] + "…"
    return PersonalDataFinding(span.kind, span.start, span.end, masked, span.confidence)


def _emails(text: str) -> Iterator[_Span]:
    for match in _EMAIL.finditer(text):
        yield _Span("email", *match.span(), "low" if _RESERVED.search(match.group()) else "high")


def _urls(text: str) -> Iterator[_Span]:
    for match in _URL.finditer(text):
        if _carries_secret(match.group()):
            yield _Span("url-token", *match.span(), "high")


def _carries_secret(url: str) -> bool:
    try:
        parts = urlsplit(url)
        password = parts.password
        pairs = parse_qsl(f"{parts.query}&{parts.fragment}", max_num_fields=200)
    except ValueError:
        return False
    return bool(password) or any(_SECRET.fullmatch(name) and len(value) >= 6 for name, value in pairs)


def _ip_addresses(text: str, pattern: re.Pattern[str]) -> Iterator[_Span]:
    for match in pattern.finditer(text):
        if not _VERSION.search(text[max(0, match.start() - 12) : match.start()]):
            yield from _ip_address(match)


def _ip_address(match: re.Match[str]) -> Iterator[_Span]:
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return
    if not (address.is_unspecified or address.is_loopback or len(match.group()) < 6):
        yield _Span("ip-address", *match.span(), "high" if address.is_global else "low")
