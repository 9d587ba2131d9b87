"""Rows in a notebook."""

import re
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from assurai_datasets.loading import load, show_rows

ROW: dict[str, Any] = {"id": "a-1", "risk_factor": "Harassment", "prompt_type": "Q Only", "prompt": "괜찮나요?"}


def page_of(rows: Any, **options: Any) -> str:
    return str(show_rows(rows, **options)._repr_html_())


def test_a_row_is_folded_away_behind_a_warning():
    page = page_of(ROW)
    summary, content = page.split("</summary>")
    assert "<details class" in summary
    assert " open" not in summary
    assert "Content warning" in summary
    assert "괜찮나요?" not in summary
    assert "괜찮나요?" in content


def test_printed_as_text_the_content_is_not_seen():
    assert repr(show_rows(ROW)) == "a-1: Harassment, Q Only"


def test_what_a_row_says_is_text_and_never_markup():
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    response = {"text": hostile, "safety_score": 1.5}
    page = page_of({**ROW, "id": hostile, "prompt": hostile, "risk_factor": hostile, "responses": [response]})
    assert "<script" not in page
    assert "<img" not in page
    assert "safety score 1.5" in page


@pytest.mark.parametrize(("config", "element"), [("image", "<img"), ("video", "<img"), ("audio", "<audio controls")])
@pytest.mark.parametrize("decode", [False, True])
def test_media_are_blurred_or_wait_for_a_click(release: Path, config: str, element: str, decode: bool):
    row = next(row for row in load(config, release=release, decode=decode) if row[config] is not None)
    size = getattr(row[config], "size", None)
    page = page_of(row)
    assert re.search(r"\.assurai-row img\{filter:blur\(16px\)\}", page)
    assert element in page
    assert 'preload="none"' in page or element == "<img"
    assert getattr(row[config], "size", None) == size


@pytest.mark.parametrize("config", ["image", "video", "audio"])
def test_a_medium_that_cannot_be_shown_says_so(config: str):
    assert "cannot be shown" in page_of({**ROW, config: {"bytes": b"nothing of the kind", "path": "x"}})


def test_only_some_rows_of_a_dataset_are_shown(release: Path):
    rows = load_dataset(str(release), "text", split="test")
    assert page_of(rows).count("<details") == 5
    assert page_of(rows, limit=2).count("<details") == 2
