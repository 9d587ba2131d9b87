"""The documents of a release that follow from its data: card, Croissant, figures, evaluation, licence."""

from pathlib import Path

from assurai_datasets.release.card import CARD_FILE, make_card
from assurai_datasets.release.croissant import CROISSANT, make_croissant
from assurai_datasets.release.eval_file import EVAL_FILE, make_eval_file
from assurai_datasets.release.facts import Facts, gather_facts
from assurai_datasets.release.licenses import license_text
from assurai_datasets.release.svg import CELLS_FILE, COUNTS_FILE, bars_svg, cells_svg
from assurai_datasets.schema.release import Release

LICENSE = "LICENSE"


def make_documents(manifest: Release, facts: Facts) -> dict[str, str]:
    """Return the text of each document by its path; the same data and prose give the same text.

    Whoever changes what they say or how raises `schema.release.LAYOUT_VERSION`: releases of another layout are not
    held to it.

    Args:
        manifest: The manifest; its `files` include the data files.
        facts: What the data say.
    """
    documents = {
        CARD_FILE: make_card(manifest, facts),
        CROISSANT: make_croissant(manifest, facts),
        LICENSE: license_text(manifest.licenses),
        COUNTS_FILE: bars_svg(facts.counts),
        CELLS_FILE: cells_svg(facts.counts),
    }
    return documents if "text" not in manifest.configs else {**documents, EVAL_FILE: make_eval_file(manifest)}


def write_documents(folder: Path, manifest: Release) -> tuple[Path, ...]:
    """Return the files of the documents of a release after writing them beside its data files."""
    documents = make_documents(manifest, gather_facts(folder, manifest))
    for path, text in documents.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    return tuple(folder / path for path in documents)
