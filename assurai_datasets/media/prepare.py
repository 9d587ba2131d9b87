"""Probing and cleaning in one reading of a file, and in worker processes."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import DataError
from assurai_datasets.execution import Outcome, run_in_workers
from assurai_datasets.media.containers import apply_edits, survey
from assurai_datasets.media.content import Content, read_content
from assurai_datasets.media.digest_content import digest_content
from assurai_datasets.media.file_formats import FORMATS
from assurai_datasets.media.findings import make_fault, merge_faults
from assurai_datasets.media.limits import LIMITS, MediaLimits
from assurai_datasets.media.probe import probe_content
from assurai_datasets.media.sniff import HEAD_BYTES, sniff
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.media import MediaFile, MediaKind

TIMEOUT_S = 120.0
MEMORY_BYTES = 3 << 29


class MediaTask(NamedTuple):
    """One file to look at.

    Attributes:
        path: Where the file is.
        expected: The modality it is delivered as.
        name: The name whose ending is held against the content; the default is that of the path.
        clean_to: Where to write the cleaned bytes, should there be anything to clean; None leaves the file as it is.
        fast: Read headers only.
    """

    path: Path
    expected: MediaKind | None = None
    name: str | None = None
    clean_to: Path | None = None
    fast: bool = False


class PreparedMedia(NamedTuple):
    """What a file is, and what became of it.

    Attributes:
        media_file: Facts and faults of the file as it was delivered.
        cleaned_sha256: Digest of the bytes written to `clean_to`; None where nothing was written.
        cleaned_bytes: How many there are.
    """

    media_file: MediaFile
    cleaned_sha256: str | None = None
    cleaned_bytes: int | None = None

    @property
    def removed(self) -> tuple[str, ...]:
        """Names of the private metadata that was removed."""
        return self.media_file.private if self.cleaned_sha256 is not None else ()


class CleanedMedia(NamedTuple):
    """A medium without private metadata: its bytes, and the names of what was removed, empty where nothing was."""

    content: bytes
    removed: tuple[str, ...]


def clean_media(source: Path | str | bytes, *, limits: MediaLimits = LIMITS) -> CleanedMedia:
    """Return a medium without private metadata, every pixel and sample as it was.

    Nothing is encoded again: segments and chunks are taken out or overwritten; the colour profile and the orientation
    stay. A file with nothing to remove comes back byte for byte, and the same file always gives the same bytes.

    Raises:
        DataError: The source is no medium of a supported format, or removing its metadata would change what it shows.
    """
    content = read_content(source, limits)
    if content.fault is not None:
        raise DataError(f"{_spell(source)}: {content.fault.message}")
    form = sniff(content.data[:HEAD_BYTES])
    if form is None or form.support == "unsupported":
        raise DataError(f"{_spell(source)} is of no supported media format; only those can be cleaned")
    found = survey(content.data, form.name)
    if not found.edits:
        return CleanedMedia(content.data, ())
    cleaned = apply_edits(content.data, found.edits)
    if not _same_content(content.data, cleaned, form.name):
        raise DataError(f"{_spell(source)}: its metadata ({', '.join(found.private)}) cannot be removed without damage")
    return CleanedMedia(cleaned, found.private)


def prepare_media(task: MediaTask, *, limits: MediaLimits = LIMITS) -> PreparedMedia:
    """Return what a file is, and write it without private metadata where the task asks for that and there is any."""
    content = read_content(task.path, limits)
    name = task.name if task.name is not None else task.path.name
    found = probe_content(content, expected=task.expected, name=name, fast=task.fast, limits=limits)
    if task.clean_to is None or found.is_refused or not found.private:
        return PreparedMedia(found)
    return _clean(content, found, task.clean_to)


def prepare_in_workers(
    tasks: Iterable[MediaTask],
    *,
    workers: int = 2,
    timeout_s: float = TIMEOUT_S,
    memory_bytes: int = MEMORY_BYTES,
    limits: MediaLimits = LIMITS,
) -> Iterator[PreparedMedia]:
    """Return what `prepare_media` does for each task, in order, decoded by worker processes that may die alone.

    A file on which a decoder crashes, hangs or eats too much memory gets the fault `media-decoder-failed`.
    """
    asked: list[MediaTask] = []

    def remembered() -> Iterator[MediaTask]:
        for task in tasks:
            asked.append(task)
            yield task

    outcomes = run_in_workers(
        partial(prepare_media, limits=limits),
        remembered(),
        workers=workers,
        timeout_s=timeout_s,
        memory_bytes=memory_bytes,
    )
    for outcome in outcomes:
        yield _prepared(asked.pop(0), outcome)


def _prepared(task: MediaTask, outcome: Outcome[PreparedMedia]) -> PreparedMedia:
    if outcome.value is not None:
        return outcome.value
    fault = make_fault(Code.MEDIA_DECODER_FAILED, f"decoding it failed: {outcome.message}")
    size = task.path.stat().st_size if task.path.is_file() else 0
    return PreparedMedia(MediaFile(bytes=size, kind=task.expected, faults=(fault,)))


def _clean(content: Content, found: MediaFile, target: Path) -> PreparedMedia:
    form = FORMATS[found.format or ""]
    cleaned = apply_edits(content.data, survey(content.data, form.name).edits)
    if not _same_content(content.data, cleaned, form.name):
        message = f"its metadata ({', '.join(found.private)}) cannot be removed without damage"
        faults = merge_faults((*found.faults, make_fault(Code.MEDIA_METADATA_IRREMOVABLE, message)))
        return PreparedMedia(found.model_copy(update={"faults": faults}))
    target.write_bytes(cleaned)
    return PreparedMedia(found, hashlib.sha256(cleaned).hexdigest(), len(cleaned))


def _same_content(before: bytes, after: bytes, format_name: str) -> bool:
    form = FORMATS[format_name]
    try:
        return digest_content(before, form) == digest_content(after, form)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  whatever a decoder raises, the cleaned file is not proved equal
        return False


def _spell(source: Path | str | bytes) -> str:
    return "the given bytes" if isinstance(source, bytes) else repr(str(source))
