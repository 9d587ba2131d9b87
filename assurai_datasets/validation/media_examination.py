"""One look at one medium, in a worker process."""

from pathlib import Path
from typing import Any, NamedTuple

from assurai_datasets.files import sha256_file
from assurai_datasets.media.sniff import HEAD_BYTES, sniff
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.media import MediaFault


class MediaTask(NamedTuple):
    path: Path
    expected: str | None
    fast: bool
    spool: Path


class Examination(NamedTuple):
    delivered_sha256: str
    sha256: str
    modality: str | None
    faults: tuple[MediaFault, ...]
    removed: tuple[str, ...] = ()
    cleaned_path: str | None = None

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self._asdict().items() if name != "faults"}


def examine(task: MediaTask) -> Examination:
    with task.path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    digest = sha256_file(task.path)
    if found is None:
        fault = MediaFault(code=Code.MEDIA_UNREADABLE, message="is no medium", hint="deliver a medium")
        return Examination(digest, digest, None, (fault,))
    return Examination(digest, digest, found.kinds[0], ())
