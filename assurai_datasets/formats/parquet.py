"""Parquet files that `datasets` reads back typed, written row group by row group in bounded memory.

The settings are those of the writer in datasets 5.2: page index, content-defined chunking, media uncompressed and
plain, everything else snappy with dictionaries.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assurai_datasets.formats.features import Features, arrow_schema, leaves

SHARD_BYTES = 500_000_000
GROUP_BYTES = 32_000_000
GROUP_ROWS = 10_000
CHUNKING = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}
Row = Mapping[str, Any]


class _Shard:
    """One Parquet file being written under a provisional name."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        paths = [leaf for field in schema for leaf in leaves(field.type, field.name)]
        plain = [path for path, media in paths if media]
        self.path = path
        self.bytes = 0
        self._schema = schema
        self._writer = pq.ParquetWriter(
            path,
            schema,
            store_schema=True,
            write_page_index=True,
            use_content_defined_chunking=CHUNKING,
            use_dictionary=[path for path, media in paths if not media],
            column_encoding=dict.fromkeys(plain, "PLAIN"),
            compression={path: "none" if media else "snappy" for path, media in paths},
        )

    def write(self, rows: list[Row]) -> None:
        """Write rows as one row group."""
        table = pa.Table.from_pylist(rows, schema=self._schema)
        self._writer.write_table(table, row_group_size=max(1, len(rows)))
        self.bytes += table.nbytes

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


def write_shards(
    folder: Path,
    split: str,
    features: Features,
    groups: Iterable[list[Row]],
    *,
    metadata: Mapping[str, Any],
    shard_bytes: int = SHARD_BYTES,
) -> tuple[Path, ...]:
    """Return the files `<split>-00000-of-0000N.parquet` that hold the rows, at least one even where there are none.

    Args:
        folder: Made if it does not exist.
        split: Name of the split.
        features: Feature by column name.
        groups: Rows by row group; each group is held in memory alone.
        metadata: Facts kept in each file under the key `assurai`.
        shard_bytes: A new file begins once one has this many bytes before compression.
    """
    folder.mkdir(parents=True, exist_ok=True)
    schema = arrow_schema(features, metadata)
    shards = [_Shard(folder / f"{split}-00000.part", schema)]
    for rows in groups:
        if shards[-1].bytes >= shard_bytes:
            shards[-1].close()
            shards.append(_Shard(folder / f"{split}-{len(shards):05d}.part", schema))
        shards[-1].write(rows)
    shards[-1].close()
    n = len(shards)
    return tuple(s.path.rename(folder / f"{split}-{i:05d}-of-{n:05d}.parquet") for i, s in enumerate(shards))


def group_rows(rows: Iterable[tuple[Any, int, Row]], *, max_rows: int = GROUP_ROWS) -> Iterator[list[Row]]:
    """Yield rows in row groups: a new one for each new key, and after `max_rows` rows or 32 MB of media.

    Args:
        rows: Key (rows of one key stand together), bytes of media in the row, row.
        max_rows: Most rows in one group.
    """
    group: list[Row] = []
    size, current = 0, None
    for key, media_bytes, row in rows:
        if group and (key != current or len(group) >= max_rows or size + media_bytes > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(row)
        size, current = size + media_bytes, key
    if group:
        yield group
