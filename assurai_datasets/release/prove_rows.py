"""Proving the rows of a release from its Parquet files: each row's digest, each medium's bytes, each config's root."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from assurai_datasets.files import sha256_bytes
from assurai_datasets.formats.digest import DigestFold
from assurai_datasets.formats.features import read_features
from assurai_datasets.formats.table_digests import holds_media, table_digests
from assurai_datasets.release.problem import Problem
from assurai_datasets.schema.release import Release, Split
from assurai_datasets.schema.vocabulary import MODALITIES

UNREADABLE = (pa.ArrowException, OSError, ValueError, LookupError, TypeError)
"""What reading a broken Parquet file, or one of other columns, may raise."""
INDEX = "index"
MEDIA_ROWS = 16
ORDER = (*MODALITIES, INDEX, "annotations", "reviews", "taxonomy")


class _Tally(NamedTuple):
    """The problems of one kind in one file: the first, and how many there are."""

    first: str
    number: int = 1

    def __str__(self) -> str:
        return self.first if self.number == 1 else f"{self.first}, the first of {self.number:,}"


def prove_rows(folder: Path, manifest: Release) -> Iterator[Problem]:
    """Yield what the rows of a release prove wrong: the first row of each file and kind, and configs as a whole.

    Args:
        folder: The release.
        manifest: Its manifest; the files its configs name are all there.
    """
    together = DigestFold()
    broken = False
    for name, split in splits(manifest):
        fold = DigestFold()
        yield from _prove_files(folder, split, [fold, together] if name in MODALITIES else [fold])
        for problem in _prove_root(name, split, fold):
            broken = True
            yield problem
    index = dict(splits(manifest)).get(INDEX)
    if index is not None and (broken or together.digest() != index.digest):
        yield from _compare_with_index(folder, manifest)


def splits(manifest: Release) -> Iterator[tuple[str, Split]]:
    """Yield the name of each config with each of its splits, the modalities first."""
    for name in sorted(manifest.configs, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        for split in manifest.configs[name].splits.values():
            yield name, split


def _prove_files(folder: Path, split: Split, folds: list[DigestFold]) -> Iterator[Problem]:
    for file in split.files:
        found: dict[str, _Tally] = {}
        try:
            for kind, what in _prove_file(folder / file, folds):
                found[kind] = found[kind]._replace(number=found[kind].number + 1) if kind in found else _Tally(what)
        except UNREADABLE as error:
            found["unreadable"] = _Tally(f"cannot be read as Parquet: {_one_line(error)}")
        yield from (Problem(file, str(tally)) for tally in found.values())


def _prove_root(name: str, split: Split, fold: DigestFold) -> Iterator[Problem]:
    if fold.count != split.rows:
        what = f"has {fold.count:,} rows that can be read, the manifest says {split.rows:,}"
        yield Problem(split.files[0], f"config {name!r} {what}")
    elif fold.digest() != split.digest:
        yield Problem(split.files[0], f"the rows of config {name!r} do not give the digest of the manifest")


def _prove_file(path: Path, folds: list[DigestFold]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each problem; the digest of every row is added to the folds."""
    try:
        read_features(pq.read_schema(path))
    except ValueError as error:
        yield "features", str(error)
    for table in _groups(path):
        digests = list(table_digests(table))
        for fold in folds:
            fold.extend(digests)
        if {"id", "digest"} <= set(table.column_names):
            yield from _prove_digests(table, digests)
        if any(holds_media(kind) for kind in table.schema.types):
            yield from _prove_media(table)


def _groups(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)


def _prove_digests(table: pa.Table, digests: list[str]) -> Iterator[tuple[str, str]]:
    kept = table["digest"].to_pylist()
    if kept != digests:
        for instance_id, old, new in zip(table["id"].to_pylist(), kept, digests, strict=True):
            if old != new:
                yield "digest", f"row {instance_id!r}: its fields do not give its digest"


def _prove_media(table: pa.Table) -> Iterator[tuple[str, str]]:
    names = [name for name, kind in zip(table.column_names, table.schema.types, strict=True) if holds_media(kind)]
    read = [name for name in ("id", "media", "responses", *names) if name in table.column_names]
    for batch in table.select(read).to_batches(max_chunksize=MEDIA_ROWS):
        for row in batch.to_pylist():
            for field, said, data in (*_input_medium(row, names), *_response_media(row, names)):
                if said is None or data is None or sha256_bytes(data) != said:
                    yield "media", f"row {row['id']!r}: the bytes of {field} do not give its digest"


def _input_medium(row: dict[str, Any], names: list[str]) -> Iterator[tuple[str, str | None, bytes | None]]:
    """Yield field, digest and bytes of the input medium, if a row names or holds one."""
    for name in names:
        if name in MODALITIES and (row["media"] or row[name]):
            yield name, (row["media"] or {}).get("sha256"), (row[name] or {}).get("bytes")


def _response_media(row: dict[str, Any], names: list[str]) -> Iterator[tuple[str, str | None, bytes | None]]:
    """Yield field, digest and bytes of each response's medium that a row names or holds."""
    columns = [row[name] or [] for name in names if name not in MODALITIES]
    responses = row.get("responses") or []
    for position in range(max(len(responses), *map(len, columns), 0)):
        media = [column[position] for column in columns if position < len(column) and column[position]]
        response = responses[position] if position < len(responses) else {}
        said = (response.get("media") or {}).get("sha256")
        if said or media:
            yield f"responses.{position}.media", said, media[0]["bytes"] if len(media) == 1 else None


def _compare_with_index(folder: Path, manifest: Release) -> Iterator[Problem]:
    """Yield the first row in which a config and the index differ."""
    try:
        index = dict(_digest_by_id(folder, manifest, (INDEX,)))
        for instance_id, digest in _digest_by_id(folder, manifest, MODALITIES):
            if index.pop(instance_id, None) != digest:
                found = f"row {instance_id!r}: it differs between the index and the config of its modality"
                yield Problem(_files(manifest, (INDEX,))[0], found)
                return
        if index:
            found = f"row {next(iter(index))!r}: it is in the index and in no modality"
            yield Problem(_files(manifest, (INDEX,))[0], found)
    except UNREADABLE:
        return  # the unreadable file is named already


def _digest_by_id(folder: Path, manifest: Release, configs: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for file in _files(manifest, configs):
        for table in _groups(folder / file):
            yield from zip(table["id"].to_pylist(), table_digests(table), strict=True)


def _files(manifest: Release, configs: tuple[str, ...]) -> list[str]:
    return [file for name, split in splits(manifest) if name in configs for file in split.files]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
