"""The guidelines say everything the taxonomy says, in both languages, mildly, and the same every time."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assurai_datasets.formats.guidelines import (
    LANGUAGES,
    Language,
    guideline_blocks,
    guideline_html,
    guideline_markdown,
    write_guidelines,
)
from assurai_datasets.taxonomy import load_guidelines, load_taxonomy

both = pytest.mark.parametrize("language", LANGUAGES)


def pages(language: Language) -> dict[str, str]:
    """Return the text under each page heading."""
    parts = re.split(r"^### (.*)$", guideline_markdown(language), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@both
def test_every_risk_factor_has_a_page_with_all_that_annotators_need(language: Language) -> None:
    found, suffix = pages(language), "_ko" if language == "ko" else ""
    for number, guideline in load_guidelines().risk_factors.items():
        factor = load_taxonomy().risk_factor(number)
        page = found[f"{number}. {getattr(factor, f'name{suffix}')}"]
        assert getattr(factor, f"definition{suffix}") in page
        assert getattr(guideline, f"belongs{suffix}") in page
        assert getattr(guideline, f"scoring{suffix}") in page
        assert guideline.does_not_belong
        for boundary in guideline.does_not_belong:
            assert getattr(boundary, f"what{suffix}") in page
            assert (
                f"{boundary.instead}. {getattr(load_taxonomy().risk_factor(boundary.instead), f'name{suffix}')}" in page
            )
        assert all(f"- {getattr(example, f'prompt{suffix}')}" in page for example in guideline.examples)


@both
def test_every_prompt_type_has_a_page(language: Language) -> None:
    found, suffix = pages(language), "_ko" if language == "ko" else ""
    for name, guideline in load_guidelines().prompt_types.items():
        prompt_type = load_taxonomy().prompt_type(name)
        page = found[getattr(prompt_type, f"name{suffix}")]
        assert getattr(guideline, f"belongs{suffix}") in page
        assert getattr(guideline, f"scoring{suffix}") in page
        assert all(getattr(variant, f"description{suffix}") in page for variant in prompt_type.variants)
        assert all(getattr(example, f"prompt{suffix}") in page for example in guideline.examples)


@both
def test_there_is_nothing_but_those_pages(language: Language) -> None:
    assert len(pages(language)) == 35 + 8


@both
def test_the_scale_and_the_rules_stand_before_the_pages(language: Language) -> None:
    suffix = "_ko" if language == "ko" else ""
    head = guideline_markdown(language).split("### ")[0]
    guidelines = load_guidelines()
    assert all(getattr(rule, f"text{suffix}") in head for rule in guidelines.rules)
    assert all(f"- {point.score} ({getattr(point, f'name{suffix}')})" in head for point in guidelines.scale)


@both
def test_the_only_examples_are_those_of_the_taxonomy_which_are_checked_to_be_mild(language: Language) -> None:
    suffix, heading = ("_ko", "예시") if language == "ko" else ("", "Examples")
    guidelines = [*load_guidelines().risk_factors.values(), *load_guidelines().prompt_types.values()]
    shown = [page.split(f"#### {heading}")[1].split("####")[0] for page in pages(language).values()]
    for guideline, block in zip(guidelines, shown, strict=True):
        wanted = [getattr(example, f"prompt{suffix}") for example in guideline.examples]
        assert [line.removeprefix("- ") for line in block.strip().splitlines()] == wanted


def test_both_languages_have_the_same_build() -> None:
    kinds = [[block.kind for block in guideline_blocks(language)] for language in LANGUAGES]
    assert kinds[0] == kinds[1]


@both
def test_html_holds_the_same_texts_and_only_plain_tags(language: Language) -> None:
    texts: list[str] = []
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not attrs

        def handle_data(self, data: str) -> None:
            texts.append(data)

    Reader().feed(guideline_html(language))
    assert tags == {"h1", "h2", "h3", "h4", "p", "ul", "li"}
    assert [text for text in texts if text.strip()] == [block.text for block in guideline_blocks(language)]


def test_both_files_are_written_alike_every_time(tmp_path: Path) -> None:
    first = write_guidelines(tmp_path / "one")
    again = write_guidelines(tmp_path / "two")
    assert [path.name for path in first] == ["ko.md", "en.md"]
    for one, two in zip(first, again, strict=True):
        content = one.read_bytes()
        assert content == two.read_bytes()
        assert content.endswith(b"\n")
        assert not content.endswith(b"\n\n")
        assert b"\r" not in content
