"""Proving that a release is what its manifest says."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from assurai_datasets.errors import DataError
from assurai_datasets.files import sha256_file
from assurai_datasets.release.manifest import MANIFEST, manifest_digest, manifest_json, read_manifest
from assurai_datasets.schema.release import Release, ReleaseFile


class Problem(NamedTuple):
    """What is wrong with one file of a release."""

    file: str
    what: str


class Verification(NamedTuple):
    """Every problem of a release, by file; none means it is what its manifest says."""

    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai verify --json` prints."""
        return {"ok": self.ok, "problems": [problem._asdict() for problem in self.problems]}


def verify_release(folder: str | Path) -> Verification:
    """Return every file of a release that is missing, changed or not listed, the manifest itself included.

    Raises:
        UsageError: The folder is no release.
    """
    folder = Path(folder)
    try:
        manifest = read_manifest(folder)
    except DataError as error:
        return Verification((Problem(MANIFEST, str(error)),))
    return Verification(tuple(sorted({*_manifest_problems(folder, manifest), *_file_problems(folder, manifest)})))


def _manifest_problems(folder: Path, manifest: Release) -> Iterator[Problem]:
    written = (folder / MANIFEST).read_bytes()
    if orjson.loads(written)["digest"] != manifest_digest(orjson.loads(written)):
        yield Problem(MANIFEST, "was changed: its digest is not that of its content")
    elif written != manifest_json(manifest):
        yield Problem(MANIFEST, "was changed: it is not written as manifests are")


def _file_problems(folder: Path, manifest: Release) -> Iterator[Problem]:
    listed = {file.path: file for file in manifest.files}
    present = set(_present(folder))
    for path in sorted(present - listed.keys()):
        yield Problem(path, "is not listed in the manifest, so it is not part of the release")
    for path, file in listed.items():
        if path not in present:
            yield Problem(path, "is missing")
        elif what := _difference(folder / path, file):
            yield Problem(path, what)


def _present(folder: Path) -> Iterator[str]:
    """Yield every path in a folder that is no folder, links as themselves."""
    for place, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in (*files, *links):
            path = (Path(place) / name).relative_to(folder).as_posix()
            if path != MANIFEST:
                yield path


def _difference(path: Path, file: ReleaseFile) -> str | None:
    if path.is_symlink() or not path.is_file():
        return "is not a regular file"
    if (size := path.stat().st_size) != file.bytes:
        return f"was changed: it has {size} bytes, the manifest says {file.bytes}"
    return None if sha256_file(path) == file.sha256 else "was changed: its SHA-256 is not that of the manifest"
