"""A release of the bundled sample."""

from pathlib import Path

import pytest

from assurai_datasets import build_release
from assurai_datasets.workflow.sample import make_sample_delivery


@pytest.fixture(scope="session")
def sample_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    release = folder / "assurai"
    build_release(make_sample_delivery(folder / "sample"), output=release, version="1.0.0", workers=1)
    return release
