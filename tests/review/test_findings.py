"""Findings have names and actions in both languages."""

from typing import get_args

import pytest

from assurai_datasets.errors import UnknownNameError
from assurai_datasets.review.findings import describe_findings, propose_actions
from assurai_datasets.schema.review import Finding
from assurai_datasets.taxonomy import load_taxonomy


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_finding_is_named_and_has_an_action_for_every_prompt_type(language: str) -> None:
    described = describe_findings(language)  # type: ignore[arg-type]
    assert tuple(described) == get_args(Finding)
    assert all(text.name and text.description for text in described.values())
    for prompt_type in load_taxonomy().prompt_types:
        for finding in get_args(Finding):
            assert propose_actions(prompt_type.name, finding, language)  # type: ignore[arg-type]


def test_the_actions_of_the_prompt_type_come_first() -> None:
    for prompt_type in load_taxonomy().prompt_types:
        special = propose_actions(prompt_type.code, "error")[0]
        assert special not in propose_actions("MC" if prompt_type.code != "MC" else "QO", "error")


def test_korean_actions_are_korean() -> None:
    assert all(any("가" <= char <= "힣" for char in action) for action in propose_actions("Rail", "error", "ko"))


def test_an_unknown_prompt_type_is_wrong_usage() -> None:
    with pytest.raises(UnknownNameError):
        propose_actions("Poem", "error")
