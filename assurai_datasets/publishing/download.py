"""Bringing one version of a published release here: once, checked, to be used without the network."""

import logging
import os
import re
import shutil
from functools import partial
from pathlib import Path

from huggingface_hub import HfApi, constants
from huggingface_hub.errors import RevisionNotFoundError

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.files import building_folder, sha256_file
from assurai_datasets.publishing.bars import no_bars
from assurai_datasets.publishing.failures import Patience
from assurai_datasets.publishing.package import MANIFEST, read_manifest_text
from assurai_datasets.publishing.plan import REPO_ID
from assurai_datasets.publishing.remote import HUB_FILES, Remote

logger = logging.getLogger(__name__)
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def download_release(
    repo_id: str,
    version: str,
    *,
    api: HfApi,
    cache_dir: str | Path | None = None,
    patience: Patience | None = None,
) -> Path:
    """Return the folder of a published release: exactly the files of its manifest, each with its listed digest.

    A version that is here already is checked and returned without asking the Hub.

    Args:
        repo_id: `org/name`.
        version: `1.2.0`.
        api: The client, with endpoint and token.
        cache_dir: Where downloads are kept; by default in the cache of the Hub's client.
        patience: How often to try again after 429, 5xx and lost connections.

    Raises:
        UsageError: `repo_id` or `version` is malformed, or there is no such version.
        DataError: What the Hub sends is not what the manifest lists, also on a second try.
        AccessDeniedError: The repository is private, gated or not there.
        HubUnavailableError: The Hub does not answer and the version is not here.
    """
    if not REPO_ID.fullmatch(repo_id):
        raise UsageError(f"the repository must be 'org/name', not {repo_id!r}")
    if not VERSION.fullmatch(version):
        raise UsageError(f"the version must be like '1.2.0', not {version!r}")
    root = Path(cache_dir) / "releases" if cache_dir else Path(constants.HF_HOME) / "assurai"
    target = root / repo_id.replace("/", "--") / version
    if (target / MANIFEST).is_file() and not find_faults(target, version):
        return target
    hub_cache = Path(cache_dir) / "hub" if cache_dir else None
    with no_bars():
        snapshot = _fetch(api, repo_id, version, hub_cache, patience or Patience())
    target.parent.mkdir(parents=True, exist_ok=True)
    with building_folder(target, overwrite=True) as folder:
        _link_files(snapshot, folder)
    return target


def find_faults(folder: Path, version: str) -> list[str]:
    """Return the files of a downloaded release that are missing or not as listed; the manifest itself first."""
    text = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).is_file() else b""
    try:
        manifest = read_manifest_text(text, repr(str(folder)))
    except DataError as error:
        logger.warning("%s", error)
        return [MANIFEST]
    if manifest.version != version:
        return [MANIFEST]
    return [file.path for file in manifest.files if not is_whole(folder / file.path, file.bytes, file.sha256)]


def is_whole(path: Path, size: int, sha256: str) -> bool:
    """Return whether a file has a size and a digest."""
    return path.is_file() and path.stat().st_size == size and sha256_file(path) == sha256


def _fetch(api: HfApi, repo_id: str, version: str, cache: Path | None, patience: Patience) -> Path:
    """Return a snapshot of the tag in the client's cache, with its files as listed."""
    what, tag = f"download {version} of {repo_id!r}", f"v{version}"

    def fetch_all() -> Path:
        patterns = sorted(HUB_FILES)
        return Path(
            api.snapshot_download(repo_id, repo_type="dataset", revision=tag, cache_dir=cache, ignore_patterns=patterns)
        )

    def fetch_again(path: str) -> None:
        api.hf_hub_download(repo_id, path, repo_type="dataset", revision=tag, cache_dir=cache, force_download=True)

    try:
        snapshot = patience.ask(fetch_all, what)
    except Exception as error:
        if isinstance(error.__cause__, RevisionNotFoundError):
            raise _unknown_version(Remote(api, repo_id, patience), version) from error
        raise
    for path in find_faults(snapshot, version):
        logger.warning("Downloading %r of %r again: it is not as listed", path, repo_id)
        patience.ask(partial(fetch_again, path), what)
    if faults := find_faults(snapshot, version):
        raise DataError(
            f"{faults[0]!r} of {repo_id!r} at v{version} is not what its manifest lists, also when downloaded again; "
            "do not use it, and tell its publishers"
        )
    return snapshot


def _unknown_version(remote: Remote, version: str) -> UsageError:
    known = ", ".join(sorted(remote.tags())) or "no version at all"
    return UsageError(f"{remote.repo_id!r} has no version {version!r}; it has {known}")


def _link_files(snapshot: Path, folder: Path) -> None:
    """Put the listed files of a snapshot into a folder of their own, sharing the disk space where that is possible."""
    manifest = read_manifest_text((snapshot / MANIFEST).read_bytes(), repr(str(snapshot)))
    for path in {file.path for file in manifest.files} | {MANIFEST}:
        source, place = (snapshot / path).resolve(), folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, place)
        except OSError:
            shutil.copyfile(source, place)
