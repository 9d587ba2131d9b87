"""A release whose manifest is known: its configs, splits and files, fetched from the Hub where they are needed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from pydantic import ValidationError

from assurai_datasets.errors import DataError, UnknownNameError, UsageError
from assurai_datasets.files.folder import check_name
from assurai_datasets.loading.address import MANIFEST, ReleaseAddress
from assurai_datasets.schema.release import Config, Release, Split
from assurai_datasets.taxonomy.names import NameTable

CARD = "README.md"


@dataclass(frozen=True)
class OpenedRelease:
    """A release whose manifest was read.

    Attributes:
        address: Where it is.
        folder: Its folder; of a release on the Hub, the snapshot in the cache, with only the files that were fetched.
        manifest: The content of `release.json`.
        token: Token for the Hub; None is the one the user logged in with.
    """

    address: ReleaseAddress
    folder: Path
    manifest: Release
    token: str | bool | None = field(default=None, repr=False)

    @property
    def commit(self) -> str | None:
        """The commit of a release on the Hub, None for a folder."""
        return self.folder.name if self.address.repo else None

    def config(self, name: str) -> tuple[str, Config]:
        """Return the exact name of a config and what the manifest says of it.

        Raises:
            UnknownNameError: The release has no such config; the message lists what it has.
        """
        found = _find("config", name, self.manifest.configs)
        return found, self.manifest.configs[found]

    def describe(self, config: str) -> str:
        """Return the sentence by which a dataset loaded from a config tells where it comes from."""
        splits = self.manifest.configs[config].splits.values()
        digests = ", ".join(f"digest sha256:{split.digest}" for split in splits)
        return f"{self.manifest.name} {self.manifest.version}, config {config}, {digests}"

    def url(self, path: str) -> str:
        """Return the address on the Hub of a file of the release, at exactly this commit."""
        return f"hf://datasets/{self.address.repo}@{self.commit}/{path}"

    def schema(self, path: str) -> pa.Schema:
        """Return the schema of a Parquet file of the release, read from the Hub where the file is not here.

        Raises:
            UsageError: The Hub cannot be reached or refuses.
        """
        if self.has((path,)):
            return pq.read_schema(self.folder / path)
        with _explained(self.address, path), HfFileSystem(token=self.token).open(self.url(path)) as file:
            return pq.read_schema(file)

    def has(self, paths: tuple[str, ...]) -> bool:
        """Return whether files of the release are on this machine."""
        return all((self.folder / path).is_file() for path in paths)

    def fetch(self, paths: tuple[str, ...]) -> None:
        """Bring files of the release onto this machine.

        Raises:
            DataError: A folder lacks a file its manifest names.
            UsageError: The Hub cannot be reached or refuses.
        """
        for path in paths:
            if (self.folder / path).is_file():
                continue
            if self.address.repo is None:
                raise DataError(f"{str(self.folder)!r} lacks {path!r}, which its {MANIFEST} names; see assurai verify")
            _download(self.address, path, self.commit, self.token)


def find_split(config: Config, name: str) -> tuple[str, Split]:
    """Return the exact name of a split of a config and what the manifest says of it.

    Raises:
        UnknownNameError: The config has no such split; the message lists what it has.
    """
    found = _find("split", name, config.splits)
    return found, config.splits[found]


def open_release(address: ReleaseAddress, *, token: str | bool | None = None) -> OpenedRelease:
    """Return the release at an address.

    Args:
        address: Where it is.
        token: Token for the Hub; None is the one the user logged in with.

    Raises:
        UsageError: There is none, it has another version than the one wanted, or the Hub cannot be reached and the
            version is not in the cache.
        DataError: Its manifest is not one, or names files outside the release.
    """
    path = address.folder / MANIFEST if address.folder else _download(address, MANIFEST, address.tag, token)
    if not path.is_file():
        what = f"it has no {MANIFEST}" if path.parent.is_dir() else "it does not exist"
        raise UsageError(f"{str(path.parent)!r} is not a release: {what}; assurai build makes one")
    manifest = _read(path, address)
    if address.revision and address.folder and address.version != manifest.version:
        raise UsageError(f"{str(address.folder)!r} holds version {manifest.version}, not {address.revision!r}")
    if address.version and address.version != manifest.version:
        raise DataError(f"{address} says in its {MANIFEST} that it is version {manifest.version}; tell its publisher")
    splits = (split for config in manifest.configs.values() for split in config.splits.values())
    for listed in (name for split in splits for name in split.files):
        check_name(listed)
    return OpenedRelease(address, path.parent, manifest, token)


def _find(subject: str, name: str, known: Iterable[str]) -> str:
    return NameTable(subject, [(each, (each,)) for each in known]).find(name)


def _read(path: Path, address: ReleaseAddress) -> Release:
    try:
        return Release.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DataError(f"{MANIFEST} of {str(address)!r} is not a manifest: {first}") from error


def _download(address: ReleaseAddress, path: str, revision: str | None, token: str | bool | None) -> Path:
    with _explained(address, path):
        return Path(hf_hub_download(str(address.repo), path, repo_type="dataset", revision=revision, token=token))


@contextmanager
def _explained(address: ReleaseAddress, path: str) -> Iterator[None]:
    """Turn what the client of the Hub raises into errors that say what to do."""
    try:
        yield
    except LocalEntryNotFoundError as error:
        raise UsageError(
            f"{path!r} of {address} is not in the cache and the Hub cannot be reached; load it once while online"
        ) from error
    except RevisionNotFoundError as error:
        raise UnknownNameError(f"{address.repo} has no version {address.revision!r}{_versions(address)}") from error
    except GatedRepoError as error:
        raise UsageError(f"{address.repo} is gated; ask for access on its page, then hf auth login") from error
    except RepositoryNotFoundError as error:
        raise UsageError(f"{address.repo} is not on the Hub or not for you; hf auth login if it is private") from error
    except EntryNotFoundError as error:
        raise UsageError(f"{address} has no {path!r}; load_dataset({address.repo!r}) may still read it") from error
    except HfHubHTTPError as error:
        raise UsageError(f"the Hub did not give {path!r} of {address}: {error}") from error


def _versions(address: ReleaseAddress) -> str:
    try:
        tags = HfApi().list_repo_refs(str(address.repo), repo_type="dataset").tags
    except HfHubHTTPError:
        return ""
    return f"; it has {', '.join(sorted(tag.name for tag in tags)) or 'none'}"
