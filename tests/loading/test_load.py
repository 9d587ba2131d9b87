"""`load`: conditions in every spelling, pushed down, and never another version or stale rows."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from datasets import Dataset, IterableDataset, load_dataset

from assurai_datasets.errors import DataError, UnknownNameError, UsageError
from assurai_datasets.loading import load


def rows_where(release: Path, config: str, **wanted: Any) -> list[str]:
    rows = pq.read_table(release / "data" / config).to_pylist()
    return [row["id"] for row in rows if all(row[name] in values for name, values in wanted.items())]


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ({"risk_factor": 9}, {"risk_factor_id": [9]}),
        ({"risk_factor": ["r04", "R9", "10"]}, {"risk_factor_id": [4, 9, 10]}),
        ({"risk_factor": {"hate speech"}}, {"risk_factor": ["Hate Speech"]}),
        ({"risk_factor": "괴롭힘"}, {"risk_factor": ["Harassment"]}),
        ({"category": "대인 피해"}, {"category": ["Interpersonal Harm"]}),
        ({"prompt_type": "MC"}, {"prompt_type": ["Multiple-Choice"]}),
        ({"prompt_type": ("rail", "단순 질문")}, {"prompt_type": ["Rail", "Q Only"]}),
        ({"stage": "seed", "scope": ["local", "global"]}, {"stage": ["seed"], "scope": ["local", "global"]}),
        (
            {"risk_factor": range(1, 10), "prompt_type": "QO"},
            {"risk_factor_id": range(1, 10), "prompt_type": ["Q Only"]},
        ),
    ],
)
def test_conditions_keep_what_they_say(release: Path, conditions: dict[str, Any], wanted: dict[str, Any]):
    expected = rows_where(release, "index", **wanted)
    assert expected
    assert load("index", release=release, **conditions)["id"][:] == expected
    assert [row["id"] for row in load("index", release=release, streaming=True, **conditions)] == expected


def test_numbers_out_of_arrays_and_tables_are_numbers(release: Path):
    wanted = rows_where(release, "index", risk_factor_id=[4, 9])
    for given in (np.array([9, 4]), pd.Series([4, 9, 9]), [np.int64(4), 9]):
        assert load("index", release=release, risk_factor=given)["id"][:] == wanted
    assert len(load("index", release=release, risk_factor=np.int64(9))) == len(
        rows_where(release, "index", risk_factor_id=[9])
    )
    for given in (True, b"9", 9.5, None.__class__):
        with pytest.raises(UnknownNameError):
            load("index", release=release, risk_factor=given)


def test_the_order_of_values_makes_no_second_cache(texts: Path):
    first, second = (load("text", release=texts, risk_factor=values) for values in ([9, 10], (10, 9, 9)))
    assert first.cache_files == second.cache_files


def test_min_agreement_leaves_out_instances_without_one(release: Path, texts: Path):
    found = load("index", release=release, min_agreement=0.9)
    assert 0 < len(found) < len(load("index", release=release))
    assert min(found["agreement"]) >= 0.9
    assert len(load("text", release=texts, min_agreement=0)) == 0


def test_nothing_that_matches_is_an_empty_dataset_with_its_columns(texts: Path):
    whole, empty = load("text", release=texts), load("text", release=texts, risk_factor=35)
    assert isinstance(empty, Dataset)
    assert len(empty) == 0
    assert empty.features == whole.features
    assert (empty.info.description, empty.info.version) == (whole.info.description, whole.info.version)
    assert list(load("text", release=texts, risk_factor=35, streaming=True)) == []
    assert load("text", release=texts, risk_factor=35, columns=["id"]).column_names == ["id"]


def test_only_row_groups_that_can_match_are_read(release: Path, tmp_path: Path):
    """A file whose other row groups are ruined still gives the rows of one factor."""
    broken = Path(shutil.copytree(release, tmp_path / "broken"))
    path = broken / "data" / "index" / "test-00000-of-00001.parquet"
    meta = pq.read_metadata(path)
    content = bytearray(path.read_bytes())
    wanted = next(g for g in range(meta.num_row_groups) if factors_in(meta, g) == {9})
    for group in (g for g in range(meta.num_row_groups) if g != wanted):
        for column in range(meta.num_columns):
            chunk = meta.row_group(group).column(column)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(content)
    found = load("index", release=broken, risk_factor=9)
    assert found["id"][:] == rows_where(release, "index", risk_factor_id=[9])


def factors_in(meta: pq.FileMetaData, group: int) -> set[int]:
    names = [meta.schema.column(column).path for column in range(meta.num_columns)]
    statistics = meta.row_group(group).column(names.index("risk_factor_id")).statistics
    return {statistics.min, statistics.max}


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"risk_factor": 36}, "unknown risk factor 36; numbers run from 1 to 35"),
        ({"risk_factor": "Hate Speach"}, "nearest: 'Hate Speech'"),
        ({"category": "Interpersonal"}, "nearest: 'Interpersonal Harm'"),
        ({"prompt_type": ["QO", "Reil"]}, "nearest: 'Rail'"),
        ({"stage": "crowdd"}, "nearest: 'crowd'"),
        ({"scope": 3}, "known: 'global', 'local'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(texts: Path, conditions: dict[str, Any], message: str):
    with pytest.raises(UnknownNameError, match=message):
        load("text", release=texts, **conditions)


@pytest.mark.parametrize("share", [-0.1, 1.1, "0.5", True, float("nan")])
def test_an_agreement_is_a_share(texts: Path, share: Any):
    with pytest.raises(UsageError, match="from 0 to 1"):
        load("text", release=texts, min_agreement=share)


def test_an_empty_list_is_refused_rather_than_everything_or_nothing(texts: Path):
    with pytest.raises(UsageError, match="risk_factor is an empty list"):
        load("text", release=texts, risk_factor=[])


def test_a_wrong_config_split_or_column_is_answered_with_the_nearest(texts: Path):
    with pytest.raises(UnknownNameError, match="unknown config 'txt'; nearest: 'text'"):
        load("txt", release=texts)
    with pytest.raises(UnknownNameError, match="unknown split 'train'; known: 'test'"):
        load("text", release=texts, split="train")
    with pytest.raises(UnknownNameError, match="unknown column 'promt'; nearest: 'prompt'"):
        load("text", release=texts, columns=["promt"])


def test_a_config_without_the_column_says_where_to_filter(release: Path):
    with pytest.raises(UsageError, match="filter the config 'index' and take its ids"):
        load("annotations", release=release, risk_factor=9)


def test_no_column_and_a_release_that_is_no_address_are_wrong_calls(texts: Path):
    with pytest.raises(UsageError, match="columns is an empty list"):
        load("text", release=texts, columns=[])
    with pytest.raises(UsageError, match=r"release must be a folder or .*, not 5"):
        load("text", release=5)  # type: ignore[arg-type]


def test_columns_are_chosen_whether_or_not_conditions_need_them(release: Path):
    found = load("text", release=release, risk_factor=9, columns=["id", "prompt"])
    assert found.column_names == ["id", "prompt"]
    assert found["id"][:] == rows_where(release, "text", risk_factor_id=[9])


def test_a_stream_is_a_stream_with_the_same_rows(texts: Path):
    stream = load("text", release=texts, streaming=True)
    assert isinstance(stream, IterableDataset)
    assert list(stream) == list(load("text", release=texts))


@pytest.mark.parametrize("streaming", [False, True])
def test_the_dataset_tells_its_version_and_digest(texts: Path, streaming: bool):
    digest = json.loads((texts / "release.json").read_text())["configs"]["text"]["splits"]["test"]["digest"]
    info = load("text", release=texts, streaming=streaming, risk_factor=9).info
    assert str(info.version) == "1.0.0"
    assert info.description == f"assurai 1.0.0, config text, digest sha256:{digest}"


def test_the_revision_is_that_version_or_an_error(texts: Path):
    assert len(load("text", release=texts, revision="v1.0.0")) == 3
    assert len(load("text", release=f"{texts}@1.0.0")) == 3
    with pytest.raises(UsageError, match=r"holds version 1\.0\.0, not 'v1\.1\.0'"):
        load("text", release=texts, revision="v1.1.0")
    with pytest.raises(UsageError, match="names a version and so does revision="):
        load("text", release=f"{texts}@1.0.0", revision="1.0.0")


def test_without_a_release_the_chosen_one_is_meant(texts: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSURAI_RELEASE", str(texts))
    assert len(load("text")) == 3
    monkeypatch.delenv("ASSURAI_RELEASE")
    with pytest.raises(UsageError, match="no release is chosen"):
        load("text")


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"it has no release\.json; assurai build makes one"):
        load("text", release=tmp_path)
    with pytest.raises(UsageError, match="it does not exist"):
        load("text", release=tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"format": "assurai-release/2"}'])
def test_a_manifest_that_is_none_is_wrong_data(tmp_path: Path, content: bytes):
    (tmp_path / "release.json").write_bytes(content)
    with pytest.raises(DataError, match="is not a manifest"):
        load("text", release=tmp_path)


def test_a_file_that_is_listed_and_missing_is_named(texts: Path, tmp_path: Path):
    damaged = Path(shutil.copytree(texts, tmp_path / "damaged"))
    (damaged / "data/text/test-00000-of-00001.parquet").unlink()
    with pytest.raises(DataError, match=r"lacks 'data/text/test-00000-of-00001\.parquet'"):
        load("text", release=damaged)


def test_a_file_name_that_climbs_is_refused(texts: Path, tmp_path: Path):
    hostile = Path(shutil.copytree(texts, tmp_path / "hostile"))
    manifest = json.loads((hostile / "release.json").read_text())
    manifest["configs"]["text"]["splits"]["test"]["files"] = ["../texts/data/text/test-00000-of-00001.parquet"]
    (hostile / "release.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="climbs out of the folder"):
        load("text", release=hostile)


def test_a_folder_of_any_name_loads(texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("판 1.0 [final] *", "test-data@2", ".hidden", "문서{a,b}?"):
        folder = Path(shutil.copytree(texts, tmp_path / name))
        assert len(load("text", release=folder)) == len(list(load("text", release=str(folder), streaming=True))) == 3
        monkeypatch.setenv("ASSURAI_RELEASE", str(folder))
        assert len(load_dataset("assurai", "text", split="test")) == 3
