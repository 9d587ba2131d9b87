"""The models: closed, frozen, strict, and said the same by their JSON Schemas."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from assurai_datasets.cli import main
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.faults import ERROR_TYPE
from assurai_datasets.workflow.schemas import MODELS, make_schema
from tests.schema.valid_records import RECORDS

NAMES = sorted(MODELS)
VALIDATORS = {name: Draft202012Validator(make_schema(name)) for name in NAMES}
BEYOND_SCHEMA = (ERROR_TYPE, "value_error")
"""What JSON Schema does not express: rules across fields, and whether a day exists."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.floats(-3, 40, allow_nan=False),
    st.sampled_from([0, 1, 1.0, 2.5, 5, 6, 36, 10**18, -1]),
    st.text(max_size=4),
    st.sampled_from(
        ["", " ", "\u200b", "\u3000", "text", "r09", "R35", "Rail", "RL", "seed", "a" * 129, "2026-05-04", "ab" * 32]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value within a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


@st.composite
def changed(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A valid record with a few values replaced, removed or added."""
    record = copy.deepcopy(RECORDS[name])
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(paths(record)) or [("id",)]))
        holder = record
        for key in path[:-1]:
            holder = holder[key]
        kind = draw(st.sampled_from(["replace", "replace", "swap", "remove", "add"]))
        if kind == "remove":
            del holder[path[-1]]
        elif kind == "add" and isinstance(holder, dict):
            holder[draw(st.text(max_size=6))] = draw(VALUES)
        elif kind == "swap":
            other = draw(st.sampled_from(list(paths(RECORDS[name]))))
            source: Any = RECORDS[name]
            for key in other:
                source = source[key]
            holder[path[-1]] = copy.deepcopy(source)
        else:
            holder[path[-1]] = draw(VALUES)
    return record


def refusals(name: str, record: Any) -> set[str]:
    """Return the types of what a model refuses."""
    try:
        MODELS[name].model_validate_json(json.dumps(record))
    except ValidationError as error:
        return {detail["type"] for detail in error.errors()}
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_a_valid_record_is_accepted_by_the_model_and_by_its_schema(name: str) -> None:
    assert refusals(name, RECORDS[name]) == set()
    VALIDATORS[name].validate(RECORDS[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_what_the_model_accepts_and_refuses_what_it_refuses(name: str) -> None:
    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(changed(name))
    def agree(record: dict[str, Any]) -> None:
        refused = refusals(name, record)
        if refused <= set(BEYOND_SCHEMA):
            VALIDATORS[name].validate(record)
        else:
            assert not VALIDATORS[name].is_valid(record), (refused, record)

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_of_its_dialect_and_closed(name: str) -> None:
    schema = make_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert refusals(name, {**RECORDS[name], "colour": "blue"}) == {"extra_forbidden"}


@pytest.mark.parametrize("name", NAMES)
def test_a_record_cannot_be_changed(name: str) -> None:
    record = MODELS[name].model_validate_json(json.dumps(RECORDS[name]))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(record, next(iter(MODELS[name].model_fields)), None)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_uses_only_words_of_json_schema(name: str) -> None:
    words = {key for path in paths(make_schema(name)) if (key := path[-1]) in ("ge", "gt", "le", "lt", "multiple_of")}
    assert words == set()


def test_keys_without_a_visible_character_are_refused_by_model_and_schema() -> None:
    record = {**RECORDS["annotation"], "labels": {" ": "warm"}}
    assert refusals("annotation", record) == {"string_pattern_mismatch"}
    assert not VALIDATORS["annotation"].is_valid(record)


def test_rules_across_fields_are_listed_where_the_schema_is_read() -> None:
    for name in ("instance", "annotation", "review"):
        assert "across fields" in make_schema(name)["description"]
    assert "across fields" in make_schema("delivery")["$defs"]["LabelDeclaration"]["description"]


def test_the_written_schemas_are_fresh(project_folder: Path) -> None:
    result = CliRunner().invoke(main, ["schema", "--check", "-o", str(project_folder / "schemas")])
    assert (result.exit_code, result.output) == (0, "")


def test_a_stale_or_missing_schema_fails_the_check(tmp_path: Path) -> None:
    folder = ["-o", str(tmp_path)]
    assert CliRunner().invoke(main, ["schema", *folder]).exit_code == 0
    (tmp_path / "issue.schema.json").unlink()
    (tmp_path / "policy.schema.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(main, ["schema", "--check", *folder])
    assert result.exit_code == 1
    assert [line.split("/")[-1].split()[0] for line in result.output.splitlines()] == [
        "issue.schema.json",
        "policy.schema.json",
    ]


def test_a_foreign_label_takes_no_name_of_ours() -> None:
    settings = {"format": "assurai-delivery/1", "name": "batch", "language": "ko", "license": "mit"}
    labels = {"is_valid": {"level": "nominal", "values": ["yes", "no"]}}
    with pytest.raises(ValidationError, match="the name of a judgement of ours"):
        Delivery.model_validate({**settings, "labels": labels})
