"""A release as it goes to the Hub: its files and their digests, as the manifest lists them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import ValidationError

from assurai_datasets.errors import DataError, PathEscapesError, UsageError
from assurai_datasets.files import Folder
from assurai_datasets.files.folder import check_name
from assurai_datasets.formats.digest import digest_of
from assurai_datasets.schema.release import Release

MANIFEST = "release.json"
LARGEST_IN_GIT_BYTES = 10 * 1024 * 1024
"""The Hub keeps no larger file in git, so no larger file is known by its git digest."""


@dataclass(frozen=True)
class PackageFile:
    """One file to send: where it is, and the digests under which the Hub may know it.

    Args:
        path: Name in the release.
        source: The file.
        bytes: Its size.
        sha256: Its SHA-256.
        git_oid: SHA-1 of its git blob; None where it is too large for git.
    """

    path: str
    source: Path
    bytes: int
    sha256: str
    git_oid: str | None


@dataclass(frozen=True)
class Package:
    """A release to send: version, date, and every file by its name, the manifest included."""

    version: str
    date: str | None
    files: Mapping[str, PackageFile]

    @property
    def tag(self) -> str:
        """The tag of this version: `v1.2.0`."""
        return f"v{self.version}"

    @property
    def title(self) -> str:
        """The title of its commit."""
        return f"Release {self.version}"

    @property
    def mark(self) -> str:
        """The line of the commit's message by which a later run knows it again."""
        return f"release.json sha256:{self.files[MANIFEST].sha256}"


def read_manifest_text(text: bytes, where: str) -> Release:
    """Return the manifest of a text, whose digest was checked.

    Raises:
        DataError: It is no manifest, or its digest is not that of its content.
    """
    try:
        manifest = Release.model_validate_json(text)
        content = {name: value for name, value in orjson.loads(text).items() if name != "digest"}
        for file in manifest.files:
            check_name(file.path)
    except (ValidationError, PathEscapesError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DataError(f"{MANIFEST} of {where} is not a manifest: {first}") from error
    if digest_of(content) != manifest.digest:
        raise DataError(f"{MANIFEST} of {where} was changed: its digest is not that of its content")
    return manifest


def read_package(release_dir: Path) -> Package:
    """Return a release as it is to be sent; files it does not list stay behind.

    Small files are hashed here; large ones when they are sent.

    Raises:
        UsageError: The folder is no release.
        DataError: The manifest is not one, or a file is missing or not as listed.
    """
    source = release_dir / MANIFEST
    if not source.is_file():
        raise UsageError(f"{str(release_dir)!r} is not a release: it has no {MANIFEST}; assurai build makes one")
    text = source.read_bytes()
    manifest = read_manifest_text(text, repr(str(release_dir)))
    folder = Folder(release_dir)
    files = [_listed(folder, file.path, file.bytes, file.sha256) for file in manifest.files if file.path != MANIFEST]
    files.append(PackageFile(MANIFEST, source, len(text), hashlib.sha256(text).hexdigest(), git_oid(text)))
    return Package(manifest.version, manifest.date, {file.path: file for file in sorted(files, key=_path)})


def git_oid(content: bytes) -> str:
    """Return the SHA-1 under which git knows a file: of `blob <size>`, a zero byte and the content."""
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _path(file: PackageFile) -> str:
    return file.path


def _listed(folder: Folder, path: str, size: int, sha256: str) -> PackageFile:
    source = folder.resolve(path)
    if not source.is_file():
        raise DataError(f"{path!r} of {str(folder.root)!r} is missing; assurai verify lists all that is wrong")
    oid = None
    changed = source.stat().st_size != size
    if not changed and size <= LARGEST_IN_GIT_BYTES:
        content = source.read_bytes()
        changed, oid = hashlib.sha256(content).hexdigest() != sha256, git_oid(content)
    if changed:
        raise DataError(f"{path!r} of {str(folder.root)!r} is not as listed; assurai verify lists all that is wrong")
    return PackageFile(path, source, size, sha256, oid)
