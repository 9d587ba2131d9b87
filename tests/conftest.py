"""Fixtures every room's tests may use."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Read by the libraries when they are imported: tests share no cache with the person who runs them.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="assurai-tests-")
os.environ.pop("ASSURAI_RELEASE", None)
os.environ.pop("SOURCE_DATE_EPOCH", None)

# A busy machine draws its first example slowly: that says nothing about a test.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

pytest_plugins = ["tests.hub.fixture"]
PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project_folder() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs the shared research data beside the project, which is not part of it")
    return folder


@pytest.fixture(scope="session")
def real_folder(shared_folder: Path) -> Path:
    return shared_folder / "real"


@pytest.fixture(scope="session")
def sample_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the bundled sample; not to be changed."""
    from assurai_datasets.workflow.demo import build_sample

    folder = tmp_path_factory.mktemp("sample") / "assurai"
    build_sample(folder)
    return folder
