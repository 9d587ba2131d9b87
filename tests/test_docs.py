"""The pages a newcomer reads first: their examples run, and their links lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.workflow.demo import build_sample
from tests.doc_examples import agrees, examples, run

PAGES = ("README.md", "docs/tutorial.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_print_what_it_shows(
    project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if page == "README.md":
        build_sample("assurai")
    names: dict[str, Any] = {}
    ran = examples(project_folder / page)
    assert ran
    for example in ran:
        printed = run(example, names)
        assert example.output is None or agrees(printed, example.output), f"{example.text}\nprinted\n{printed}"


def test_the_first_screen_names_exactly_the_two_commands(project_folder: Path) -> None:
    head = "\n".join((project_folder / "README.md").read_text(encoding="utf-8").splitlines()[:30])
    assert re.findall(r"^make (\w+)", head, re.MULTILINE) == ["demo", "test"]
    assert "```python" in head
    assert "```output" in head


def test_every_link_of_the_docs_leads_to_a_file(project_folder: Path) -> None:
    broken = [
        f"{page.relative_to(project_folder)}: {target}"
        for page in [project_folder / "README.md", *sorted((project_folder / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_page_names_a_machine(project_folder: Path) -> None:
    pages = [project_folder / "README.md", *sorted((project_folder / "docs").rglob("*.md"))]
    assert not [
        page for page in pages if re.search(r"(?<![\w.])/(work|root|farm|home)/", page.read_text(encoding="utf-8"))
    ]
