"""Verify: that a release is what its manifest says, and that the chain of its review events holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow.parquet as pq

from assurai_datasets.errors import DataError
from assurai_datasets.release import Problem, Verification, read_manifest, verify_release
from assurai_datasets.release.prove_rows import UNREADABLE
from assurai_datasets.review import chain_faults
from assurai_datasets.schema.record import CHECKED
from assurai_datasets.schema.release import Release
from assurai_datasets.schema.review import ReviewEvent

REVIEWS = "reviews"


class _Filed(NamedTuple):
    """A review event and the file of the release that holds it."""

    file: str
    event: ReviewEvent


def verify(release: str | Path) -> Verification:
    """Return everything that is wrong with a release: what `verify_release` finds, and broken links of its reviews.

    Links are looked at in files with no other problem.

    Raises:
        UsageError: The folder is no release.
    """
    folder = Path(release)
    found = verify_release(folder)
    try:
        links = tuple(_broken_links(folder, read_manifest(folder)))
    except DataError:
        return found  # the manifest cannot be read, and that is said already
    named = {problem.file for problem in found.problems}
    problems = (*found.problems, *(link for link in links if link.file not in named))
    return found._replace(problems=tuple(sorted(problems)))


def _broken_links(folder: Path, manifest: Release) -> Iterator[Problem]:
    """Yield the first link of each file that does not hold, or the first file whose events cannot be read."""
    filed: list[_Filed] = []
    for file in _files(manifest):
        try:
            filed += (_Filed(file, event) for event in _events(folder / file))
        except UNREADABLE:
            yield Problem(file, "holds a row that is no review event")
            return
    withdrawn = {entry.instance_id for entry in manifest.retractions}
    broken: dict[str, list[str]] = {}
    for position, fault in chain_faults((entry.event for entry in filed), shortened=withdrawn):
        broken.setdefault(filed[position].file, []).append(fault.message)
    for file, (first, *more) in broken.items():
        rest = f", the first of {len(more) + 1:,}" if more else ""
        yield Problem(file, f"the chain of review events does not hold: {first}{rest}")


def _files(manifest: Release) -> list[str]:
    config = manifest.configs.get(REVIEWS)
    return [file for split in config.splits.values() for file in split.files] if config else []


def _events(path: Path) -> Iterator[ReviewEvent]:
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches():
            yield from map(_event, batch.to_pylist())


def _event(row: dict[str, Any]) -> ReviewEvent:
    given = {name: value for name, value in row.items() if value is not None}
    if "changes" in given:
        given["changes"] = orjson.loads(given["changes"])
    return ReviewEvent.model_validate(given, context=CHECKED)
