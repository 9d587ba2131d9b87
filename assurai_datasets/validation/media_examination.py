"""One look at one medium, in a worker process."""

from pathlib import Path
from typing import Any, NamedTuple

from assurai_datasets.media import probe_media
from assurai_datasets.schema.media import MediaFile, MediaKind


class MediaTask(NamedTuple):
    """One medium to look at.

    Attributes:
        path: Where it lies.
        expected: The modality it must have; None where any will do.
        fast: Read only its header.
    """

    path: Path
    expected: MediaKind | None
    fast: bool


class Examination(NamedTuple):
    """What was learnt of one medium.

    Attributes:
        file: Facts and faults of the delivered file.
        sha256: Digest of the file as it is to be packed.
        cleaned_path: Where the cleaned file lies; None where the delivered one is packed as it is.
        removed: Private metadata that cleaning removed.
    """

    file: MediaFile
    sha256: str | None
    cleaned_path: str | None = None
    removed: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what the later stages need, as JSON values."""
        return {
            "sha256": self.sha256,
            "delivered_sha256": self.file.sha256,
            "modality": self.file.kind,
            "cleaned_path": self.cleaned_path,
            "removed": list(self.removed),
            "file": self.file.model_dump(mode="json", exclude_none=True, exclude={"faults"}),
        }


def examine(task: MediaTask) -> Examination:
    """Return what one medium is and what is wrong with it."""
    found = probe_media(task.path, expected=task.expected, fast=task.fast)
    return Examination(found, found.sha256)
