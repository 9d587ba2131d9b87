"""Changing releases, as an accident or somebody with intent would."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.lib import ArrowException

from assurai_datasets.release import MANIFEST, read_manifest
from assurai_datasets.release.documents import write_documents
from assurai_datasets.release.manifest import list_files, manifest_json, with_files

Row = dict[str, Any]


def parquet(release: Path, config: str) -> Path:
    """Return the only data file of a config."""
    (path,) = (release / "data" / config).glob("*.parquet")
    return path


def name_of(release: Path, config: str) -> str:
    return parquet(release, config).relative_to(release).as_posix()


def change_rows(release: Path, config: str, change: Callable[[list[Row]], None], **options: Any) -> None:
    """Rewrite the rows of a config."""
    path = parquet(release, config)
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path, **options)


def reseal(release: Path, *, documents: bool = True, **changes: Any) -> None:
    """Make documents and manifest say what the files now hold, as somebody who knows how could."""
    manifest = with_files(read_manifest(release).model_copy(update=changes), list_files(release))
    with suppress(ArrowException, OSError, ValueError, KeyError):
        if documents:
            write_documents(release, manifest)
    (release / MANIFEST).write_bytes(manifest_json(with_files(manifest, list_files(release))))


def flip_bit(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))
