"""The dataset card of a release: prose written by hand, numbers filled in from the data."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from assurai_datasets.errors import DataError
from assurai_datasets.formats.yaml import read_yaml
from assurai_datasets.release.facts import Facts
from assurai_datasets.release.licenses import hub_license
from assurai_datasets.release.pack import SPLIT
from assurai_datasets.release.prove_rows import splits
from assurai_datasets.release.regions import card_regions
from assurai_datasets.schema.release import Release

CARD = "dataset_card.md"
CARD_FILE = "README.md"
REGION = re.compile(r"(<!-- filled: (?P<name>[a-z]+) -->\n)(?P<text>.*?)(<!-- /filled -->)", re.DOTALL)
HEADER = re.compile(r"\A---\n(?P<yaml>.*?\n)---\n\n?", re.DOTALL)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "1M<n<10M"
_SHOWN = {"image": "image-text-to-text", "video": "video-text-to-text", "audio": "audio-text-to-text"}
_MADE = {"image": "text-to-image", "video": "text-to-video", "audio": "text-to-audio"}


def read_template() -> str:
    """Return the card's prose, with its marked regions: from the installed package, else from the project."""
    inside = files("assurai_datasets.release").joinpath(CARD)
    path = inside if inside.is_file() else Path(__file__).resolve().parents[2] / CARD
    return path.read_text(encoding="utf-8")


def make_card(manifest: Release, facts: Facts, template: str | None = None) -> str:
    """Return the README of a release: YAML for the Hub, then the prose with its regions filled.

    Args:
        manifest: The manifest; its `files` are the data files.
        facts: What the data say.
        template: The prose, with the fields of the header that are written by hand; the shipped one by default.
    """
    given = template or read_template()
    by_hand = HEADER.match(given)
    header = {**card_header(manifest, facts), **(read_yaml(by_hand["yaml"]).value if by_hand else {})}
    text = yaml.safe_dump(header, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{text}---\n\n{fill_regions(HEADER.sub('', given, count=1), card_regions(manifest, facts))}"


def prose_of(card: str) -> str:
    """Return what was written by hand in a card: without its header, its regions empty."""
    return REGION.sub(r"\1\4", HEADER.sub("", card, count=1))


def fill_regions(template: str, regions: Mapping[str, str]) -> str:
    """Return the template with the text between each pair of region marks replaced.

    Raises:
        DataError: The template marks a region that nothing fills.
    """

    def filled(match: re.Match[str]) -> str:
        if match["name"] not in regions:
            raise DataError(f"the card marks a region {match['name']!r}; known: {', '.join(sorted(regions))}")
        return f"{match[1]}{regions[match['name']].strip()}\n{match[4]}"

    return REGION.sub(filled, template)


def card_header(manifest: Release, facts: Facts) -> dict[str, Any]:
    """Return the computed part of the YAML header: what the Hub shows, and the exact files of every config."""
    return {
        "pretty_name": "AssurAI" if manifest.name == "assurai" else manifest.name,
        **hub_license(manifest.licenses),
        "language": list(manifest.languages),
        "size_categories": [next((name for least, name in _SIZES if facts.counts.total < least), _LARGEST)],
        "task_categories": sorted(set(_tasks(facts))),
        "configs": [
            {
                "config_name": name,
                "version": manifest.version,
                "description": f"digest sha256:{split.digest}",
                "data_files": [{"split": SPLIT, "path": list(split.files)}],
            }
            for name, split in splits(manifest)
        ],
    }


def _tasks(facts: Facts) -> Iterator[str]:
    """Yield the Hub's names of the tasks that the instances set."""
    if facts.counts.modality["text"]:
        yield "text-generation"
    if facts.counts.prompt_type["Multiple-Choice"]:
        yield "multiple-choice"
    for name, shown in _SHOWN.items():
        asking = facts.asks_for_media.get(name, 0)
        if asking:
            yield _MADE[name]
        if facts.counts.modality[name] > asking:
            yield shown
