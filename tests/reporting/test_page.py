"""The page of a release: one file that needs nothing else, shows no media, and says what the data say."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from assurai_datasets.errors import UsageError
from assurai_datasets.release import gather_facts, read_manifest
from assurai_datasets.reporting import release_page, write_page
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.policy import Waiver
from tests.deliveries_made import make_delivery

LOADED = {"src", "href", "data", "action", "poster", "srcset", "xlink:href"}
VOID = {"meta", "rect", "line", "circle"}


class _Reader(HTMLParser):
    """Collects tags and attributes, and sees that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID and tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page(sample_release: Path) -> str:
    manifest = read_manifest(sample_release)
    return release_page(manifest, gather_facts(sample_release, manifest))


@pytest.fixture(scope="module")
def reader(page: str) -> _Reader:
    found = _Reader()
    found.feed(page)
    return found


def test_it_loads_nothing_runs_nothing_and_embeds_no_medium(page: str, reader: _Reader) -> None:
    assert not LOADED & reader.attributes
    assert not {"script", "img", "image", "video", "audio", "iframe", "object", "embed", "link"} & set(reader.tags)
    assert re.findall(r"https?://[^\"<]*", page) == ["http://www.w3.org/2000/svg"] * 3
    assert "default-src 'none'" in page
    assert "url(" not in page


def test_every_tag_is_closed(reader: _Reader) -> None:
    assert reader.open == []


def test_it_is_made_for_light_dark_narrow_and_print(page: str) -> None:
    for rule in ("prefers-color-scheme:dark", "width=device-width", "overflow-x:auto", "@media print"):
        assert rule in page


def test_it_says_what_the_release_holds(sample_release: Path, reader: _Reader) -> None:
    manifest, text = read_manifest(sample_release), " ".join(reader.text)
    for said in (manifest.canary, manifest.digest, *(c.splits["test"].digest for c in manifest.configs.values())):
        assert said in text
    facts = gather_facts(sample_release, manifest)
    for agreement in facts.agreement.values():
        assert f"{agreement.krippendorff_alpha.value:.3f}" in text
    for said in ("Content warning", "Session", "accept", "response_images", "Nothing was waived"):
        assert said in text


def test_it_shows_no_text_of_an_instance(sample_release: Path, page: str) -> None:
    (path,) = (sample_release / "data" / "index").glob("*.parquet")
    assert not [row for row in pq.read_table(path, columns=["prompt"])["prompt"].to_pylist() if row in page]


def test_names_that_look_like_markup_stay_text(sample_release: Path) -> None:
    manifest = read_manifest(sample_release)
    waiver = Waiver(code=Code.MEDIA_SILENT, who="<b>kim</b>", why="<script>alert(1)</script>", until="2027-01-01")
    policy = manifest.policy.model_copy(update={"waivers": (waiver,), "name": "<i>"})
    changed = manifest.model_copy(update={"policy": policy, "name": '"><svg onload=x>'})
    page = release_page(changed, gather_facts(sample_release, manifest))
    assert "<script>" not in page
    assert "<b>kim" not in page
    assert "<svg onload" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_command_writes_it_and_again_the_same(sample_release: Path, tmp_path: Path, page: str) -> None:
    for _ in range(2):
        done = CliRunner().invoke(main, ["stats", str(sample_release), "--html", str(tmp_path / "page.html")])
        assert done.exit_code == 0
        assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


def test_a_delivery_and_a_folder_that_is_not_there_are_wrong_calls(sample_release: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a page is made from a release"):
        write_page(make_delivery(tmp_path / "delivery"), tmp_path / "page.html")
    with pytest.raises(UsageError, match="make it first"):
        write_page(sample_release, tmp_path / "nowhere" / "page.html")
