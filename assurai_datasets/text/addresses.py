"""Addresses at the level of a house number, by road name or by lot."""

import re
from collections.abc import Iterator

from assurai_datasets.text.finding import Confidence
from assurai_datasets.text.personal_numbers import surroundings

_NUMBER = "[0-9]{1,4}(?:-[0-9]{1,4})?"
_HOUSE = re.compile(
    rf"(?P<road>[로길])\s?{_NUMBER}(?:번[가나다]?길\s?{_NUMBER})?(?![0-9])"
    rf"|(?P<lot>[동읍면리가])\s?(?:산\s?)?{_NUMBER}(?:번지)?(?![0-9])"
    r"|(?P<building>아파트|빌라|오피스텔)\s?(?:[0-9]{1,4}동\s?)?[0-9]{1,4}호"
)
_FLAT = re.compile(
    r"(?:번지)?[,\s]{0,2}(?:[가-힣A-Za-z]{1,10}\s?)?(?:[0-9]{1,4}동\s?)?[0-9]{1,4}호|[,\s]{0,2}[0-9]{1,4}동"
)
_UNIT = re.compile(
    r"\s?(?:명|시|분|초|개|년|월|일|원|번(?!지|길)|차|층|권|편|점|위|세|살|회|퍼센트|프로|[%℃°]|[:.,][0-9]|km|m|kg|g|만|억|천|백|배"
    r"|단계|가지|장|쪽|도|호선|인|팀|학년|학기|반|주|등|조|항|종|대|박|곳|군데|문제|문항|정거장|코스)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    "(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|[가-힣]{1,8}[시도군구]),?"
)
_DISTRICT = re.compile("[가-힣]{1,6}[읍면동],?")
_GLUED_PLACE = re.compile("[가-힣]{2,8}[시군구](?=[가-힣0-9]{3})")
_NAME = re.compile("[가-힣][가-힣0-9]*+\\Z")
_HOME = re.compile(r"주소|사는|살고|살아|살았|거주|우리\s?집|자택|집은|집이|배송|보내|택배|이사|본가|직장")
_LONGEST_HEAD, _LONGEST_NAME = 40, 16


def find_addresses(text: str) -> Iterator[tuple[int, int, Confidence]]:
    """Yield start, end and confidence of every address that names a house, lot or flat.

    A road or lot with its town is sure; a road without one is reported only with the words people use about a home, a
    flat number, or a numbered side road. A number that counts something (`로 3시간`) is none.
    """
    for house in _HOUSE.finditer(text):
        if _UNIT.match(text, house.end()):
            continue
        flat = _FLAT.match(text, house.end())
        end = flat.end() if flat else house.end()
        start, road, in_town = _head(text, house.start() + len(house[house.lastgroup or 0]))
        homely = flat is not None or _is_home(text, start, end)
        if sure := _judge(house, road, in_town=in_town, homely=homely):
            yield start, end, sure


def _head(text: str, end: int) -> tuple[int, str, bool]:
    """Return where the names before a house number begin, its road or lot, and whether a town stands among them."""
    words = text[max(0, end - _LONGEST_HEAD) : end].rpartition("\n")[2].split(" ")
    name = _NAME.search(words.pop()[-_LONGEST_NAME:])
    if name is None:
        return end, "", False
    start, road = end - len(name.group()), name.group()
    in_town = _GLUED_PLACE.match(road) is not None
    while words and (place := _PLACE.fullmatch(words[-1]) or _DISTRICT.fullmatch(words[-1])):
        in_town = in_town or place.re is _PLACE
        start -= len(words.pop()) + 1
    return start, road, in_town


def _is_home(text: str, start: int, end: int) -> bool:
    around = surroundings(text, start, end)
    return _HOME.search(around.before) is not None or _HOME.search(around.after) is not None


def _judge(house: re.Match[str], road: str, *, in_town: bool, homely: bool) -> Confidence | None:
    if len(road) < 2:
        return None
    if in_town:
        return "high" if house["road"] or "번지" in house.group() or "-" in house.group() or homely else "low"
    if house["lot"]:
        return "medium" if homely and "-" in house.group() else None
    side_road = "길" in house.group()[1:] or road.endswith("대로")
    return "medium" if house["building"] or side_road or (homely and len(road) > 2) else None
