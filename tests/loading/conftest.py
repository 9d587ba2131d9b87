"""A release built from the bundled sample, a private cache, and a process that sees both."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assurai_datasets.workflow import build_release
from assurai_datasets.workflow.sample import make_sample_delivery

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sample_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample_delivery(tmp_path_factory.mktemp("delivery") / "sample")


@pytest.fixture(scope="session")
def release(sample_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "sample"
    build_release(sample_delivery, output=folder, version="1.0.0", workers=1)
    return folder
