"""The manifest of a release: written last, read first."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from pydantic import ValidationError

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.files import sha256_file
from assurai_datasets.formats.digest import digest_of
from assurai_datasets.schema.release import LAYOUT_VERSION, RELEASE_FORMAT, SCHEMA_VERSION, Release, ReleaseFile
from assurai_datasets.taxonomy import load_taxonomy

MANIFEST = "release.json"
CANARY_URL = "https://github.com/TTA01/AssurAI/canary/"


def make_manifest(**fields: Any) -> Release:
    """Return a manifest with its format, versions and digest filled in."""
    versions = {
        "schema_version": SCHEMA_VERSION,
        "taxonomy_version": load_taxonomy().version,
        "layout_version": LAYOUT_VERSION,
    }
    return _sealed(Release.model_validate({"format": RELEASE_FORMAT, **versions, **fields, "digest": "0" * 64}))


def with_files(manifest: Release, files: tuple[ReleaseFile, ...]) -> Release:
    """Return a manifest that lists files, with its digest made anew."""
    return _sealed(manifest.model_copy(update={"files": files}))


def _sealed(draft: Release) -> Release:
    return draft.model_copy(update={"digest": manifest_digest(draft.model_dump(mode="json", exclude_none=True))})


def manifest_digest(content: dict[str, Any]) -> str:
    """Return the digest of a manifest's content: of everything in it but `digest` itself."""
    return digest_of({name: value for name, value in content.items() if name != "digest"})


def manifest_json(manifest: Release) -> bytes:
    """Return the text of `release.json`: keys sorted, indented, with a final newline."""
    return manifest_text(manifest.model_dump(mode="json", exclude_none=True))


def manifest_text(content: dict[str, Any]) -> bytes:
    """Return the text of a manifest's content."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(folder: Path) -> Release:
    """Return the manifest of a release.

    Raises:
        UsageError: The folder does not exist or is no release.
        DataError: `release.json` is not a manifest.
    """
    path = folder / MANIFEST
    if not path.is_file():
        what = f"it has no {MANIFEST}" if folder.is_dir() else "it does not exist"
        raise UsageError(f"{str(folder)!r} is not a release: {what}; assurai build makes one")
    try:
        return Release.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DataError(f"{MANIFEST} of {str(folder)!r} is not a manifest: {first}") from error


def list_files(folder: Path) -> tuple[ReleaseFile, ...]:
    """Return every file under a folder but the manifest, by path, with its size and digest."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return in_order(list_file(folder, path) for path in paths)


def in_order(files: Iterable[ReleaseFile]) -> tuple[ReleaseFile, ...]:
    """Return files by path."""
    return tuple(sorted(files, key=lambda file: file.path))


def list_file(folder: Path, path: Path) -> ReleaseFile:
    """Return the path, the size and the digest of a file under a folder."""
    return ReleaseFile(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=sha256_file(path))


def canary_of(name: str) -> str:
    """Return the UUID by which a dataset can be searched for in training data: the same in every version."""
    return str(uuid5(NAMESPACE_URL, f"{CANARY_URL}{name}"))
