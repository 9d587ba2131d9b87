"""Proving that the documents of a release say what its data say, line by line."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from assurai_datasets.formats.yaml import YamlError, read_yaml
from assurai_datasets.release.card import CARD_FILE, HEADER, REGION, card_header
from assurai_datasets.release.croissant import CROISSANT
from assurai_datasets.release.documents import make_documents
from assurai_datasets.release.facts import Facts, gather_facts
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.prove_rows import UNREADABLE
from assurai_datasets.release.regions import card_regions
from assurai_datasets.schema.release import LAYOUT_VERSION, Release
from assurai_datasets.taxonomy import load_taxonomy

SHOWN = 20
MOST_BYTES = 16_000_000
SHOWN_CHARS = 160


def prove_documents(
    folder: Path, manifest: Release, *, changed: Collection[str] = (), absent: Collection[str] = ()
) -> Iterator[Problem]:
    """Yield what the documents of a release say and its data do not: the line, and what the data say.

    Documents of another layout, or made with another taxonomy, are passed over.

    Args:
        folder: The release.
        manifest: Its manifest; the files its configs name are all there.
        changed: Files that do not have their digest: there, lines of the prose are named too.
        absent: Files that are missing or no files; they are not opened.
    """
    if (manifest.layout_version, manifest.taxonomy_version) != (LAYOUT_VERSION, load_taxonomy().version):
        return
    try:
        facts = gather_facts(folder, manifest)
    except UNREADABLE:
        return  # prove_rows names the file
    for path, expected in make_documents(manifest, facts).items():
        if path in absent:
            continue
        if not (folder / path).is_file():
            yield Problem(path, "is missing, and not listed in the manifest either")
        elif (folder / path).stat().st_size > MOST_BYTES:
            yield Problem(path, f"is no document of a release: it has more than {MOST_BYTES:,} bytes")
        elif (written := _text(folder / path)) != expected:
            found = _prove(path, written, expected, manifest, facts, prose=path in changed)
            yield from (Problem(path, what) for what in _first(found))


def _prove(path: str, written: str, expected: str, manifest: Release, facts: Facts, *, prose: bool) -> Iterator[str]:
    if path == CARD_FILE:
        yield from prove_card(written, manifest, facts)
        yield from prove_prose(written, expected) if prose else ()
    elif path == CROISSANT:
        yield from prove_json(written, expected)
    else:
        yield from _lines(written.splitlines(), expected.splitlines())


def prove_card(written: str, manifest: Release, facts: Facts) -> Iterator[str]:
    """Yield what the header and the regions of a card say and the data do not.

    Args:
        written: The card.
        manifest: The manifest of its release.
        facts: What the data say.
    """
    yield from _prove_header(written, card_header(manifest, facts))
    missing = card_regions(manifest, facts)
    for region in REGION.finditer(written):
        before = written.count("\n", 0, region.start("text"))
        expected = missing.pop(region["name"], "").splitlines()
        yield from _lines(region["text"].splitlines(), expected, before)
    yield from (f"lacks the region {name!r}" for name in missing)


def prove_prose(written: str, expected: str) -> Iterator[str]:
    """Yield the lines of a card that are in no place of the card as it is written here."""
    known = expected.splitlines()
    for number, line in enumerate(written.splitlines(), start=1):
        if line not in known:
            yield _said(number, line, known)


def prove_json(written: str, expected: str) -> Iterator[str]:
    """Yield the paths at which a JSON document differs from the one that is expected."""
    try:
        found = orjson.loads(written)
    except orjson.JSONDecodeError as error:
        yield f"is no JSON: {error}"
        return
    yield from _differences(found, orjson.loads(expected), "")


def _differences(found: Any, expected: Any, path: str) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in sorted(found.keys() | expected.keys()):
            yield from _differences(found.get(name), expected.get(name), f"{path}.{name}".lstrip("."))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from _differences(one, other, f"{path}[{place}]")
    elif found != expected:
        yield f"{path} is {_shown(found)}; the data say {_shown(expected)}"


def _prove_header(written: str, expected: dict[str, Any]) -> Iterator[str]:
    header = HEADER.match(written)
    try:
        document = read_yaml(header["yaml"]) if header else None
    except YamlError as error:
        yield f"line {(error.line or 0) + 1}: the header is no YAML: {error.message}"
        return
    if document is None or not isinstance(document.value, dict):
        yield "has no header"
        return
    for what in _differences({name: document.value.get(name) for name in expected}, expected, ""):
        parts = what.partition(" ")[0].replace("[", ".").replace("]", "").split(".")
        line = document.line_of(tuple(int(part) if part.isdecimal() else part for part in parts))
        yield f"line {line + 1}: {what}"


def _lines(written: Sequence[str], expected: Sequence[str], before: int = 0) -> Iterator[str]:
    """Yield the lines that are not expected, then those that are and do not stand there."""
    due = Counter(expected)
    for number, line in enumerate(written, start=before + 1):
        if due[line]:
            due[line] -= 1
        else:
            yield _said(number, line, list(due.elements()))
    if len(written) < len(expected):
        for line in due.elements():
            yield f"lacks the line {_shown(line)}"


def _said(number: int, line: str, expected: Sequence[str]) -> str:
    near = get_close_matches(line[:SHOWN_CHARS], expected, n=1, cutoff=0.3)
    return f"line {number} says {_shown(line)}; the data say {_shown(near[0]) if near else 'nothing of it'}"


def _first(found: Iterator[str]) -> list[str]:
    """Return the first problems; looking for all could take as long as somebody wants."""
    problems = list(dict.fromkeys(islice(found, SHOWN + 1)))
    return [*problems[:SHOWN], *(["and more"] if len(problems) > SHOWN else [])]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
