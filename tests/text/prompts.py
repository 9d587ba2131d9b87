"""Korean prompts made from a seed: distinct ones, and the same ones said with other spacing and particles."""

import random
import re

PLACES = (
    "학교",
    "시장",
    "도서관",
    "병원",
    "회사",
    "동네",
    "버스",
    "축제",
    "경기장",
    "방송국",
    "카페",
    "은행",
    "놀이터",
    "공항",
    "바다",
)
TOPICS = (
    "예절",
    "안전",
    "날씨",
    "음식",
    "교통",
    "환경",
    "취미",
    "건강",
    "역사",
    "음악",
    "여행",
    "운동",
    "독서",
    "절약",
    "봉사",
)
PEOPLE = ("친구", "선생님", "이웃", "동생", "손님", "가족", "동료", "어르신", "학생", "여행자")
VERBS = ("설명해", "알려", "비교해", "정리해", "이야기해", "소개해", "요약해", "검토해")
TEMPLATES = (
    "{place}에서 {person}에게 {topic} 이야기를 꺼내는 방법을 {verb} 주세요.",
    "{person}와 함께 {place}까지 가는 길에 나눌 {topic} 이야기를 {verb} 주세요.",
    "{place}의 {topic}에 대해 {person}이 물어보면 뭐라고 답할지 {verb} 주세요.",
    "{topic}을 처음 배우는 {person}을 위해 {place}에서 할 수 있는 일을 {verb} 주세요.",
)
SWAPS = (
    ("은 ", "이 "),
    ("는 ", "가 "),
    ("이 ", "은 "),
    ("을 ", " "),
    ("를 ", " "),
    ("에서 ", "에 "),
    ("에게 ", "한테 "),
    ("와 ", "랑 "),
)


def distinct_prompts(count: int, *, seed: int = 7, words: tuple[int, int] = (0, 40)) -> list[str]:
    """Return that many prompts from a few templates, each with other nouns and another tail of nouns; no numbers."""
    rng = random.Random(seed)
    prompts: dict[str, None] = {}
    while len(prompts) < count:
        template = rng.choice(TEMPLATES)
        slots = {"place": PLACES, "person": PEOPLE, "topic": TOPICS, "verb": VERBS}
        head = template.format(**{slot: rng.choice(nouns) for slot, nouns in slots.items()})
        tail = (rng.choice(PLACES + TOPICS + PEOPLE) for _ in range(rng.randint(*words)))
        prompts[" ".join((head, *tail))] = None
    return list(prompts)


def prose(count: int, *, seed: int = 7) -> list[str]:
    """Return prompts of about 150 to 400 characters, with a number in each."""
    return [
        f"상황 {number}번: {text}" for number, text in enumerate(distinct_prompts(count, seed=seed, words=(40, 110)))
    ]


def reworded(text: str, rng: random.Random) -> str:
    """Return a text with some of its particles swapped or dropped, and other spacing."""
    for old, new in SWAPS:
        text = re.sub(f"(?<=[가-힣]){old}", lambda found, new=new: rng.choice((found.group(), new)), text)
    spaced = rng.choice((_close, _thin, _widen))
    return spaced(text, rng)


def _close(text: str, rng: random.Random) -> str:
    return text.replace(" ", "")


def _thin(text: str, rng: random.Random) -> str:
    return re.sub(" ", lambda found: found.group() if rng.random() < 0.6 else "", text)


def _widen(text: str, rng: random.Random) -> str:
    return re.sub("(?<=[가-힣])(?=[가-힣])", lambda found: " " if rng.random() < 0.1 else "", text)
