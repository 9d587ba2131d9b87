"""Codes, docs and golden deliveries say the same."""

import json
import re
from pathlib import Path

import pytest

from assurai_datasets import validate
from assurai_datasets.schema.codes import WARNINGS, Code
from assurai_datasets.schema.issue import Where
from assurai_datasets.workflow.sample import make_sample_delivery
from tests.golden import CASES, report_of

CODES = sorted(code.value for code in Code)


def test_every_code_has_a_golden_delivery_and_no_delivery_lacks_a_code() -> None:
    assert sorted(path.name for path in CASES.iterdir() if path.is_dir()) == CODES


def test_every_code_has_a_heading_in_the_reference_and_no_heading_lacks_a_code(project_folder: Path) -> None:
    page = (project_folder / "docs" / "reference" / "issues.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `([a-z-]+)` \((error|warning)\)$", page, re.MULTILINE)
    assert headings == [(code, "warning" if Code(code) in WARNINGS else "error") for code in CODES]


@pytest.mark.parametrize("code", CODES)
def test_a_golden_delivery_gives_exactly_its_report(code: str) -> None:
    case = CASES / code
    assert report_of(case) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", CODES)
def test_a_golden_delivery_shows_its_code(code: str) -> None:
    expected = json.loads((CASES / code / "expected.json").read_text(encoding="utf-8"))
    assert code in expected["counts"]


def test_no_code_fires_on_a_clean_delivery(tmp_path: Path) -> None:
    assert validate(make_sample_delivery(tmp_path / "sample")).counts == {}


@pytest.mark.parametrize("code", CODES)
def test_the_reference_shows_the_issue_of_the_golden_delivery(code: str, project_folder: Path) -> None:
    page = (project_folder / "docs" / "reference" / "issues.md").read_text(encoding="utf-8")
    (shown,) = re.findall(rf"^### `{code}` .*?\n```text\n(.*?)\n```", page, re.MULTILINE | re.DOTALL)
    expected = json.loads((CASES / code / "expected.json").read_text(encoding="utf-8"))
    issue = next(issue for issue in expected["issues"] if issue["code"] == code)
    assert shown == f"{Where(**issue['where'])}: {issue['message']}"


@pytest.mark.parametrize("code", CODES)
def test_messages_and_hints_are_plain(code: str) -> None:
    expected = json.loads((CASES / code / "expected.json").read_text(encoding="utf-8"))
    for text in (text for issue in expected["issues"] for text in (issue["message"], issue["hint"])):
        assert not re.match("[A-Z][a-z]+ ", text)
        assert not text.endswith(".") or text.endswith("...")
