"""What a worker process does with a file: look at it and clean it, in one reading."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assurai_datasets.media.containers import apply_edits, survey
from assurai_datasets.media.content import Content, read_content
from assurai_datasets.media.digest_content import same_content
from assurai_datasets.media.file_formats import FORMATS
from assurai_datasets.media.findings import Fault, Findings, make_fault, merge_faults
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.media.look import look_at
from assurai_datasets.schema.codes import Code

if TYPE_CHECKING:
    from assurai_datasets.schema.media import MediaKind


class MediaTask(NamedTuple):
    """One file to look at.

    Attributes:
        path: Where the file is.
        expected: The modality it is delivered as.
        name: The name whose ending is held against the content; the default is that of the path.
        clean_to: Where to write the cleaned bytes, should there be anything to clean; None leaves the file as it is.
        fast: Read headers only.
    """

    path: Path | str
    expected: "MediaKind | None" = None
    name: str | None = None
    clean_to: Path | str | None = None
    fast: bool = False

    @property
    def claim(self) -> str:
        """The name to hold against the content."""
        return Path(self.path).name if self.name is None else self.name


class Seen(NamedTuple):
    """What was found, and the digest and size of the cleaned bytes, where any were written, or why they were not."""

    findings: Findings
    cleaned_sha256: str | None = None
    cleaned_bytes: int | None = None
    unwritten: str = ""


Parcel = tuple[Any, ...]
"""A task or what was seen, as plain values: thousands of them are pickled, and other objects cost ten times more."""


def pack_task(task: MediaTask) -> Parcel:
    """Return a task as plain values."""
    target = None if task.clean_to is None else str(task.clean_to)
    return str(task.path), task.expected, task.claim, target, task.fast


def carry_out_parcel(parcel: Parcel, *, limits: MediaLimits) -> Parcel:
    """Return what `carry_out` does, of and as plain values."""
    (facts, faults), *cleaned = carry_out(MediaTask(*parcel), limits=limits)
    return facts, [(fault.code.value, fault.message, fault.hint) for fault in faults], *cleaned


def unpack_seen(parcel: Parcel) -> Seen:
    """Return what was seen from plain values."""
    facts, faults, *cleaned = parcel
    return Seen(Findings(facts, tuple(Fault(Code(code), message, hint) for code, message, hint in faults)), *cleaned)


def carry_out(task: MediaTask, *, limits: MediaLimits) -> Seen:
    """Return what a file is, and whether its private metadata can be removed; write it without, if the task says where.

    Where nothing is to be written, only the proof that it could be is made, and none with `fast`.
    """
    content = read_content(task.path, limits)
    found = look_at(content, expected=task.expected, name=task.claim, fast=task.fast, limits=limits)
    looked_only = task.fast and task.clean_to is None
    if looked_only or found.is_refused or not found.facts["private"]:
        return Seen(found)
    return _clean(content, found, task.clean_to)


def _clean(content: Content, found: Findings, target: Path | str | None) -> Seen:
    """Take the private metadata out, prove that nothing else changed, and write the result where there is a target."""
    form = FORMATS[found.facts["format"]]
    cleaned = apply_edits(content.data, survey(content.data, form.name).edits)
    if not same_content(content.data, cleaned, form):
        message = f"its metadata ({', '.join(found.facts['private'])}) cannot be removed without damage"
        faults = merge_faults((*found.faults, make_fault(Code.MEDIA_METADATA_IRREMOVABLE, message)))
        return Seen(Findings(found.facts, faults))
    if target is None:
        return Seen(found)
    try:
        Path(target).write_bytes(cleaned)
    except OSError as error:  # the fault of this machine and not of the file
        return Seen(found, unwritten=f"{str(target)!r}: {error.strerror or error}")
    return Seen(found, hashlib.sha256(cleaned).hexdigest(), len(cleaned))
