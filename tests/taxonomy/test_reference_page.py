"""`docs/reference/taxonomy.md` and the data say the same."""

import doctest
from collections import Counter
from pathlib import Path

import pytest

from assurai_datasets.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()


@pytest.fixture(scope="module")
def page(project_folder: Path) -> str:
    return (project_folder / "docs" / "reference" / "taxonomy.md").read_text(encoding="utf-8")


def table(page: str, heading: str) -> list[tuple[str, ...]]:
    """The cells of the first table below a heading or column title, without its head."""
    lines = page[page.index(heading) :].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|---"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    return rows


def test_risk_factors_stand_in_the_page_as_in_the_data(page: str) -> None:
    expected = [(str(f.number), f.code, f.name, f.name_ko, f.definition, f.source) for f in TAXONOMY.risk_factors]
    assert table(page, "## Risk factors") == expected


def test_sub_scenarios_stand_in_the_page_as_in_the_data(page: str) -> None:
    for factor in TAXONOMY.risk_factors:
        if factor.sub_scenarios:
            assert f"- {factor.name}: {', '.join(s.name for s in factor.sub_scenarios)}." in page


def test_categories_stand_in_the_page_as_in_the_data(page: str) -> None:
    assert table(page, "## Categories") == [
        (c.name, c.name_ko, f"{c.risk_factors[0]}-{c.risk_factors[-1]}", c.description) for c in TAXONOMY.categories
    ]


def test_prompt_types_and_variants_stand_in_the_page_as_in_the_data(page: str) -> None:
    types = [(p.name, p.code, p.name_ko, p.description) for p in TAXONOMY.prompt_types]
    assert table(page, "## Prompt types") == types
    variants = [(v.name, v.code, v.name_ko, v.description) for v in TAXONOMY.prompt_variants]
    assert table(page, "| variant | code |") == variants


def test_cross_walks_are_counted_in_the_page_as_in_the_data(page: str) -> None:
    expected = []
    for name in TAXONOMY.crosswalk_names:
        marks = Counter(row.match for row in TAXONOMY.crosswalk(name))
        counts = (marks["exact"], marks["partial"], marks["none"], marks.total())
        expected.append((f"`{name}`", *map(str, counts)))
    assert table(page, "## Cross-walks") == expected


def test_the_page_names_the_version_and_every_data_file(page: str, project_folder: Path) -> None:
    assert f"version {TAXONOMY.version} of the taxonomy" in page
    for file in (project_folder / "assurai_datasets" / "taxonomy" / "data").iterdir():
        assert f"`{file.name}`" in page or file.match("crosswalk_*.csv"), file.name


def test_the_examples_of_the_page_run(page: str) -> None:
    example = doctest.DocTestParser().get_doctest(page, {}, "taxonomy.md", None, 0)
    result = doctest.DocTestRunner().run(example)
    assert result.attempted > 8
    assert result.failed == 0
