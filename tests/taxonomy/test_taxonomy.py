"""Look-ups of risk factors, categories, prompt types and variants."""

import csv
import dataclasses
import pickle
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.errors import UnknownNameError
from assurai_datasets.taxonomy import Category, PromptType, RiskFactor, Taxonomy, load_taxonomy

TAXONOMY = load_taxonomy()
HANGUL = re.compile("[가-힣]")


def spellings(name: str) -> list[str]:
    """The ways in which people write one name."""
    return [
        name,
        name.upper(),
        name.lower(),
        f"  {name}\t",
        name.replace(" ", ""),
        name.replace(" ", "_"),
        name.replace(" ", "-"),
        name.replace("-", " "),
        name.replace("/", " / "),
        name.replace("&", "and"),
        re.sub(r"\band\b", "&", name),
        unicodedata.normalize("NFD", name),
        unicodedata.normalize("NFD", name).replace(" ", "\u00a0"),
    ]


@pytest.fixture(scope="module")
def spec(shared_folder: Path) -> Path:
    return shared_folder / "spec"


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_names_categories_and_sources_are_those_of_the_paper(spec: Path) -> None:
    paper = [
        (int(r["number"]), r["code"], r["name"], r["category"], r["source"]) for r in rows(spec / "risk_factors.csv")
    ]
    assert [(f.number, f.code, f.name, f.category, f.source) for f in TAXONOMY.risk_factors] == paper


def test_definitions_are_in_our_own_words(spec: Path) -> None:
    theirs = {r["definition"].casefold() for r in rows(spec / "risk_factors.csv")}
    assert not theirs & {f.definition.casefold() for f in TAXONOMY.risk_factors}


def test_prompt_types_and_codes_are_those_of_the_paper(spec: Path) -> None:
    paper = [(r["name"], r["id_code"]) for r in rows(spec / "prompt_types.csv")]
    assert [(p.name, p.code) for p in TAXONOMY.prompt_types] == paper


def test_there_are_35_risk_factors_6_categories_8_prompt_types_and_3_variants() -> None:
    counts = [len(TAXONOMY.risk_factors), len(TAXONOMY.categories), len(TAXONOMY.prompt_types)]
    assert counts == [35, 6, 8]
    assert [v.code for v in TAXONOMY.prompt_variants] == ["RPfun", "RPedu", "RPemo"]


def test_the_version_is_a_semantic_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", TAXONOMY.version)


def test_numbers_run_from_1_to_35_and_codes_follow_them() -> None:
    assert [f.number for f in TAXONOMY.risk_factors] == list(range(1, 36))
    assert [f.code for f in TAXONOMY.risk_factors] == [f"r{n:02}" for n in range(1, 36)]


def test_every_risk_factor_is_in_exactly_one_category() -> None:
    assert [n for c in TAXONOMY.categories for n in c.risk_factors] == list(range(1, 36))
    for category in TAXONOMY.categories:
        assert {TAXONOMY.risk_factor(n).category for n in category.risk_factors} == {category.name}


def test_sub_scenarios_stand_where_the_source_lists_kinds() -> None:
    with_kinds = {f.number: len(f.sub_scenarios) for f in TAXONOMY.risk_factors if f.sub_scenarios}
    assert with_kinds == {26: 20, 27: 9}


@pytest.mark.parametrize("factor", TAXONOMY.risk_factors, ids=lambda f: f.code)
def test_every_way_of_writing_a_risk_factor_finds_it(factor: RiskFactor) -> None:
    n = factor.number
    numbers = [n, str(n), f" {n:02} ", f"r{n}", f"R{n:02}", f"r {n}", f"R-{n}", f"Risk_{n:02}", f"ｒ{n}"]
    for query in [*numbers, *spellings(factor.name), *spellings(factor.name_ko)]:
        assert TAXONOMY.risk_factor(query) is factor, query


@pytest.mark.parametrize("category", TAXONOMY.categories, ids=lambda c: c.name)
def test_every_way_of_writing_a_category_finds_it(category: Category) -> None:
    for query in [*spellings(category.name), *spellings(category.name_ko)]:
        assert TAXONOMY.category(query) is category, query


@pytest.mark.parametrize("prompt_type", TAXONOMY.prompt_types, ids=lambda p: p.code)
def test_every_way_of_writing_a_prompt_type_finds_it(prompt_type: PromptType) -> None:
    for query in [*spellings(prompt_type.name), *spellings(prompt_type.name_ko), *spellings(prompt_type.code)]:
        assert TAXONOMY.prompt_type(query) is prompt_type, query
        assert TAXONOMY.prompt_code(query) == (prompt_type, None), query


def test_the_papers_other_spellings_of_prompt_types_are_understood() -> None:
    assert TAXONOMY.prompt_type("Q-Only").code == "QO"
    assert TAXONOMY.prompt_type("multiple choice").code == "MC"
    assert TAXONOMY.prompt_type("Chain of Thought").code == "CT"


