"""Figure 2: printable, the same every time, and labelled in Korean where asked."""

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from assurai_datasets.errors import MissingExtraError
from assurai_datasets.release import count_instances
from assurai_datasets.reporting import draw_counts
from assurai_datasets.taxonomy import load_taxonomy

COUNTS = count_instances([*[(21, "text", "Q Only")] * 30, *[(n, "image", "Rail") for n in range(1, 36)]])


def test_figures_are_drawn_as_picture_and_as_vector(tmp_path: Path) -> None:
    paths = draw_counts(COUNTS, tmp_path / "figures")
    assert [path.name for path in paths] == ["figure-2.png", "figure-2.svg"]
    with Image.open(paths[0]) as picture:
        assert picture.size == (2250, 2700)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        drawn = {tuple(pixel[:3]) for _, pixel in picture.convert("RGBA").getcolors(1 << 24)}
    assert {(0x44, 0x77, 0xAA), (0xEE, 0x66, 0x77)} <= drawn
    assert paths[1].read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_korean_labels_have_all_their_glyphs_and_the_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    """A missing glyph is a warning of matplotlib, and warnings are errors here."""
    once, again = (draw_counts(COUNTS, tmp_path / name, language="ko") for name in ("one", "two"))
    names = [factor.name_ko for factor in load_taxonomy().risk_factors]
    assert all(re.search(f"<!-- {re.escape(name)}", once[1].read_text(encoding="utf-8")) for name in names)
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def test_figures_of_nothing_can_be_drawn(tmp_path: Path) -> None:
    assert len(draw_counts(count_instances([]), tmp_path)) == 2


def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"assurai-datasets\[plots\]"):
        draw_counts(COUNTS, tmp_path)
