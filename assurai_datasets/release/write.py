"""Writing a whole release into a folder: data files, card, changelog, licence, manifest."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.files import write_atomically
from assurai_datasets.formats.guidelines import write_guidelines
from assurai_datasets.formats.intake import Intake
from assurai_datasets.release import provenance
from assurai_datasets.release.changelog import CHANGELOG, summary, write_changelog
from assurai_datasets.release.diff import OnDisk, compare
from assurai_datasets.release.difference import Diff
from assurai_datasets.release.documents import write_documents
from assurai_datasets.release.manifest import (
    MANIFEST,
    canary_of,
    in_order,
    list_file,
    list_files,
    make_manifest,
    manifest_json,
    read_manifest,
    with_files,
)
from assurai_datasets.release.media_store import MediaStore
from assurai_datasets.release.pack import Contents, pack
from assurai_datasets.release.pseudonyms import pseudonyms
from assurai_datasets.release.verify import verify_files
from assurai_datasets.release.versions import check_step
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.release import Previous, Release


class Edition(NamedTuple):
    """What a release is called, what it was held to and what came before.

    Attributes:
        name: Name of the dataset; the canary follows from it.
        version: SemVer of the data.
        date: ISO date, or None where none is known.
        policy: The policy the content met.
        annotator_key: Key of the annotators' pseudonyms, or None to number them.
        previous: The release before, as `open_previous` gives it; None for the first.
        clean: Whether private metadata was removed from the media.
    """

    name: str
    version: str
    date: str | None
    policy: Policy
    annotator_key: bytes | None = None
    previous: OnDisk | None = None
    clean: bool = True


def write_release(intake: Intake, folder: Path, edition: Edition) -> Release:
    """Return the manifest of the release written into an empty folder from a checked intake.

    Instances that were withdrawn before stay out.

    Raises:
        UsageError: The version is too small for what changed since the release before.
    """
    if edition.previous is not None:
        for entry in edition.previous.manifest.retractions:
            intake.retract(entry.instance_id, entry.reason, entry.date)
    draft = _pack(intake, folder, edition)
    pa.default_memory_pool().release_unused()
    draft = with_files(draft, list_files(folder))
    written = (*write_documents(folder, draft), *write_guidelines(folder / "guidelines"))
    draft = with_files(draft, (*draft.files, *(list_file(folder, path) for path in written)))
    _write_changelog(OnDisk(folder, draft), edition.previous)
    manifest = with_files(draft, in_order((*draft.files, list_file(folder, folder / CHANGELOG))))
    write_atomically(folder / MANIFEST, manifest_json(manifest))
    return manifest


def open_previous(folder: str | Path, name: str, version: str) -> OnDisk:
    """Return the release before, whose files were checked.

    Args:
        folder: That release.
        name: Name of the dataset that is to be built.
        version: Its version.

    Raises:
        UsageError: It is no release, or one of another dataset, or of this version or a later one.
        DataError: It is damaged.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest.name != name:
        raise UsageError(f"the previous release {str(folder)!r} is one of {manifest.name!r}, not of {name!r}")
    check_step(manifest.version, version, "none", "the version of a release must grow")
    if damage := next(iter(verify_files(folder, manifest)), None):
        raise DataError(f"the previous release {str(folder)!r} is damaged: {damage.file} {damage.what}")
    return OnDisk(folder, manifest)


def _pack(intake: Intake, folder: Path, edition: Edition) -> Release:
    """Return a manifest without files after writing the data files."""
    metadata = {"name": edition.name, "canary": canary_of(edition.name)}
    contents = Contents(intake, MediaStore(intake), pseudonyms(intake, edition.annotator_key))
    previous = edition.previous.manifest if edition.previous else None
    return make_manifest(
        name=edition.name,
        version=edition.version,
        date=edition.date,
        canary=metadata["canary"],
        licenses=provenance.distinct(intake, "license"),
        languages=provenance.distinct(intake, "language"),
        policy=edition.policy,
        labels=provenance.labels(intake),
        configs=pack(contents, folder, metadata),
        files=(),
        sources=tuple(provenance.sources(intake)),
        previous=Previous(version=previous.version, digest=previous.digest) if previous else None,
        left_out=tuple(provenance.left_out(intake)),
        retractions=tuple(provenance.retractions(intake)),
        cleaned_media=tuple(provenance.cleaned_media(intake)),
        uncleaned_media=None if edition.clean else provenance.uncleaned_media(intake),
    )


def _write_changelog(release: OnDisk, previous: OnDisk | None) -> None:
    diff, earlier = None, None
    if previous is not None:
        diff, earlier = _checked_diff(previous, release), _text(previous.folder / CHANGELOG)
    text = write_changelog(release.manifest, diff, earlier)
    (release.folder / CHANGELOG).write_text(text, encoding="utf-8", newline="\n")


def _checked_diff(previous: OnDisk, release: OnDisk) -> Diff:
    diff = compare(previous, release)
    check_step(diff.old, diff.new, diff.step, summary(diff))
    return diff


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
