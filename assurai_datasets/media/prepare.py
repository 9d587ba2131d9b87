"""Probing and cleaning in one reading of a file, and in worker processes."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from assurai_datasets.errors import DataError
from assurai_datasets.execution import run_in_workers
from assurai_datasets.media.containers import apply_edits, survey
from assurai_datasets.media.content import read_content
from assurai_datasets.media.digest_content import same_content
from assurai_datasets.media.findings import Findings, make_fault
from assurai_datasets.media.limits import LIMITS, MediaLimits
from assurai_datasets.media.probe import to_media_file
from assurai_datasets.media.signatures import sniff
from assurai_datasets.media.tasks import MediaTask, Parcel, Seen, carry_out, carry_out_parcel, pack_task, unpack_seen
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.media import MediaFile

TIMEOUT_S = 120.0
MEMORY_BYTES = 5 << 28
"""As much as the largest picture that is allowed takes in every decoder but that of WebP, which makes one copy more."""


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
    form = sniff(content.data)
    if form is None or form.support == "unsupported":
        raise DataError(f"{_spell(source)} is of no supported media format; only those can be cleaned")
    found = survey(content.data, form.name)
    if not found.edits:
        return CleanedMedia(content.data, ())
    cleaned = apply_edits(content.data, found.edits)
    if not same_content(content.data, cleaned, form):
        raise DataError(f"{_spell(source)}: its metadata ({', '.join(found.private)}) cannot be removed without damage")
    return CleanedMedia(cleaned, found.private)


def prepare_media(task: MediaTask, *, limits: MediaLimits = LIMITS) -> PreparedMedia:
    """Return what a file is, and write it without private metadata where the task asks for that and there is any.

    Raises:
        OSError: The cleaned file cannot be written.
    """
    return _prepared(carry_out(task, limits=limits))


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

    Raises:
        OSError: A cleaned file cannot be written.
    """
    asked: deque[MediaTask] = deque()

    def remembered() -> Iterator[Parcel]:
        for task in tasks:
            asked.append(task)
            yield pack_task(task)

    outcomes = run_in_workers(
        partial(carry_out_parcel, limits=limits),
        remembered(),
        workers=workers,
        timeout_s=timeout_s,
        memory_bytes=memory_bytes,
    )
    for outcome in outcomes:
        task = asked.popleft()
        yield _failed(task, outcome.message) if outcome.value is None else _prepared(unpack_seen(outcome.value))


def _prepared(seen: Seen) -> PreparedMedia:
    if seen.unwritten:
        raise OSError(f"a cleaned medium cannot be written to {seen.unwritten}")
    return PreparedMedia(to_media_file(seen.findings), seen.cleaned_sha256, seen.cleaned_bytes)


def _failed(task: MediaTask, message: str) -> PreparedMedia:
    fault = make_fault(Code.MEDIA_DECODER_FAILED, f"decoding it failed: {message}")
    path = Path(task.path)
    size = path.stat().st_size if path.is_file() else 0
    return PreparedMedia(to_media_file(Findings({"bytes": size, "kind": task.expected}, (fault,))))


def _spell(source: Path | str | bytes) -> str:
    return "the given bytes" if isinstance(source, bytes) else repr(str(source))
