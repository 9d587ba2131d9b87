import datetime as dt
import decimal
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables import Row, TableFault, TableLimits, read_rows
from assurai_datasets.schema.codes import Code


def read(tmp_path: Path, table: pa.Table | bytes, **limits: int) -> list[Row | TableFault]:
    path = tmp_path / "t.parquet"
    path.write_bytes(table) if isinstance(table, bytes) else pq.write_table(table, path, row_group_size=1000)
    return list(read_rows(Folder(tmp_path), "t.parquet", limits=TableLimits(**limits)))


def test_nested_values_are_given_as_json_would_hold_them(tmp_path: Path) -> None:
    day = dt.date(2024, 3, 1)
    rows: list[dict[str, Any]] = [
        {"id": "가", "choices": ["a", "b"], "media": {"path": "x.png", "sha256": None}, "n": 3, "day": day},
        {"id": "나", "choices": None, "media": None, "n": None, "day": None},
    ]
    found = read(tmp_path, pa.Table.from_pylist(rows))
    assert [item.values for item in found if isinstance(item, Row)] == [
        {"id": "가", "choices": ["a", "b"], "media": {"path": "x.png"}, "n": 3, "day": "2024-03-01"},
        {"id": "나"},
    ]
    assert [(item.line, item.flat) for item in found if isinstance(item, Row)] == [(1, False), (2, False)]


def test_decimals_are_numbers_and_dictionaries_are_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "whole": pa.array([decimal.Decimal("3.00")]),
            "part": pa.array([decimal.Decimal("2.50")]),
            "word": pa.array(["x"]).dictionary_encode(),
        }
    )
    (row,) = read(tmp_path, table)
    assert isinstance(row, Row)
    assert json.dumps(row.values) == '{"whole": 3, "part": 2.5, "word": "x"}'


def test_a_number_that_is_none_costs_only_its_row(tmp_path: Path) -> None:
    found = read(tmp_path, pa.table({"n": [1.0, float("nan"), float("inf"), 2.0]}))
    kinds = [item.values["n"] if isinstance(item, Row) else item.code for item in found]
    assert kinds == [1.0, Code.DELIVERY_NUMBER_NOT_FINITE, Code.DELIVERY_NUMBER_NOT_FINITE, 2.0]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"id,n\n"])
def test_what_is_no_parquet_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (fault,) = read(tmp_path, content)
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_FILE_UNREADABLE


def test_a_damaged_file_gives_a_fault_and_no_crash(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [f"row {n}" for n in range(500)], "n": range(500)}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for at in range(4, len(whole), 211):
        damaged = whole[:at] + bytes(byte ^ 0x5A for byte in whole[at : at + 20]) + whole[at + 20 :]
        assert all(isinstance(item, Row | TableFault) for item in read(tmp_path, damaged))


def test_a_row_group_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, pa.table({"n": range(1000)}), unpacked_bytes=1000)
    assert isinstance(fault, TableFault)
    assert fault.code == Code.DELIVERY_LIMIT_EXCEEDED


READER = """
import sys
from pathlib import Path
from assurai_datasets.files.folder import Folder
from assurai_datasets.formats.tables import read_rows
for row in read_rows(Folder(Path(sys.argv[1])), "t.parquet"):
    pass
status = Path("/proc/self/status").read_text(encoding="ascii")
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024, row.line)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak memory that Linux tells")
def test_a_long_text_repeated_in_every_row_is_held_once(tmp_path: Path) -> None:
    """2,000 rows of twice 300 kB: 1.2 GB if every row were unpacked, a few kB in the file."""
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["가" * 100_000]))
    nested = pa.StructArray.from_arrays([words], names=["text"])
    pq.write_table(pa.table({"word": words, "nested": nested}), tmp_path / "t.parquet")
    done = subprocess.run([sys.executable, "-c", READER, tmp_path], capture_output=True, text=True, check=True)
    used_mib, rows = map(int, done.stdout.split())
    assert rows == 2000
    assert used_mib < 400
