"""The dataset card of a release: prose written by hand, numbers filled in from the data."""

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

import yaml

from assurai_datasets.errors import DataError
from assurai_datasets.release.counts import Counts
from assurai_datasets.schema.release import Release

CARD = "dataset_card.md"
CARD_FILE = "README.md"
PAPER = "https://arxiv.org/abs/2511.20686"
_REGION = re.compile(r"(<!-- filled: (?P<name>[a-z]+) -->\n).*?(<!-- /filled -->)", re.DOTALL)
_HEADER = re.compile(r"\A---\n.*?\n---\n\n?", re.DOTALL)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "1M<n<10M"


def read_template() -> str:
    """Return the card's prose, with its marked regions: from the installed package, else from the project."""
    inside = files("assurai_datasets.release").joinpath(CARD)
    path = inside if inside.is_file() else Path(__file__).resolve().parents[2] / CARD
    return path.read_text(encoding="utf-8")


def make_card(manifest: Release, counts: Counts, template: str | None = None) -> str:
    """Return the README of a release: YAML for the Hub, then the prose with its regions filled.

    Args:
        manifest: The manifest; its `files` need not be known yet.
        counts: The counts of the release.
        template: The prose; the shipped one by default.
    """
    header = yaml.safe_dump(card_header(manifest, counts), allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{header}---\n\n{fill_regions(template or read_template(), card_regions(manifest, counts))}"


def prose_of(card: str) -> str:
    """Return what was written by hand in a card: without its header, its regions empty."""
    return _REGION.sub(r"\1\3", _HEADER.sub("", card, count=1))


def fill_regions(template: str, regions: Mapping[str, str]) -> str:
    """Return the template with the text between each pair of region marks replaced.

    Raises:
        DataError: The template marks a region that nothing fills.
    """

    def filled(match: re.Match[str]) -> str:
        if match["name"] not in regions:
            raise DataError(f"the card marks a region {match['name']!r}; known: {', '.join(sorted(regions))}")
        return f"{match[1]}{regions[match['name']].strip()}\n{match[3]}"

    return _REGION.sub(filled, template)


def card_header(manifest: Release, counts: Counts) -> dict[str, object]:
    """Return the YAML header: what the Hub shows, and the exact files of every config."""
    return {
        "pretty_name": "AssurAI" if manifest.name == "assurai" else manifest.name,
        "license": manifest.licenses[0] if len(manifest.licenses) == 1 else list(manifest.licenses),
        "language": list(manifest.languages),
        "size_categories": [next((name for least, name in _SIZES if counts.total < least), _LARGEST)],
        "task_categories": ["text-generation"],
        "tags": ["safety", "red-teaming", "evaluation", "assurai"],
        "configs": [
            {
                "config_name": name,
                "version": manifest.version,
                "description": f"digest sha256:{split.digest}",
                "data_files": [{"split": split_name, "path": list(split.files)}],
            }
            for name, config in manifest.configs.items()
            for split_name, split in config.splits.items()
        ],
    }


def card_regions(manifest: Release, counts: Counts) -> dict[str, str]:
    """Return the text of every region of the card, by name."""
    return {
        "version": _version(manifest),
        "counts": _counts(counts),
        "tables": _tables(counts),
        "digests": _digests(manifest),
        "gate": _gate(manifest),
    }


def _version(manifest: Release) -> str:
    dated = f", dated {manifest.date}" if manifest.date else ""
    return f"This is version {manifest.version} of `{manifest.name}`{dated}.\nCanary: `{manifest.canary}`."


def _counts(counts: Counts) -> str:
    return f"{counts.total:,} instances.\n\n{markdown_table(('Modality', 'Instances'), counts.modality.items())}"


def _tables(counts: Counts) -> str:
    head = ("", "Risk factor", "Category", "Total", "Text", "Image", "Video", "Audio")
    by_type = markdown_table(("Prompt type", "Instances"), counts.prompt_type.items())
    return f"{by_type}\n\n{markdown_table(head, (tuple(row.values()) for row in _shown(counts)))}"


def _shown(counts: Counts) -> list[dict[str, object]]:
    return [row for row in counts.risk_factor if row["total"]]


def _digests(manifest: Release) -> str:
    rows = [
        (f"`{name}`", f"{split.rows:,}", f"`{split.digest}`")
        for name, config in manifest.configs.items()
        for split in config.splits.values()
    ]
    return markdown_table(("Config", "Rows", "Digest of the rows (SHA-256)"), rows)


def _gate(manifest: Release) -> str:
    lines = [f"Policy `{manifest.policy.name}`: met."]
    lines += [f"Waived: `{w.code}` by {w.who} until {w.until}: {w.why}." for w in manifest.policy.waivers]
    if manifest.left_out:
        lines.append(
            f"{len(manifest.left_out):,} delivered instances were left out; `release.json` lists each with the reason."
        )
    return "\n".join(lines)


def markdown_table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as a Markdown table; numbers with thousands separators."""
    lines = [head, tuple("---" for _ in head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|").replace("\n", " ")
