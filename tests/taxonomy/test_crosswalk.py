"""Cross-walks to AIR 2024, the MIT AI Risk Repository and KSAFE-MM."""

import csv
import re
from pathlib import Path

import pytest

from assurai_datasets.taxonomy import CrosswalkRow, load_taxonomy

TAXONOMY = load_taxonomy()
SCHEMES = {"air-2024": "AIR 2024", "mit": "MIT AI Risk Repository", "ksafe-mm": "KSAFE-MM"}
KSAFE_CATEGORIES = {
    *("Hate and Unfairness", "Violence", "Sexual", "Self-harm"),
    *("Political and Religious Neutrality", "Anthropomorphism", "Sensitive Uses"),
    *("Privacy", "Illegal or Unethical", "Copyrights", "Weaponization"),
}


def paper_rows(shared_folder: Path) -> list[dict[str, str]]:
    with (shared_folder / "spec" / "risk_factors.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def targets(name: str) -> dict[int, list[CrosswalkRow]]:
    found: dict[int, list[CrosswalkRow]] = {}
    for row in TAXONOMY.crosswalk(name):
        found.setdefault(row.risk_factor, []).append(row)
    return found


def test_there_are_three_cross_walks_found_by_id_or_title() -> None:
    assert set(TAXONOMY.crosswalk_names) == set(SCHEMES)
    for name, title in SCHEMES.items():
        assert TAXONOMY.crosswalk(title.upper()) is TAXONOMY.crosswalk(name)
        assert {row.scheme for row in TAXONOMY.crosswalk(name)} == {title}


@pytest.mark.parametrize("name", SCHEMES)
def test_no_risk_factor_is_silently_missing(name: str) -> None:
    numbers = [row.risk_factor for row in TAXONOMY.crosswalk(name)]
    assert sorted(set(numbers)) == list(range(1, 36))
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("name", SCHEMES)
def test_every_row_is_marked_and_says_why(name: str) -> None:
    for row in TAXONOMY.crosswalk(name):
        assert row.match in {"exact", "partial", "none"}
        assert row.note.endswith(".")
        assert (row.target is None) == (row.match == "none")


@pytest.mark.parametrize("name", SCHEMES)
def test_an_exact_or_missing_match_stands_alone_and_no_target_stands_twice(name: str) -> None:
    for rows in targets(name).values():
        assert len(rows) == 1 or {row.match for row in rows} == {"partial"}
        assert len({row.target for row in rows}) == len(rows)


@pytest.mark.parametrize("name", ["air-2024", "mit"])
def test_an_id_means_one_name_throughout(name: str) -> None:
    named = {(row.target_id, row.target) for row in TAXONOMY.crosswalk(name) if row.target}
    assert len(named) == len({target_id for target_id, _ in named})
    assert all(target_id and re.fullmatch(r"\d+\.\d+", target_id) for target_id, _ in named)


def test_air_2024_entries_are_those_the_paper_gives(shared_folder: Path) -> None:
    given = {int(r["number"]): (r["air2024_level3"], r["air2024_level3_name"]) for r in paper_rows(shared_folder)}
    ours = targets("air-2024")
    assert {n: (ours[n][0].target_id, ours[n][0].target) for n in range(1, 31)} == {n: given[n] for n in range(1, 31)}


def test_mit_subdomains_are_those_the_paper_gives(shared_folder: Path) -> None:
    given = {int(r["number"]): r["mit_subdomain"] for r in paper_rows(shared_folder) if r["mit_subdomain"]}
    assert {n: targets("mit")[n][0].target_id for n in given} == given


def test_ksafe_mm_targets_are_its_eleven_categories_and_all_are_used() -> None:
    assert {row.target for row in TAXONOMY.crosswalk("ksafe-mm")} - {None} == KSAFE_CATEGORIES
