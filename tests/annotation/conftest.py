"""The delivery that is handed to annotators."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assurai_datasets.annotation import Item, items_of
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import ingest
from tests.annotation.annotated_delivery import make_annotated_delivery


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_annotated_delivery(tmp_path_factory.mktemp("annotation") / "batch")


@pytest.fixture
def intake(delivery: Path) -> Iterator[Intake]:
    with ingest(delivery) as opened:
        assert not opened.issues
        yield opened


@pytest.fixture
def items(intake: Intake) -> list[Item]:
    return [item for item in items_of(intake) if isinstance(item, Item)]
