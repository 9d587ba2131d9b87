"""A document that says what the data do not is named with the line, even where its digest was made anew."""

import json
import re
from pathlib import Path

import pytest

from assurai_datasets.release import MANIFEST, verify_release
from assurai_datasets.release.documents import make_documents
from assurai_datasets.release.facts import gather_facts
from assurai_datasets.release.manifest import read_manifest
from tests.release.tampering import flip_bit, name_of, parquet, reseal

REGION = re.compile(r"<!-- filled: [a-z]+ -->\n(.*?)<!-- /filled -->", re.DOTALL)


def problems(release: Path) -> set[tuple[str, str]]:
    return set(verify_release(release).problems)


def replace(path: Path, old: str, new: str) -> int:
    """Change the first place of a text, and return its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text.count("\n", 0, text.index(old)) + 1


def test_every_number_of_the_computed_part_of_the_card_is_recomputed(release: Path) -> None:
    card = release / "README.md"
    kept = card.read_text(encoding="utf-8")
    numbers = [
        match.start() + region.start(1)
        for region in REGION.finditer(kept)
        for match in re.finditer(r"[0-9](?![0-9.,])", region[1])
    ]
    assert len(numbers) > 150
    for place in numbers[:: len(numbers) // 25]:
        digit = str((int(kept[place]) + 1) % 10)
        card.write_text(f"{kept[:place]}{digit}{kept[place + 1 :]}", encoding="utf-8")
        reseal(release, documents=False)
        line = kept.count("\n", 0, place) + 1
        assert [what for file, what in problems(release) if file == "README.md" and f"line {line} says" in what], line


def test_an_altered_number_is_named_with_its_line_and_the_right_one(release: Path) -> None:
    line = replace(release / "README.md", "| text | 3 |", "| text | 8 |")
    reseal(release, documents=False)
    assert problems(release) == {
        ("README.md", f"line {line} says '| text | 8 |'; the data say '| text | 3 |'"),
    }


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("version: 1.0.0", "version: 1.0.1", "configs[0].version is '1.0.1'; the data say '1.0.0'"),
        ("license: cc-by-4.0", "license: mit", "license is 'mit'; the data say 'cc-by-4.0'"),
        ("- n<1K", "- 1K<n<10K", "size_categories[0] is '1K<n<10K'; the data say 'n<1K'"),
    ],
)
def test_an_altered_header_is_named_with_its_line(release: Path, old: str, new: str, what: str) -> None:
    line = replace(release / "README.md", old, new)
    reseal(release, documents=False)
    assert problems(release) == {("README.md", f"line {line}: {what}")}


def test_fields_of_the_header_that_are_written_by_hand_may_be_others(release: Path) -> None:
    replace(release / "README.md", "  Name: text\n", "  Name: text\n  Telephone: text\n")
    reseal(release, documents=False)
    assert problems(release) == set()


def test_a_line_or_a_region_that_is_missing_is_named(release: Path) -> None:
    replace(release / "README.md", "| text | 3 |\n", "")
    replace(release / "README.md", "<!-- filled: sizes -->", "<!-- hidden: sizes -->")
    reseal(release, documents=False)
    assert ("README.md", "lacks the line '| text | 3 |'") in problems(release)
    assert ("README.md", "lacks the region 'sizes'") in problems(release)


def test_a_card_without_a_header_is_named(release: Path) -> None:
    card = release / "README.md"
    card.write_text(card.read_text(encoding="utf-8").removeprefix("---\n"), encoding="utf-8")
    reseal(release, documents=False)
    assert ("README.md", "has no header") in problems(release)


def test_an_altered_digest_in_croissant_is_named_with_its_path(release: Path) -> None:
    path = release / "croissant.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    digest = content["distribution"][1]["sha256"]
    replace(path, digest, "0" * 64)
    reseal(release, documents=False)
    expected = f"distribution[1].sha256 is '{'0' * 64}'; the data say '{digest}'"
    assert problems(release) == {("croissant.json", expected)}


def test_a_croissant_that_is_no_json_is_named(release: Path) -> None:
    (release / "croissant.json").write_text("{", encoding="utf-8")
    reseal(release, documents=False)
    ((file, what),) = problems(release)
    assert (file, what[:11]) == ("croissant.json", "is no JSON:")


@pytest.mark.parametrize("file", ["eval.yaml", "LICENSE", "figures/instances.svg", "figures/cells.svg"])
def test_an_altered_document_of_any_kind_is_named_with_its_line(release: Path, file: str) -> None:
    path = release / file
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = "something else"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reseal(release, documents=False)
    ((found, what),) = problems(release)
    assert (found, what[:27]) == (file, "line 3 says 'something else")


def test_number_byte_and_digest_altered_at_once_are_each_named(release: Path) -> None:
    """Must show 3: alter one number in the card, one byte in a Parquet file, one digest in Croissant."""
    replace(release / "README.md", "| text | 3 |", "| text | 8 |")
    path = parquet(release, "image")
    flip_bit(path, path.read_bytes().index(b"\x89PNG") + 60)
    replace(release / "croissant.json", '"sha256": "', '"sha256": "f')
    found = problems(release)
    assert {file for file, _ in found} == {"README.md", "croissant.json", name_of(release, "image")}
    assert any("line" in what and "| text | 8 |" in what for _, what in found)
    assert any("distribution[0].sha256" in what for _, what in found)
    assert any("the bytes of image do not give its digest" in what for _, what in found)


def test_a_changed_line_of_the_prose_is_named_where_the_digest_of_the_card_shows_it(release: Path) -> None:
    line = replace(release / "README.md", "arXiv 2511.20686", "arXiv 2511.20687")
    found = [what for file, what in problems(release) if file == "README.md"]
    assert any(what.startswith(f"line {line} says ") for what in found)


def test_documents_of_another_layout_are_not_held_to_this_one(release: Path) -> None:
    replace(release / "README.md", "| text | 3 |", "| text | three |")
    reseal(release, documents=False, layout_version="0")
    verification = verify_release(release)
    assert verification.ok
    assert verification.notes == (
        "the documents are of layout 0, this version knows layout 1: their numbers were not recomputed",
    )
    assert verification.to_json()["notes"] == list(verification.notes)


def test_the_same_data_and_prose_give_the_same_documents(sound_release: Path) -> None:
    manifest = read_manifest(sound_release)
    again = make_documents(manifest, gather_facts(sound_release, manifest))
    assert {name: (sound_release / name).read_text(encoding="utf-8") for name in again} == again
    assert MANIFEST not in again


def test_a_card_with_very_many_false_lines_is_refused_in_no_time(release: Path) -> None:
    replace(release / "README.md", "| text | 3 |\n", "| text | 8 |\n" * 200_000)
    reseal(release, documents=False)
    found = [what for file, what in problems(release) if file == "README.md"]
    assert len(found) == 21
    assert "and more" in found


def test_a_document_that_is_too_large_is_not_read(release: Path) -> None:
    with (release / "LICENSE").open("ab") as file:
        file.truncate(17_000_000)
    reseal(release, documents=False)
    assert problems(release) == {("LICENSE", "is no document of a release: it has more than 16,000,000 bytes")}


def test_a_document_that_neither_is_there_nor_listed_is_named(release: Path) -> None:
    (release / "eval.yaml").unlink()
    reseal(release, documents=False)
    assert problems(release) == {("eval.yaml", "is missing, and not listed in the manifest either")}
