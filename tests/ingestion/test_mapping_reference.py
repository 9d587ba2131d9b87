"""The reference page of mappings is true: its examples are run, and it names every key."""

import json
import re
from pathlib import Path

import pytest

from assurai_datasets.files import Folder
from assurai_datasets.ingestion.mapping import MappedRow, map_tables, packaged_mappings, parse_mapping
from assurai_datasets.ingestion.mapping.model import (
    DeliveryDefaults,
    Group,
    Mapping,
    PolicyDefaults,
    Rule,
    TableMapping,
)

EXAMPLE = re.compile(r"```csv\n(.*?)```\n\n```yaml\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)


@pytest.fixture
def page(project_folder: Path) -> str:
    return (project_folder / "docs/reference/mapping.md").read_text(encoding="utf-8")


def test_every_example_gives_what_stands_below_it(page: str, tmp_path: Path) -> None:
    examples = EXAMPLE.findall(page)
    assert len(examples) == 3
    for table, mapping, expected in examples:
        (tmp_path / "table.csv").write_text(table, encoding="utf-8")
        made = map_tables(parse_mapping(mapping.encode(), "example"), Folder(tmp_path))
        found = [{item.kind: item.row.values} if isinstance(item, MappedRow) else item for item in made]
        assert found == [json.loads(line) for line in expected.splitlines()]


@pytest.mark.parametrize("model", [Mapping, DeliveryDefaults, PolicyDefaults, TableMapping, Group, Rule])
def test_every_key_is_explained(page: str, model: type[Mapping]) -> None:
    assert [key for key in model.model_fields if f"`{key}`" not in page] == []


def test_every_packaged_mapping_has_its_heading(page: str) -> None:
    assert sorted(re.findall(r"^### `([a-z-]+)`$", page, re.MULTILINE)) == sorted(packaged_mappings())
