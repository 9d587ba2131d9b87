"""Numbers given to one person or account: their shapes, and how sure a match is.

Every pattern starts only where a run of digits starts and bounds what follows, so that a search takes linear time.
A judge returns the confidence of a match, or None where its surroundings say that it is something else.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from assurai_datasets.text.checksums import (
    has_birth_date,
    has_business_checksum,
    has_luhn_checksum,
    has_resident_checksum,
)
from assurai_datasets.text.finding import Confidence, PersonalDataKind

_DASH = "-\u2010-\u2015\u2212\uff0d"
_SEP = f"[{_DASH}. \u00b7]"
_START, _END = f"(?<![0-9{_DASH}])(?<![0-9][.,])", f"(?![0-9{_DASH}]?[0-9])"
_NOT_A_DIGIT = re.compile(r"[^0-9]")

_OTHER_NUMBER = re.compile(
    r"주문|송장|운송|접수|예약|상품|제품|모델|바코드|일련|시리얼|도서|거래|승인|문서|공고|관리|타임스탬프|세션|버전|version|isbn|order|tracking"
    r"|serial|model|sku|invoice|ticket",
    re.IGNORECASE,
)
_CORPORATE = re.compile(r"법인\s?(?:등록)?\s?번호\D{0,6}\Z")
_RESIDENT = re.compile(r"주민|외국인\s?등록|등록\s?번호|거소")
_CARD = re.compile(r"카드|card|비자|visa|마스터", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"계좌|통장|은행|뱅크|농협|수협|신협|새마을금고|우체국|입금|송금|예금주|이체|account", re.IGNORECASE
)
_BUSINESS = re.compile(r"사업자|business", re.IGNORECASE)
_LICENCE = re.compile(r"면허|licen[cs]e", re.IGNORECASE)
_PASSPORT = re.compile(r"여권|passport", re.IGNORECASE)
_TELEPHONE = re.compile(r"전화|연락|휴대|핸드폰|폰|팩스|문자|카톡|call|phone|tel|fax", re.IGNORECASE)


class Surroundings(NamedTuple):
    """What stands before and after a match: some thirty characters each, never across a line break."""

    before: str
    after: str

    def name(self, words: re.Pattern[str]) -> bool:
        """Return whether one of the words stands before the match or directly after it."""
        return words.search(self.before) is not None or words.search(self.after[:12]) is not None

    def introduce(self, words: re.Pattern[str]) -> bool:
        """Return whether one of the words stands shortly before the match."""
        return words.search(self.before[-16:]) is not None


Judge = Callable[[str, Surroundings], Confidence | None]


class NumberShape(NamedTuple):
    """A kind of number: how it is written, and a judge of each match."""

    kind: PersonalDataKind
    pattern: re.Pattern[str]
    judge: Judge


def find_numbers(text: str) -> Iterator[tuple[PersonalDataKind, int, int, Confidence]]:
    """Yield kind, start, end and confidence of every match, the more specific kinds first; matches may overlap.

    Args:
        text: The text with full-width digits and signs already made ASCII.
    """
    for kind, pattern, judge in SHAPES:
        for match in pattern.finditer(text):
            if confidence := judge(match.group(), surroundings(text, *match.span())):
                yield kind, *match.span(), confidence


def surroundings(text: str, start: int, end: int) -> Surroundings:
    """Return what stands around a part of a text, on its own line."""
    before = text[max(0, start - 30) : start].rpartition("\n")[2]
    return Surroundings(before, text[end : end + 30].partition("\n")[0])


def digits_of(matched: str) -> str:
    """Return the digits of a match, without separators."""
    return _NOT_A_DIGIT.sub("", matched)


def _judge_registration(matched: str, around: Surroundings) -> Confidence | None:
    digits = digits_of(matched)
    if _CORPORATE.search(around.before) or not has_birth_date(digits):
        return None
    named = around.name(_RESIDENT)
    if has_resident_checksum(digits):
        return "high" if named or not around.introduce(_OTHER_NUMBER) else "medium"
    if len(matched) == len(digits) and not named:
        return None if around.introduce(_OTHER_NUMBER) else "low"
    return "high" if named else "medium"


def _judge_licence(matched: str, around: Surroundings) -> Confidence | None:
    if around.name(_LICENCE):
        return "high"
    if around.name(_ACCOUNT) or around.introduce(_OTHER_NUMBER) or matched.isdecimal():
        return None
    return "medium"


def _judge_passport(matched: str, around: Surroundings) -> Confidence | None:
    if around.name(_PASSPORT):
        return "high"
    return "low" if matched.isupper() and not around.name(_OTHER_NUMBER) else None


def _judge_mobile(matched: str, around: Surroundings) -> Confidence | None:
    if around.introduce(_ACCOUNT) and not around.name(_TELEPHONE):
        return None
    if around.introduce(_OTHER_NUMBER) and not around.name(_TELEPHONE):
        return None if matched.isdecimal() or "." in matched else "low"
    return "high"


def _judge_landline(matched: str, around: Surroundings) -> Confidence | None:
    if around.name(_TELEPHONE):
        return "high"
    return None if matched.isdecimal() or around.introduce(_ACCOUNT) or around.introduce(_OTHER_NUMBER) else "medium"


def _judge_foreign_phone(matched: str, around: Surroundings) -> Confidence | None:
    return "medium" if 8 <= len(digits_of(matched)) <= 15 else None


def _judge_card(matched: str, around: Surroundings) -> Confidence | None:
    digits = digits_of(matched)
    named = around.name(_CARD)
    if not has_luhn_checksum(digits) or digits[0] in "178":
        return "low" if named and not around.introduce(_OTHER_NUMBER) else None
    if named:
        return "high"
    if around.introduce(_OTHER_NUMBER) or len(set(digits)) == 1:
        return None
    return "medium" if matched.isdecimal() else "high"


def _judge_business(matched: str, around: Surroundings) -> Confidence | None:
    named = around.name(_BUSINESS)
    if not named and (matched.isdecimal() or around.name(_ACCOUNT) or around.introduce(_OTHER_NUMBER)):
        return None
    if has_business_checksum(digits_of(matched)):
        return "high"
    return "medium" if named else "low"


def _judge_account(matched: str, around: Surroundings) -> Confidence | None:
    if not around.name(_ACCOUNT) or not 10 <= len(digits_of(matched)) <= 16 or around.introduce(_OTHER_NUMBER):
        return None
    return "high" if around.introduce(_ACCOUNT) else "medium"


def _shape(kind: PersonalDataKind, pattern: str, judge: Judge, *, end: str = _END) -> NumberShape:
    return NumberShape(kind, re.compile(f"{_START}(?:{pattern}){end}", re.ASCII), judge)


_DATE = "[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_HYPHEN = f" ?[{_DASH}]? ?"
_REGION = "(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)"

SHAPES = (
    _shape("resident-number", f"{_DATE}{_HYPHEN}[0-49][0-9]{{6}}", _judge_registration),
    _shape("foreigner-number", f"{_DATE}{_HYPHEN}[5-8][0-9]{{6}}", _judge_registration),
    _shape(
        "driving-licence",
        f"(?:(?:1[1-9]|2[0-8])[{_DASH} ]|{_REGION}[{_DASH} ]?)[0-9]{{2}}[{_DASH} ][0-9]{{6}}[{_DASH} ][0-9]{{2}}"
        "|(?:1[1-9]|2[0-8])[0-9]{10}",
        _judge_licence,
    ),
    NumberShape(
        "passport",
        re.compile(r"(?<![A-Za-z0-9])(?:[MSRGDOmsrgdo][0-9]{8}|[MSRGDOmsrgdo][0-9]{3}[A-Za-z][0-9]{4})(?![A-Za-z0-9])"),
        _judge_passport,
    ),
    _shape("phone", f"\\+?82{_SEP}?(?:\\(0\\))?0?1[016-9]{_SEP}?[0-9]{{3,4}}{_SEP}?[0-9]{{4}}", _judge_mobile),
    _shape("phone", f"01[016-9]{_SEP}{{0,2}}[0-9]{{3,4}}{_SEP}{{0,2}}[0-9]{{4}}", _judge_mobile),
    _shape(
        "phone",
        f"\\(?0(?:2|[3-6][0-9]|70|50[0-9])[)]?{_SEP}{{0,2}}[0-9]{{3,4}}{_SEP}?[0-9]{{4}}"
        f"|\\+82{_SEP}?(?:2|[3-6][0-9]|70){_SEP}[0-9]{{3,4}}{_SEP}[0-9]{{4}}",
        _judge_landline,
    ),
    _shape("phone", r"\+(?!82)[1-9](?:[-. ()]{0,2}[0-9]){7,14}", _judge_foreign_phone),
    _shape("card", f"[0-9]{{4}}(?:[{_DASH} ][0-9]{{4}}){{3}}|[0-9]{{16}}", _judge_card),
    _shape("card", f"3[47][0-9]{{2}}(?:[{_DASH} ]?)[0-9]{{6}}[{_DASH} ]?[0-9]{{5}}", _judge_card),
    _shape("business-number", f"[0-9]{{3}}[{_DASH}][0-9]{{2}}[{_DASH}][0-9]{{5}}|[0-9]{{10}}", _judge_business),
    _shape("bank-account", f"[0-9]{{2,6}}(?:[{_DASH}][0-9]{{1,8}}){{1,4}}|[0-9]{{10,16}}", _judge_account),
)
