"""The digests of many rows at once, from Arrow tables."""

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from assurai_datasets.formats.digest import NOT_DIGESTED, without_nulls
from assurai_datasets.formats.features import leaves


def table_digests(table: pa.Table) -> Iterator[str]:
    """Yield the digest of each row, as `formats.digest.row_digest` gives it; columns of media do not enter.

    It goes by columns and passes over those without values, which is several times as fast as one row at a time.
    """
    for row in _rows(table):
        yield hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()


def holds_media(kind: pa.DataType) -> bool:
    """Return whether a column has the bytes of media in it."""
    return any(media for _, media in leaves(kind, ""))


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the fields of each row that are digested and not null."""
    full: dict[str, list[Any]] = {}
    sparse: dict[str, list[Any]] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name not in NOT_DIGESTED and column.null_count < len(column) and not holds_media(column.type):
            (sparse if column.null_count else full)[name] = _values(column)
    names = list(full)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*full.values(), strict=True)]
    rows = rows if full else [{} for _ in range(table.num_rows)]
    for name, values in sparse.items():
        for row, value in zip(rows, values, strict=True):
            if value is not None:
                row[name] = value
    return rows


def _values(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [without_nulls(value) for value in values] if pa.types.is_nested(column.type) else values
