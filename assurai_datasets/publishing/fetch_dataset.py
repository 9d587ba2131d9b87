"""Bringing the files of somebody's dataset here: one commit, plain files, within limits, each with its digest."""

import logging
import shutil
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi
from huggingface_hub.errors import RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile

from assurai_datasets.errors import AssuraiError, DataError, LimitError, UsageError
from assurai_datasets.files import Folder, sha256_file
from assurai_datasets.publishing.bars import no_bars
from assurai_datasets.publishing.failures import Patience
from assurai_datasets.publishing.package import git_oid

logger = logging.getLogger(__name__)
MAIN = "main"


class FetchLimits(NamedTuple):
    """How much a dataset may bring.

    Attributes:
        files: Files of the revision.
        file_bytes: Bytes of one file.
        total_bytes: Bytes of all files.
    """

    files: int = 200_000
    file_bytes: int = 2 * 2**30
    total_bytes: int = 64 * 2**30


def fetch_dataset(
    repo_id: str,
    revision: str | None,
    into: Path,
    *,
    api: HfApi,
    limits: FetchLimits | None = None,
    patience: Patience | None = None,
) -> str:
    """Return the commit whose files were brought into a folder as plain files; which one it is, is logged.

    Args:
        repo_id: `org/name`.
        revision: A commit, tag or branch; None for what `main` is now.
        into: A new folder.
        api: The client, with endpoint and token.
        limits: When to refuse, before anything is downloaded; generous by default.
        patience: How often to ask again.

    Raises:
        UsageError: The dataset has no such revision.
        LimitError: It has more, or larger, files than allowed.
        DataError: A file has a name that leads out of a folder, or did not arrive as it is listed.
        PublishingError: The Hub does not let it be read, or does not answer.
    """
    patience, limits = patience or Patience(), limits or FetchLimits()
    what = f"download {repo_id!r}"
    commit = _resolve(api, repo_id, revision or MAIN, patience)
    files = patience.ask(lambda: _listed(api, repo_id, commit, limits.files), what)
    _check_limits(repo_id, files, limits)
    folder = Folder(into)
    places = {file.path: folder.resolve(file.path) for file in files}
    _tell(repo_id, revision, commit, files)
    with no_bars():
        patience.ask(lambda: api.snapshot_download(repo_id, repo_type="dataset", revision=commit, local_dir=into), what)
    shutil.rmtree(into / ".cache", ignore_errors=True)
    for file in files:
        _check_arrived(repo_id, file, places[file.path])
    return commit


def _resolve(api: HfApi, repo_id: str, revision: str, patience: Patience) -> str:
    """Return the commit a revision names now."""
    try:
        info = patience.ask(lambda: api.dataset_info(repo_id, revision=revision), f"look at {repo_id!r}")
    except AssuraiError as error:
        if isinstance(error.__cause__, RevisionNotFoundError):
            raise UsageError(f"{repo_id!r} has no revision {revision!r}; give a commit, a tag or a branch") from error
        raise
    return str(info.sha)


def _listed(api: HfApi, repo_id: str, commit: str, most: int) -> list[RepoFile]:
    """Return the files of a commit; no more than one too many."""
    entries = api.list_repo_tree(repo_id, repo_type="dataset", revision=commit, recursive=True)
    return list(islice((entry for entry in entries if isinstance(entry, RepoFile)), most + 1))


def _check_limits(repo_id: str, files: list[RepoFile], limits: FetchLimits) -> None:
    total, largest = sum(file.size for file in files), max((file.size for file in files), default=0)
    for measure, found, most in (
        ("files", len(files), limits.files),
        ("bytes in one file", largest, limits.file_bytes),
        ("bytes", total, limits.total_bytes),
    ):
        if found > most:
            raise LimitError(
                f"{repo_id!r} has more than {most:,} {measure}; download what you need of it and give that folder"
            )


def _tell(repo_id: str, revision: str | None, commit: str, files: list[RepoFile]) -> None:
    size = f"{len(files):,} files, {sum(file.size for file in files):,} bytes"
    if revision is None:
        logger.warning(
            "downloading %s, whose main is commit %s (%s); to get the same again: @%s", repo_id, commit, size, commit
        )
    else:
        logger.info("downloading %s at commit %s (%s)", repo_id, commit, size)


def _check_arrived(repo_id: str, file: RepoFile, place: Path) -> None:
    if place.is_file() and place.stat().st_size == file.size:
        if file.lfs is not None and sha256_file(place) == file.lfs.sha256:
            return
        if file.lfs is None and git_oid(place.read_bytes()) == file.blob_id:
            return
    raise DataError(f"{file.path!r} of {repo_id!r} did not arrive as the Hub lists it; run this again")