def test_a_variant_code_gives_role_playing_and_the_variant() -> None:
    for variant in TAXONOMY.prompt_variants:
        for query in (variant.code, variant.code.lower(), variant.code.upper()):
            prompt_type, name = TAXONOMY.prompt_code(query)
            assert (prompt_type.name, name) == ("Role-Playing", variant.name)
        for query in (variant.name.upper(), variant.name_ko, variant.code):
            assert TAXONOMY.prompt_variant(query) is variant
        assert variant in TAXONOMY.prompt_type(variant.prompt_type).variants


NOT_RISK_FACTORS: list[Any] = [
    *(0, 36, -1, 10**6000, True, False, None, 9.0, b"r04", [4], ["r04"], {}),
    *(
        "",
        " ",
        "0",
        "36",
        "r00",
        "r36",
        "-9",
        "3.4",
        "9.0",
        "1 2",
        "+4",
        "r4.5",
        "00000004",
        "٤",
        "Hate",
        "\ud800",
        "r",
        "&",
    ),
]


@pytest.mark.parametrize("query", NOT_RISK_FACTORS, ids=lambda q: f"{q!r:.12}" if not isinstance(q, int) else "int")
def test_what_is_no_risk_factor_is_refused(query: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown risk factor .*numbers run from 1 to 35"):
        TAXONOMY.risk_factor(query)


@pytest.mark.parametrize(
    ("look_up", "query", "nearest"),
    [
        (TAXONOMY.risk_factor, "Hate Speach", "'Hate Speech'"),
        (TAXONOMY.risk_factor, "suicide", "'Suicidal and Non-suicidal Self-injury'"),
        (TAXONOMY.risk_factor, "혐오 발언", "'혐오 표현'"),
        (TAXONOMY.category, "violence", "'Harmful & Violent Content'"),
        (TAXONOMY.prompt_type, "roleplay", "'Role-Playing'"),
        (TAXONOMY.prompt_code, "RPedx", "'RPedu'"),
        (TAXONOMY.prompt_variant, "emotion", "'emotional'"),
        (TAXONOMY.crosswalk, "ksafe", "'ksafe-mm'"),
    ],
)
def test_an_unknown_name_is_told_what_was_given_and_the_nearest_names(
    look_up: Callable[[str], object], query: str, nearest: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        look_up(query)
    assert repr(query) in str(caught.value)
    assert nearest in str(caught.value)


def test_where_nothing_is_near_the_known_names_are_listed() -> None:
    with pytest.raises(UnknownNameError, match="unknown prompt type 7; known: 'Multiple-Choice', 'MC'"):
        TAXONOMY.prompt_type(7)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["x" * 5_000_000, [["nested"]] * 100_000], ids=["text", "list"])
def test_a_huge_query_is_refused_with_a_short_message(query: Any) -> None:
    with pytest.raises(UnknownNameError) as caught:
        TAXONOMY.risk_factor(query)
    assert len(str(caught.value)) < 500


def test_the_taxonomy_is_read_once_and_survives_pickling() -> None:
    assert load_taxonomy() is TAXONOMY
    copy: Taxonomy = pickle.loads(pickle.dumps(TAXONOMY))
    assert copy.risk_factor("r04") == TAXONOMY.risk_factor(4)


def test_entries_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TAXONOMY.risk_factors[0].name = "other"  # type: ignore[misc]


def fields_of(entry: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of a tree of dataclasses, tuples and mappings, with its path."""
    if dataclasses.is_dataclass(entry):
        for field in dataclasses.fields(entry):
            yield from fields_of(getattr(entry, field.name), f"{path}.{field.name}")
    elif isinstance(entry, tuple):
        for index, member in enumerate(entry):
            yield from fields_of(member, f"{path}[{index}]")
    else:
        yield path, entry


ENTRIES = (*TAXONOMY.risk_factors, *TAXONOMY.categories, *TAXONOMY.prompt_types)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_no_field_is_blank_and_korean_fields_are_composed_korean(entry: object) -> None:
    for path, value in fields_of(entry):
        if isinstance(value, str):
            assert value == value.strip() != "", path
            assert unicodedata.is_normalized("NFC", value), path
            assert bool(HANGUL.search(value)) == path.endswith("_ko"), path


def test_no_two_entries_share_a_name_or_a_definition() -> None:
    for field in ("name", "name_ko", "definition", "definition_ko"):
        values = [getattr(factor, field) for factor in TAXONOMY.risk_factors]
        assert len(set(values)) == 35, field


def test_the_vocabulary_imports_nothing_heavy() -> None:
    code = (
        "import sys, assurai_datasets.taxonomy as t; t.load_taxonomy(); t.load_plan(); t.load_guidelines();"
        "print(sorted({'pydantic', 'numpy', 'yaml', 'pyarrow', 'datasets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
