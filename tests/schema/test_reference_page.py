"""The reference page of the schema names every field of every model, and none that is not there."""

import re
from pathlib import Path

import pytest

from assurai_datasets.workflow.schemas import MODELS, make_schema


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_page_lists_the_fields_of_a_model(name: str, project_folder: Path) -> None:
    page = (project_folder / "docs" / "reference" / "schema.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {name.capitalize()}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    own, *parts = re.split(r"^### ", section, flags=re.MULTILINE)
    schema = make_schema(name)
    assert fields(own) == list(schema["properties"])
    for part in parts:
        title, _, table = part.partition("\n")
        assert fields(table) == list(schema["$defs"][title]["properties"])


def fields(table: str) -> list[str]:
    return re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
