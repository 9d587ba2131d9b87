"""What reviewers find, and what they may do about it, by prompt type; in English and Korean."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from assurai_datasets.schema.review import Finding
from assurai_datasets.taxonomy import load_taxonomy

Language = Literal["en", "ko"]


class FindingText(NamedTuple):
    """A finding in one language: its name and what it means."""

    name: str
    description: str


def describe_findings(language: Language = "en") -> Mapping[Finding, FindingText]:
    """Return every finding by its value, named and described in a language."""
    suffix = "" if language == "en" else "_ko"
    entries = _data()["findings"].items()
    return MappingProxyType({k: FindingText(e[f"name{suffix}"], e[f"description{suffix}"]) for k, e in entries})


def propose_actions(prompt_type: str, finding: Finding, language: Language = "en") -> tuple[str, ...]:
    """Return corrective actions for a finding, those of the prompt type first; free text may always stand instead.

    Args:
        prompt_type: A prompt type by any of its names.
        finding: What was found.
        language: Language of the actions.

    Raises:
        UnknownNameError: There is no such prompt type.
    """
    name = load_taxonomy().prompt_type(prompt_type).name
    special = [action for action in _data()["prompt_types"][name] if finding in action["findings"]]
    return tuple(action[language] for action in (*special, *_data()["findings"][finding]["actions"]))


@cache
def _data() -> dict[str, Any]:
    text = files(__package__).joinpath("data", "corrective_actions.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
