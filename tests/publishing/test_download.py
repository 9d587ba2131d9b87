"""Bringing a published version back: once, checked, offline from then on."""

import shutil
from pathlib import Path

import pytest

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.publishing import (
    AccessDeniedError,
    HubUnavailableError,
    Patience,
    download_release,
    plan_publication,
    publish,
)
from tests.hub.fixture import TestHub
from tests.publishing.releases import FILES, content_of, make_release

REPO = "assurai-lab/words"
TABLE_NAME = "data/text/test-00000-of-00001.parquet"
QUICK = Patience(tries=2, sleep=lambda wait_s: None)
pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def releases(hub: TestHub, transfer: str, tmp_path: Path) -> dict[str, Path]:
    """Two published versions."""
    made = {
        "1.0.0": make_release(tmp_path / "first"),
        "1.1.0": make_release(tmp_path / "second", "1.1.0", {**FILES, TABLE_NAME: FILES[TABLE_NAME][::-1]}),
    }
    for release in made.values():
        planned = plan_publication(release, REPO, api=hub.api(), patience=QUICK)
        publish(planned, api=hub.api(), patience=QUICK)
    hub.log.clear()
    return made


def download(hub: TestHub, tmp_path: Path, version: str, token: str | bool | None = None) -> Path:
    return download_release(REPO, version, api=hub.api(token), cache_dir=tmp_path / "cache", patience=QUICK)


def test_each_version_comes_back_as_it_was_published(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    for version, release in releases.items():
        folder = download(hub, tmp_path, version)
        assert content_of(folder) == content_of(release)
        assert not [path for path in folder.rglob("*") if path.is_symlink()]


def test_a_version_is_asked_for_once_and_served_offline(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    first = download(hub, tmp_path, "1.0.0")
    asked = len(hub.log)
    hub.inject("drop", times=None)
    assert download(hub, tmp_path, "1.0.0") == first
    assert len(hub.log) == asked
    with pytest.raises(HubUnavailableError):
        download(hub, tmp_path, "1.1.0")


def test_an_unknown_version_is_an_error_that_lists_the_known_ones(
    hub: TestHub, releases: dict[str, Path], tmp_path: Path
):
    with pytest.raises(UsageError, match=r"has no version '2\.0\.0'; it has v1\.0\.0, v1\.1\.0"):
        download(hub, tmp_path, "2.0.0")
    assert not (tmp_path / "cache" / "releases").exists()


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "main", "../1.0.0", ""])
def test_a_malformed_version_is_wrong_usage(hub: TestHub, tmp_path: Path, version: str):
    with pytest.raises(UsageError, match="version must be"):
        download(hub, tmp_path, version)


def test_a_corrupted_download_is_fetched_again(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    hub.inject("corrupt-download", method="GET", path="/resolve/.*/README.md")
    folder = download(hub, tmp_path, "1.0.0")
    assert content_of(folder) == content_of(releases["1.0.0"])


def test_a_download_that_stays_corrupted_is_refused_by_name(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    hub.inject("corrupt-download", method="GET", path="/resolve/.*/README.md", times=None)
    with pytest.raises(DataError, match=r"'README\.md' of .* is not what its manifest lists"):
        download(hub, tmp_path, "1.0.0")
    assert not (tmp_path / "cache/releases/assurai-lab--words/1.0.0").exists()


def test_a_download_cut_short_is_finished(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    hub.inject("truncate-download", method="GET", path="/(resolve|stored)/", times=2)
    assert content_of(download(hub, tmp_path, "1.0.0")) == content_of(releases["1.0.0"])


def test_a_damaged_copy_is_downloaded_again(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    folder = download(hub, tmp_path, "1.0.0")
    (folder / TABLE_NAME).unlink()
    (folder / TABLE_NAME).write_bytes(b"damaged")
    assert content_of(download(hub, tmp_path, "1.0.0")) == content_of(releases["1.0.0"])


def test_a_copy_survives_the_cleaning_of_the_clients_cache(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    folder = download(hub, tmp_path, "1.0.0")
    shutil.rmtree(tmp_path / "cache" / "hub")
    assert content_of(folder) == content_of(releases["1.0.0"])


def test_a_tag_over_another_version_is_refused(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    tags = hub.state.repository("dataset", REPO).tags
    tags["v1.2.0"] = tags["v1.1.0"]
    with pytest.raises(DataError, match=r"'release\.json'"):
        download(hub, tmp_path, "1.2.0")


def test_a_file_the_manifest_does_not_list_does_not_come_along(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    hub.commit_as_somebody_else()
    hub.state.repository("dataset", REPO).tags["v1.1.0"] = hub.api().dataset_info(REPO).sha
    assert content_of(download(hub, tmp_path, "1.1.0")) == content_of(releases["1.1.0"])


def test_a_private_or_gated_version_is_refused_with_the_reason(hub: TestHub, releases: dict[str, Path], tmp_path: Path):
    with pytest.raises(AccessDeniedError, match="Repository not found"):
        download(hub, tmp_path, "1.0.0", hub.other_token)
    hub.api().update_repo_settings(REPO, repo_type="dataset", private=False, gated="manual")
    with pytest.raises(AccessDeniedError, match="is restricted"):
        download(hub, tmp_path, "1.0.0", hub.other_token)
    hub.state.accounts.granted.add(("stranger", REPO))
    assert download(hub, tmp_path, "1.0.0", hub.other_token).is_dir()


def test_a_process_without_network_uses_what_another_one_downloaded(
    hub: TestHub, releases: dict[str, Path], transfer: str, tmp_path: Path
):
    code = """
import sys
from huggingface_hub import HfApi
from assurai_datasets.publishing import download_release
print(download_release("assurai-lab/words", sys.argv[1], api=HfApi()))
"""
    online = hub.run(code, "1.0.0", xet=transfer == "xet")
    assert online.returncode == 0, online.stderr
    assert str(hub.home) in online.stdout
    offline = hub.run(code, "1.0.0", offline=True)
    assert (offline.returncode, offline.stdout) == (0, online.stdout)
    missing = hub.run(code, "1.1.0", offline=True)
    assert "HF_HUB_OFFLINE forbids asking" in missing.stderr.splitlines()[-1]
