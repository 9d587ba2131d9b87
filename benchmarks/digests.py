"""Speed of proving rows: reading text rows from Parquet and making their digests anew, on one core.

python -m benchmarks.digests
"""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from assurai_datasets.formats.columns import modality_columns
from assurai_datasets.formats.digest import row_digest
from assurai_datasets.formats.parquet import group_rows, write_shards
from assurai_datasets.formats.table_digests import table_digests
from tests.text.prompts import distinct_prompts

ROWS, ROUNDS = 100_000, 3


def main() -> None:
    """Print rows a second by the clock and by the processor, the best of three rounds."""
    with TemporaryDirectory() as folder:
        (path,) = write_shards(Path(folder), "test", modality_columns("text", ()), group_rows(rows()), metadata={})
        costs = [prove(path) for _ in range(ROUNDS)]
    wall_s, processor_s = (min(column) for column in zip(*costs, strict=True))
    print(f"{ROWS:,} text rows: {ROWS / wall_s:,.0f} rows/s by the clock, {ROWS / processor_s:,.0f} by the processor")


def rows() -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield text rows of 35 risk factors, by risk factor."""
    for place, prompt in enumerate(distinct_prompts(ROWS)):
        number = 1 + place * 35 // ROWS
        row = {
            "id": f"r{number:02d}_t{place:06d}_pQO_001",
            "modality": "text",
            "risk_factor": f"Factor {number}",
            "risk_factor_id": number,
            "category": "A category",
            "prompt_type": "Q Only",
            "prompt": prompt,
            "stage": "crowd",
            "language": "ko",
            "license": "cc-by-4.0",
            "safety_score": 3 + place % 3 / 3,
            "n_annotations": 3,
            "agreement": 0.5,
        }
        yield number, 0, {**row, "digest": row_digest(row)}


def prove(path: Path) -> tuple[float, float]:
    """Return the seconds that proving all rows takes, by the clock and by the processor."""
    wall_s, processor_s = time.perf_counter(), time.process_time()
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            assert table["digest"].to_pylist() == list(table_digests(table))
    return time.perf_counter() - wall_s, time.process_time() - processor_s


if __name__ == "__main__":
    main()
