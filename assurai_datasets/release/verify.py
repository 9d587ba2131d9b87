"""Proving that a release is what its manifest says."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from assurai_datasets.errors import DataError
from assurai_datasets.files import sha256_file
from assurai_datasets.release.manifest import MANIFEST, manifest_digest, manifest_text, read_manifest
from assurai_datasets.release.problem import Problem
from assurai_datasets.release.prove_consensus import prove_consensus
from assurai_datasets.release.prove_documents import prove_documents
from assurai_datasets.release.prove_rows import prove_rows, splits
from assurai_datasets.schema.release import LAYOUT_VERSION, Release, ReleaseFile
from assurai_datasets.taxonomy import load_taxonomy

MISSING = "is missing"
IRREGULAR = "is not a regular file"


class Verification(NamedTuple):
    """What verifying a release found.

    Attributes:
        problems: What is wrong, by file; none means the release is what its manifest says.
        notes: What could not be told, and why.
    """

    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai verify --json` prints."""
        problems = [problem._asdict() for problem in self.problems]
        return {"ok": self.ok, "problems": problems, "notes": list(self.notes)}


def verify_release(folder: str | Path) -> Verification:
    """Return everything that is wrong with a release.

    That is every file that is missing, changed or not listed, the manifest included; in each file the first row whose
    digest, media or scores do not hold; and in each document the lines that do not say what the data say.

    Raises:
        UsageError: The folder is no release.
    """
    folder = Path(folder)
    try:
        manifest = read_manifest(folder)
    except DataError as error:
        return Verification((Problem(MANIFEST, str(error)),))
    problems = {*_manifest_problems(folder, manifest), *verify_files(folder, manifest)}
    absent = {problem.file for problem in problems if problem.what in (MISSING, IRREGULAR)}
    if not set(_unlisted(manifest)) and absent.isdisjoint(_data_files(manifest)):
        changed = {problem.file for problem in problems} - absent
        problems |= {*prove_rows(folder, manifest), *prove_consensus(folder, manifest)}
        problems |= set(prove_documents(folder, manifest, changed=changed, absent=absent))
    return Verification(tuple(sorted(problems)), tuple(_notes(manifest)))


def _notes(manifest: Release) -> Iterator[str]:
    known = {"layout": (manifest.layout_version, LAYOUT_VERSION)}
    known["taxonomy"] = (manifest.taxonomy_version, load_taxonomy().version)
    for what, (found, ours) in known.items():
        if found != ours:
            told = "their numbers were not recomputed"
            yield f"the documents are of {what} {found}, this version knows {what} {ours}: {told}"


def _manifest_problems(folder: Path, manifest: Release) -> Iterator[Problem]:
    written = (folder / MANIFEST).read_bytes()
    content = orjson.loads(written)
    if content["digest"] != manifest_digest(content):
        yield Problem(MANIFEST, "was changed: its digest is not that of its content")
    elif written != manifest_text(content):
        yield Problem(MANIFEST, "was changed: it is not written as manifests are")
    for config, file in _unlisted(manifest):
        yield Problem(MANIFEST, f"config {config!r} names the file {file!r}, which it does not list")


def _unlisted(manifest: Release) -> Iterator[tuple[str, str]]:
    """Yield config and name of the data files that the manifest does not list."""
    listed = {file.path for file in manifest.files}
    for config, split in splits(manifest):
        yield from ((config, file) for file in split.files if file not in listed)


def _data_files(manifest: Release) -> Iterator[str]:
    for _, split in splits(manifest):
        yield from split.files


def verify_files(folder: Path, manifest: Release) -> Iterator[Problem]:
    """Yield the files of a release that are missing, changed or not listed; the manifest is taken to be right."""
    listed = {file.path: file for file in manifest.files}
    present = set(_present(folder))
    for path in sorted(present - listed.keys()):
        yield Problem(path, "is not listed in the manifest, so it is not part of the release")
    for path, file in listed.items():
        if path not in present:
            yield Problem(path, MISSING)
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
        return IRREGULAR
    if (size := path.stat().st_size) != file.bytes:
        return f"was changed: it has {size} bytes, the manifest says {file.bytes}"
    return None if sha256_file(path) == file.sha256 else "was changed: its SHA-256 is not that of the manifest"
