"""Odd characters, language, length: each kind is found where it is, and legitimate text is left alone."""

import doctest
import json
import time
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurai_datasets.schema.codes import WARNINGS, Code
from assurai_datasets.text import HINTS, characters, check_text, normalization, normalize_text, personal_data
from assurai_datasets.text.finding import TextKind

ANY_TEXT = st.text(st.characters() | st.sampled_from(" \t\n\r\u00a0\u200b\u202e가각ㅏㅋ硫Ã©\ufffd\ud800"), max_size=40)


def kinds(text: str, language: str | None = "ko") -> list[str]:
    return [finding.kind for finding in check_text(text, language=language)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (unicodedata.normalize("NFD", "안녕하세요"), "not-nfc"),
        ("벨소리\u0007가 울려요", "control"),
        ("사용자 정의 \ue000 글자", "control"),
        ("짝 없는 \ud800 대리", "control"),
        ("보이지\u200b 않는 글자", "invisible"),
        ("채움 글자 \u3164 입니다", "invisible"),
        ("꼬리표\U000e0041\U000e0042 글자", "invisible"),
        ("방향을 \u202e바꾸는 글자", "bidirectional"),
        ("깨진 \ufffd 글자", "replacement"),
        ("끝에 빈칸이 있어요 ", "whitespace"),
        ("줄 끝에 빈칸 \n다음 줄", "whitespace"),
        ("줄바꿈이 달라요\r\n다음 줄", "whitespace"),
        ("줄바꿈 없는\u00a0빈칸", "whitespace"),
        ("밥을 먹ㅇ었다", "jamo"),
        ("안녕하세요ㅓ", "jamo"),
        ("\u1112 초성만 남았다", "jamo"),
        ("?", "length"),
        ("길다 " * 7_000, "length"),
        ("Please answer in English only.", "language"),
    ],
)
def test_an_odd_text_is_reported_with_its_kind(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "오늘 날씨가 어때요? 3월 1일 · “따옴표” — ‘작은따옴표’ … 10×2 = 20℃",
        "좋아ㅋㅋㅋ 안녕ㅠㅠ 넵ㅇㅇ 아ㅏㅏ 진짜ㅎ",
        "ㄱ씨는 보기 ㄴ과 ㄷ 가운데 -ㄴ다 꼴을 골랐다.",
        "👨‍👩‍👧 가족과 ❤️ 그리고 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 국기 1️⃣",
        "金씨가 大學校에서 café와 naïve라는 말을 썼다.",
        "첫 줄\n둘째 줄\t탭",
        "Привет은 러시아어 인사, Ελλάδα는 그리스",
        "OK",
        "ChatGPT-4",
    ],
)
def test_a_legitimate_text_is_clean(text: str) -> None:
    assert check_text(text, language="ko") == ()


@pytest.mark.parametrize("language", ["en", "en-GB", "xx", None])
def test_a_text_in_the_script_of_its_language_or_of_no_known_one_is_clean(language: str | None) -> None:
    assert kinds("Please answer in English only.", language) == []


def test_joiners_are_legitimate_in_scripts_that_need_them_and_marks_in_those_that_run_right_to_left() -> None:
    assert kinds("क्‍ष और श्री की कहानी", "hi") == []
    assert kinds("سلام\u200f دنیا چطوری امروز", "fa") == []
    assert kinds("سلام\u202e دنیا چطوری امروز", "fa") == ["bidirectional"]


@pytest.mark.parametrize(
    ("written", "read", "how"),
    [
        ("utf-8", "latin-1", "UTF-8 read as Latin-1"),
        ("utf-8", "cp949", "UTF-8 read as CP949"),
        ("cp949", "latin-1", "CP949 read as Latin-1"),
    ],
)
def test_text_read_in_another_encoding_is_named_with_its_likely_reading(written: str, read: str, how: str) -> None:
    misread = "앞은 멀쩡해요. " + "메뉴 안내".encode(written).decode(read, errors="replace")
    finding = next(finding for finding in check_text(misread, language="ko") if finding.kind == "mojibake")
    assert how in finding.what
    assert "메뉴" in finding.what


def test_mojibake_that_is_not_korean_is_found_too() -> None:
    assert "mojibake" in kinds("It\u00e2\u20ac\u2122s a fine day outside", "en")


def test_a_finding_counts_every_occurrence_and_points_at_the_first() -> None:
    (finding,) = check_text("가\u0008나\u0008다\u001b", language="ko")
    assert (finding.start, finding.end, finding.occurrences) == (1, 2, 3)
    assert finding.excerpt == "U+0008 BACKSPACE, U+001B ESCAPE"


def test_a_choice_may_be_one_character() -> None:
    assert check_text("예", language="ko", shortest=1) == ()


def test_every_kind_has_a_hint_and_a_code_that_is_a_warning() -> None:
    codes = [Code(f"instance-text-{kind}") for kind in (*get_args(TextKind), "duplicate", "near-duplicate")]
    assert WARNINGS.issuperset((*codes, Code("instance-personal-data")))
    assert set(HINTS) == {code.removeprefix("instance-text-") for code in codes} | {"personal-data"}


@given(ANY_TEXT)
def test_any_text_can_be_checked_and_its_findings_can_be_printed_as_json(text: str) -> None:
    for finding in check_text(text, language="ko"):
        assert 0 <= finding.start <= finding.end <= max(len(text), len(unicodedata.normalize("NFC", text)))
        assert json.dumps(finding).encode("ascii")
        assert finding.excerpt.encode("utf-8") is not None
        assert finding.what.isprintable()


@given(ANY_TEXT)
def test_a_normalized_text_needs_no_more_repairs(text: str) -> None:
    assert normalize_text(normalize_text(text)[0])[1] == ()


@given(ANY_TEXT)
def test_what_is_reported_as_repairable_is_what_normalize_repairs(text: str) -> None:
    repairs = {repair.kind for repair in normalize_text(text)[1]}
    reported = set(kinds(text))
    assert ("nfc" in repairs) == ("not-nfc" in reported)
    assert bool(repairs - {"nfc"}) == ("whitespace" in reported)


@given(ANY_TEXT)
def test_normalizing_keeps_every_visible_character(text: str) -> None:
    def visible(value: str) -> str:
        return "".join(unicodedata.normalize("NFC", value).split())

    assert visible(normalize_text(text)[0]) == visible(text)


def test_every_repair_is_listed() -> None:
    text, repairs = normalize_text(unicodedata.normalize("NFD", " 안녕") + "\u00a0\r\n하세요  ")
    assert text == "안녕\n하세요"
    assert [repair.kind for repair in repairs] == ["nfc", "line-break", "space", "trailing"]
    assert repairs[-1].occurrences == 3


HOSTILE = [
    "\u200b",
    " \t",
    "\n ",
    "ㅋ",
    "가ㅓ",
    "\u1100",
    "À",
    "漢",
    "\u0301",
    "e\u0301",
    "硫붾돱",
    "🏴\U000e0067",
    "\u202e",
    "…",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + "x"
    start = time.process_time()
    check_text(text, language="ko")
    normalize_text(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("module", [characters, normalization, personal_data])
def test_examples_in_docstrings_run(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def test_examples_in_the_docs_run(project_folder: Path) -> None:
    page = project_folder / "docs" / "reference" / "text-checks.md"
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0
