"""The files of a split as `datasets` takes them: exact, without patterns, told apart by content."""

from pathlib import Path

from datasets.data_files import DataFilesList

from assurai_datasets.loading.opened import OpenedRelease
from assurai_datasets.schema.release import Split


def find_data_files(opened: OpenedRelease, split: Split) -> DataFilesList:
    """Return the files of a split: those that are here by path, others by their address on the Hub.

    Each comes with what tells one content of it from another, so that no cache answers with older rows.

    Raises:
        DataError: A folder lacks a file its manifest names.
    """
    if opened.address.repo is None:
        opened.fetch(split.files)
    locations = [str(opened.folder / path) if opened.has((path,)) else opened.url(path) for path in split.files]
    return DataFilesList(locations, [_origin(opened, path) for path in split.files])


def _origin(opened: OpenedRelease, path: str) -> tuple[str, ...]:
    if opened.address.repo is not None:
        return opened.address.repo, str(opened.commit), path
    return path, *_stamp(opened.folder / path)


def _stamp(path: Path) -> tuple[str, ...]:
    facts = path.stat()
    return str(facts.st_size), str(facts.st_mtime_ns), str(facts.st_ctime_ns)
