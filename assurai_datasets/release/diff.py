"""Comparing two releases row by row and field by field."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assurai_datasets.errors import DataError
from assurai_datasets.formats.digest import canonical_json, without_nulls
from assurai_datasets.formats.table_digests import table_digests
from assurai_datasets.release.card import CARD_FILE, prose_of
from assurai_datasets.release.difference import ANNOTATIONS, Diff, FieldChange
from assurai_datasets.release.manifest import MANIFEST, read_manifest
from assurai_datasets.release.prove_rows import INDEX, UNREADABLE, splits
from assurai_datasets.schema.release import Release
from assurai_datasets.schema.vocabulary import MODALITIES

DERIVED = frozenset({"digest", "risk_factor_id"})
"""Columns that follow from others."""
RENEWED = frozenset({MANIFEST, CARD_FILE, "CHANGELOG.md", "croissant.json"})
"""Files that say the version, and so differ in every release."""
_FACTS = ("licenses", "languages", "policy", "schema_version", "taxonomy_version", "labels")
_ALL_BITS = (1 << 256) - 1


class OnDisk(NamedTuple):
    """A release on disk and its manifest, which need not be written yet."""

    folder: Path
    manifest: Release


def diff_releases(old: str | Path, new: str | Path) -> Diff:
    """Return what changed from one release to another; both are taken to be verified.

    Raises:
        UsageError: One of them is no release.
        DataError: A file of one of them cannot be read.
    """
    return compare(*(OnDisk(Path(folder), read_manifest(Path(folder))) for folder in (old, new)))


def compare(old: OnDisk, new: OnDisk) -> Diff:
    """Return what changed from one release to another.

    Raises:
        DataError: A file of one of them cannot be read.
    """
    before, after = (dict(_digests(side)) for side in (old, new))
    shared = before.keys() & after.keys()
    changed = {i for i in shared if before[i] != after[i]}
    if root_of(old, ANNOTATIONS) != root_of(new, ANNOTATIONS):
        judged = [_judgements(side) for side in (old, new)]
        changed |= {i for i in shared if judged[0].get(i) != judged[1].get(i)}
    removed = tuple(sorted(before.keys() - shared))
    withdrawn = {entry.instance_id for entry in new.manifest.retractions}
    return Diff(
        old=old.manifest.version,
        new=new.manifest.version,
        shared=len(shared),
        added=tuple(sorted(after.keys() - shared)),
        removed=removed,
        changed=_fields(old, new, changed),
        retracted=tuple(i for i in removed if i in withdrawn),
        side_tables=tuple(_side_tables(old, new)),
        packaging=tuple(_packaging(old, new)),
    )


def root_of(release: OnDisk, config: str) -> str | None:
    """Return the digest of all rows of a config; None where there is no such config."""
    return next((split.digest for name, split in splits(release.manifest) if name == config), None)


def _digests(release: OnDisk) -> Iterator[tuple[str, str]]:
    for table in _tables(release, INDEX):
        yield from zip(table["id"].to_pylist(), table_digests(table), strict=True)


def _judgements(release: OnDisk) -> dict[str, int]:
    """Return one number for the annotations of each instance: the same for the same rows, whatever their order."""
    sums: dict[str, int] = {}
    for table in _tables(release, ANNOTATIONS):
        for instance_id, digest in zip(table["instance_id"].to_pylist(), table_digests(table), strict=True):
            sums[instance_id] = (sums.get(instance_id, 0) + int(digest, 16)) & _ALL_BITS
    return sums


def _fields(old: OnDisk, new: OnDisk, ids: Collection[str]) -> dict[str, dict[str, FieldChange]]:
    rows = [{row["id"]: row for row in _rows(side, INDEX, "id", ids)} for side in (old, new)]
    judged = [_annotations(side, ids) for side in (old, new)]
    found: dict[str, dict[str, FieldChange]] = {}
    for instance_id in sorted(ids):
        found[instance_id] = dict(_changes(rows[0][instance_id], rows[1][instance_id]))
        one, other = (side.get(instance_id, Counter()) for side in judged)
        if one != other:
            found[instance_id][ANNOTATIONS] = FieldChange(_only(one, other), _only(other, one))
    return found


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, FieldChange]]:
    derived = DERIVED | ({"category"} if old.get("risk_factor") != new.get("risk_factor") else set())
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in derived and old.get(name) != new.get(name):
            yield name, FieldChange(old.get(name), new.get(name))


def _annotations(release: OnDisk, ids: Collection[str]) -> dict[str, Counter[bytes]]:
    found: dict[str, Counter[bytes]] = {}
    for row in _rows(release, ANNOTATIONS, "instance_id", ids):
        said = {name: value for name, value in row.items() if name not in ("annotator", "instance_id")}
        found.setdefault(row["instance_id"], Counter())[canonical_json(said)] += 1
    return found


def _only(one: Counter[bytes], other: Counter[bytes]) -> list[dict[str, Any]] | None:
    return [orjson.loads(row) for row in sorted((one - other).elements())] or None


def _rows(release: OnDisk, config: str, column: str, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of some instances, without nulls."""
    wanted = pa.array(sorted(ids), pa.string())
    for table in _tables(release, config) if ids else ():
        for row in table.filter(pc.is_in(table[column], wanted)).to_pylist():
            yield without_nulls(row)


def _tables(release: OnDisk, config: str) -> Iterator[pa.Table]:
    for name, split in splits(release.manifest):
        for file in split.files if name == config else ():
            try:
                with pq.ParquetFile(release.folder / file) as parquet:
                    for group in range(parquet.num_row_groups):
                        yield parquet.read_row_group(group)
            except UNREADABLE as error:
                raise DataError(f"cannot read {file!r} of {str(release.folder)!r}; see assurai verify") from error


def _side_tables(old: OnDisk, new: OnDisk) -> Iterator[str]:
    for name in sorted({*old.manifest.configs, *new.manifest.configs} - {*MODALITIES, INDEX, ANNOTATIONS}):
        if root_of(old, name) != root_of(new, name):
            yield name


def _packaging(old: OnDisk, new: OnDisk) -> Iterator[str]:
    """Yield the files that differ, but for those whose rows do."""
    files = [{file.path: file.sha256 for file in side.manifest.files} for side in (old, new)]
    told = {
        file
        for side in (old, new)
        for name, split in splits(side.manifest)
        for file in split.files
        if root_of(old, name) != root_of(new, name)
    }
    for path in sorted({*files[0], *files[1]} - RENEWED - told):
        if files[0].get(path) != files[1].get(path):
            yield path
    if any(getattr(old.manifest, name) != getattr(new.manifest, name) for name in _FACTS):
        yield MANIFEST
    if len({_prose(side) for side in (old, new)}) > 1:
        yield CARD_FILE


def _prose(release: OnDisk) -> str:
    path = release.folder / CARD_FILE
    return prose_of(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else ""
