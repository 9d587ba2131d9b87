"""Parquet: rows with nested values, read a batch at a time, with text kept once however often it is repeated."""

import math
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits, depth_of
from assurai_datasets.schema.codes import Code

BATCH_ROWS = 1024
GROUP_VALUES = 50_000_000


def read_parquet(path: Path, file: str, limits: TableLimits) -> Iterator[Row | TableFault]:
    """Yield the rows of a Parquet file; a field without a value is left out, on every level."""
    try:
        table = _open(path)
        if fault := _fault_of_size(table.metadata, file, limits):
            yield fault
            return
        line = 0
        for batch in table.iter_batches(batch_size=BATCH_ROWS):
            for values in _rows_of(batch):
                line += 1
                yield _row(values, file, line, limits)
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError, ValueError) as error:
        message = f"it is no sound Parquet file ({str(error)[:120]})"
        yield TableFault(Code.DELIVERY_FILE_UNREADABLE, file, None, message, "write the file again")


def _open(path: Path) -> pq.ParquetFile:
    """Return the file opened so that repeated text stays a reference until its row is asked for."""
    schema = pq.ParquetFile(path).schema
    leaves = [schema.column(index) for index in range(len(schema))]
    texts = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    return pq.ParquetFile(path, read_dictionary=texts)


def _fault_of_size(metadata: Any, file: str, limits: TableLimits) -> TableFault | None:
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        values = max((group.column(index).num_values for index in range(group.num_columns)), default=0)
        if group.total_byte_size > limits.unpacked_bytes or values > GROUP_VALUES:
            message = (
                f"row group {number} would unpack to {group.total_byte_size:,} bytes and {values:,} values a column"
            )
            hint = "write the file with smaller row groups"
            return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, None, message, hint)
    return None


def _rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    columns = [batch.column(index) for index in range(batch.num_columns)]
    for row in range(batch.num_rows):
        yield {name: column[row].as_py() for name, column in zip(names, columns, strict=True)}


def _row(values: dict[str, Any], file: str, line: int, limits: TableLimits) -> Row | TableFault:
    if depth_of(values, limits.depth) > limits.depth:
        message = f"the row is nested deeper than {limits.depth} levels"
        return TableFault(Code.DELIVERY_LIMIT_EXCEEDED, file, line, message, "give the row as one flat object")
    try:
        return Row(file, line, {name: plain for name, value in values.items() if (plain := _plain(value)) is not None})
    except _NotFiniteError as error:
        message = f"{error} is no number that a table can hold"
        hint = "leave the field without a value"
        return TableFault(Code.DELIVERY_NUMBER_NOT_FINITE, file, line, message, hint)


class _NotFiniteError(Exception):
    """A number that is none."""


def _plain(value: Any) -> Any:
    """Return a value as JSON would hold it: no dates, no decimals, no empty fields in objects."""
    if isinstance(value, dict):
        return {name: plain for name, item in value.items() if (plain := _plain(item)) is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise _NotFiniteError(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value
