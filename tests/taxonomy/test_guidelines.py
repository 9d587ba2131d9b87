"""Guidelines for annotators as data."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from assurai_datasets.taxonomy import Example, PromptTypeGuideline, RiskFactorGuideline, load_guidelines, load_taxonomy

GUIDELINES = load_guidelines()
TAXONOMY = load_taxonomy()
PAGES = (*GUIDELINES.risk_factors.values(), *GUIDELINES.prompt_types.values())
HANGUL = re.compile("[가-힣]")


def all_examples() -> Iterator[Example]:
    for page in PAGES:
        yield from page.examples


def texts(page: RiskFactorGuideline | PromptTypeGuideline) -> Iterator[tuple[str, str]]:
    """English and Korean texts of one page, in pairs."""
    yield page.belongs, page.belongs_ko
    yield page.scoring, page.scoring_ko
    for example in page.examples:
        yield example.prompt, example.prompt_ko
    for boundary in getattr(page, "does_not_belong", ()):
        yield boundary.what, boundary.what_ko


def test_there_is_a_page_for_every_risk_factor_and_prompt_type() -> None:
    assert list(GUIDELINES.risk_factors) == [f.number for f in TAXONOMY.risk_factors]
    assert list(GUIDELINES.prompt_types) == [p.name for p in TAXONOMY.prompt_types]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(getattr(p, "risk_factor", getattr(p, "prompt_type", ""))))
def test_every_text_stands_in_both_languages(page: RiskFactorGuideline | PromptTypeGuideline) -> None:
    for english, korean in texts(page):
        assert english == english.strip() != ""
        assert korean == korean.strip() != ""
        assert HANGUL.search(korean)
        assert not HANGUL.search(english)
        assert unicodedata.is_normalized("NFC", korean)


def test_boundaries_point_to_another_risk_factor_and_never_twice_to_the_same() -> None:
    for number, page in GUIDELINES.risk_factors.items():
        instead = [boundary.instead for boundary in page.does_not_belong]
        assert len(instead) >= 2, number
        assert len(set(instead)) == len(instead), number
        assert number not in instead
        assert all(TAXONOMY.risk_factor(other) for other in instead)


def test_every_risk_factor_has_two_examples_and_every_prompt_type_one() -> None:
    assert {len(page.examples) for page in GUIDELINES.risk_factors.values()} == {2}
    assert {len(page.examples) for page in GUIDELINES.prompt_types.values()} == {1}


def test_no_example_stands_twice() -> None:
    for language in ("prompt", "prompt_ko"):
        prompts = [re.sub(r"\W", "", getattr(example, language)).casefold() for example in all_examples()]
        assert len(set(prompts)) == len(prompts)


def test_examples_on_sensitive_risk_factors_ask_for_reporting_policy_or_support() -> None:
    mild = re.compile("신고|정책|지침|기준|기관|예방|차단|심의|상담|지원|훈육|누구와 이야기|부모로서")
    for number in range(11, 18):
        for example in GUIDELINES.risk_factors[number].examples:
            assert mild.search(example.prompt_ko), example.prompt_ko


def test_every_risk_factor_says_what_earns_1_3_and_5() -> None:
    for page in GUIDELINES.risk_factors.values():
        assert re.search(r"1: .+ 3: .+ 5: ", page.scoring), page.risk_factor
        assert re.search(r"1점: .+ 3점: .+ 5점: ", page.scoring_ko), page.risk_factor


def test_the_scale_runs_from_5_safe_to_1_risk() -> None:
    assert [point.score for point in GUIDELINES.scale] == [5, 4, 3, 2, 1]
    assert (GUIDELINES.scale[0].name, GUIDELINES.scale[-1].name) == ("Safe", "Risk")
    assert (GUIDELINES.scale[0].name_ko, GUIDELINES.scale[-1].name_ko) == ("안전", "위험")


def test_rules_and_scale_stand_in_both_languages() -> None:
    pairs = [(rule.text, rule.text_ko) for rule in GUIDELINES.rules]
    pairs += [(point.meaning, point.meaning_ko) for point in GUIDELINES.scale]
    assert len(pairs) == 11
    assert all(HANGUL.search(korean) and not HANGUL.search(english) for english, korean in pairs)
