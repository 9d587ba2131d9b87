"""Personal data is found, never shown, and can be acknowledged."""

import hashlib
import json
import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurai_datasets.errors import UsageError
from assurai_datasets.text import allow_list, find_personal_data
from assurai_datasets.text.checksums import has_business_checksum, has_luhn_checksum, has_resident_checksum
from assurai_datasets.text.finding import PersonalDataKind
from assurai_datasets.text.personal_data import MOST_FINDINGS

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("personal_data.jsonl").read_text(encoding="utf-8").splitlines()
]


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.kind, finding.confidence) for finding in find_personal_data(text)]


def test_the_labelled_fixture_has_every_kind_and_as_many_texts_with_nothing_in_them() -> None:
    kinds = [span["kind"] for row in ROWS for span in row["personal_data"]]
    assert min(kinds.count(kind) for kind in get_args(PersonalDataKind)) >= 8
    assert sum(not row["personal_data"] for row in ROWS) > 100


def test_the_command_prints_the_precision_and_recall_that_the_docs_state(project_folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.text", "--personal-data"]
    table = subprocess.run(command, cwd=project_folder, capture_output=True, text=True, check=True).stdout
    assert "| all |" in table
    assert table in (project_folder / "docs" / "reference" / "text-checks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:20])
def test_no_finding_shows_a_letter_or_digit_of_what_was_found(row: dict[str, str]) -> None:
    for finding in find_personal_data(row["text"]):
        value = row["text"][finding.start : finding.end]
        bare = finding._replace(kind="")
        printed = f"{bare!r} {bare} {bare._asdict()} {json.dumps(bare)}"
        assert not any(run in printed for run in re.findall(r"\w{4,}", value))
        assert not re.search(r"\w", finding.masked)


@pytest.mark.parametrize(
    ("text", "kind", "confidence"),
    [
        ("주민번호 810203-3123453", "resident-number", "high"),
        ("번호 900101-1234567 조회", "resident-number", "medium"),
        ("9001011234567", "resident-number", "low"),
        ("카드 1234-5678-9012-3456", "card", "low"),
        ("4111 1111 1111 1111", "card", "high"),
        ("M12345678", "passport", "low"),
        ("여권 M12345678", "passport", "high"),
        ("11-12-345678-90", "driving-licence", "medium"),
        ("123-45-67890", "business-number", "low"),
        ("garam@example.com", "email", "low"),
        ("garam@" + "hanbit.kr", "email", "high"),
        ("10.0.0.7", "ip-address", "low"),
    ],
)
def test_checksums_and_surroundings_set_the_confidence(text: str, kind: str, confidence: str) -> None:
    assert found(text) == [(kind, confidence)]


def test_a_failed_checksum_never_clears_a_registration_number_that_could_be_one() -> None:
    assert not has_resident_checksum("0503014123456")
    assert found("등록: 050301-4123456") == [("resident-number", "medium")]


def test_a_date_that_does_not_exist_clears_a_registration_number() -> None:
    assert found("주민번호 900231-1234567") == []


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (has_luhn_checksum, "79927398713", "79927398710"),  # the worked example of ISO/IEC 7812-1
        (has_luhn_checksum, "4111111111111111", "4111111111111112"),
        (
            has_business_checksum,
            "1208147521",
            "1208147522",
        ),  # the statutory method, worked by hand: 1+6+0+8+3+28+7+15+10+1=79
        (has_resident_checksum, "8001011234560", "8001011234561"),
    ],
)
def test_checksums_agree_with_worked_examples(check, right: str, wrong: str) -> None:
    assert check(right)
    assert not check(wrong)


def test_an_acknowledged_value_is_not_reported_however_it_is_written() -> None:
    digest = hashlib.sha256(b"01000001234").hexdigest()
    for allow in (allow_list(["010 0000 1234"]), allow_list([f"sha256:{digest}"])):
        assert find_personal_data("010-0000-1234, 01000001234, ０１０－００００－１２３４", allow=allow) == ()
        assert len(find_personal_data("010-0000-1235", allow=allow)) == 1


@pytest.mark.parametrize("entry", ["", " - ", "sha256:abc", "sha256:" + "Z" * 64])
def test_an_allow_entry_that_names_nothing_is_refused(entry: str) -> None:
    with pytest.raises(UsageError, match="allow entry"):
        allow_list([entry])


def test_decomposed_korean_hides_nothing() -> None:
    text = "계좌는 110-123-456789, 집은 가람시 나래구 다솜로 152입니다."
    assert found(unicodedata.normalize("NFD", text)) == found(text) == [("bank-account", "high"), ("address", "high")]


def test_of_overlapping_kinds_the_more_specific_is_reported_once() -> None:
    text = "https://example.com/?token=abc123456&mail=garam@example.com&tel=010-0000-1234"
    assert [kind for kind, _ in found(text)] == ["url-token"]


def test_findings_stand_in_the_order_of_the_text_and_their_number_is_bounded() -> None:
    findings = find_personal_data("메일 a@example.com 전화 010-0000-1234 아이피 10.0.0.7 " * 200)
    assert len(findings) == MOST_FINDINGS
    assert [finding.start for finding in findings] == sorted(finding.start for finding in findings)


@given(st.text(st.characters() | st.sampled_from("0123456789-@.:/ 로길동가공일M"), max_size=60))
def test_any_text_can_be_searched_and_every_finding_lies_inside_it(text: str) -> None:
    for finding in find_personal_data(text):
        assert 0 <= finding.start < finding.end <= len(unicodedata.normalize("NFC", text))


UNITS = [
    "로1",
    "0",
    "1-",
    "0 ",
    "a@",
    "a",
    "http://",
    "1.1.",
    ":",
    "1:",
    "+1",
    "공일",
    "M123A",
    "구 동 로1 ",
    "82010",
    "[골뱅이]",
    "가",
]


@pytest.mark.parametrize("unit", [*UNITS, "010-0000-0000 ", "123-45-67890 계좌 "])
def test_a_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + "@"
    start = time.process_time()
    find_personal_data(text)
    assert time.process_time() - start < 3
