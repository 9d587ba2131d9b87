"""Parquet files written as the Hub's viewer, streaming and old clients need them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import load_dataset

from assurai_datasets.formats.features import Features, list_of, medium, value
from assurai_datasets.formats.parquet import GROUP_BYTES, group_rows, write_shards
from assurai_datasets.formats.parquet import Row as Written

COLUMNS: Features = {
    "id": value("string"),
    "number": value("int64"),
    "choices": list_of(value("string")),
    "turns": list_of({"role": value("string")}),
    "image": medium("Image"),
}


def rows(n: int, *, size: int = 0) -> Iterator[dict[str, Any]]:
    for i in range(n):
        block = hashlib.sha256(str(i).encode()).digest() * (size // 32)
        yield {"id": f"id-{i}", "number": i % 3, "image": {"bytes": block, "path": "a.png"} if size else None}


def write(folder: Path, groups: list[list[Written]], **options: Any) -> tuple[Path, ...]:
    return write_shards(folder, "test", COLUMNS, groups, metadata={"canary": "c"}, **options)


def test_each_group_is_a_row_group_and_an_empty_config_is_a_file_too(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "three", [list(rows(2)), list(rows(3)), list(rows(1))])
    found = pq.ParquetFile(path).metadata
    assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == [2, 3, 1]
    (empty,) = write(tmp_path / "none", [])
    assert (empty.name, pq.read_table(empty).num_rows) == ("test-00000-of-00001.parquet", 0)
    assert pq.read_schema(empty).names == list(COLUMNS)


def test_media_are_plain_and_uncompressed_and_the_rest_is_compressed_with_dictionaries(tmp_path: Path) -> None:
    (path,) = write(tmp_path, [list(rows(50, size=320))])
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    media = columns.pop("image.bytes")
    assert media.compression == "UNCOMPRESSED"
    assert not media.has_dictionary_page
    assert set(media.encodings) <= {"PLAIN", "RLE"}
    assert {column.compression for column in columns.values()} == {"SNAPPY"}
    assert columns["id"].has_dictionary_page


def test_a_page_index_is_written(tmp_path: Path) -> None:
    (path,) = write(tmp_path, [list(rows(50))])
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert all(group.column(i).has_column_index and group.column(i).has_offset_index for i in range(2))


def test_pages_are_cut_by_content_as_datasets_cuts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that storage which keeps equal chunks once (Xet) stores little when a few rows change."""
    asked: list[dict[str, Any]] = []
    writer = pq.ParquetWriter

    def kept(*arguments: Any, **options: Any) -> Any:
        asked.append(options)
        return writer(*arguments, **options)

    monkeypatch.setattr(pq, "ParquetWriter", kept)
    write(tmp_path, [list(rows(3))])
    assert asked[0]["use_content_defined_chunking"] == datasets.config.DEFAULT_CDC_OPTIONS


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    once, again = (write(tmp_path / name, [list(rows(20, size=64))])[0] for name in ("one", "two"))
    assert once.read_bytes() == again.read_bytes()


def test_a_new_file_begins_once_one_is_full(tmp_path: Path) -> None:
    paths = write(tmp_path, [list(rows(10, size=3200)) for _ in range(5)], shard_bytes=60_000)
    names = [path.name for path in paths]
    assert names == [f"test-{i:05d}-of-{len(paths):05d}.parquet" for i in range(len(paths))]
    assert len(paths) == 3
    assert sum(pq.read_metadata(path).num_rows for path in paths) == 50
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_datasets_reads_types_and_nulls_back(tmp_path: Path) -> None:
    kept = [
        {"id": "a", "number": None, "choices": None, "turns": None, "image": None},
        {"id": None, "number": 2, "choices": [], "turns": [{"role": None}], "image": {"bytes": None, "path": None}},
        {"id": "c", "number": 3, "choices": ["x", None], "turns": [], "image": None},
    ]
    (path,) = write(tmp_path, [kept])
    read = load_dataset("parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert isinstance(read.features["image"], datasets.Image)
    assert read.with_format("arrow")[:].drop_columns("image").to_pylist() == [
        {name: row[name] for name in ("id", "number", "choices", "turns")} for row in kept
    ]


def test_a_value_of_another_type_stops_the_writing(tmp_path: Path) -> None:
    with pytest.raises(pa.ArrowException):
        write(tmp_path, [[{"id": 5, "number": "many"}]])


def test_groups_end_with_the_key_the_rows_and_the_bytes() -> None:
    def keys(groups: Iterator[list[Written]]) -> list[str]:
        return ["".join(row["id"] for row in group) for group in groups]

    def given(*entries: tuple[int, int]) -> Iterator[tuple[int, int, Written]]:
        return ((key, size, {"id": "abcdefgh"[place]}) for place, (key, size) in enumerate(entries))

    assert keys(group_rows(given((1, 0), (1, 0), (2, 0), (3, 0)))) == ["ab", "c", "d"]
    assert keys(group_rows(given((1, 0), (1, 0), (1, 0)), max_rows=2)) == ["ab", "c"]
    half = GROUP_BYTES // 2 + 1
    assert keys(group_rows(given((1, half), (1, half), (1, 0)))) == ["a", "bc"]
    assert keys(group_rows(given((1, 3 * half), (1, 3 * half)))) == ["a", "b"]
    assert keys(group_rows(given())) == []


def test_groups_stay_below_what_readers_hold_in_memory() -> None:
    """The Hub's viewer refuses groups above 286 MB; ours hold one medium, or media of 32 MB together."""
    assert GROUP_BYTES <= 100_000_000
