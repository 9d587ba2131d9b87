"""`filter_instances` on anything loaded, without touching media."""

from pathlib import Path
from typing import Any

import datasets
import pytest
from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict, load_dataset

from assurai_datasets.errors import UnknownNameError, UsageError
from assurai_datasets.loading import filter_instances, load
from assurai_datasets.loading.selection import make_selection

KEPT = {"risk_factor": range(1, 12), "prompt_type": ["QO", "RP"], "scope": "global"}


def is_kept(row: dict[str, Any]) -> bool:
    return row["risk_factor_id"] < 12 and row["prompt_type"] in ("Q Only", "Role-Playing") and row["scope"] == "global"


def ids(dataset: Any) -> list[str]:
    return [row["id"] for row in dataset]


@pytest.fixture
def index(release: Path) -> Dataset:
    return load("index", release=release)


@pytest.fixture
def _undecodable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let decoding any medium fail."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a medium was decoded")

    for medium in (datasets.Image, datasets.Audio, datasets.Video):
        monkeypatch.setattr(medium, "decode_example", fail)


def test_it_keeps_what_a_lambda_would(index: Dataset):
    expected = [row["id"] for row in index if is_kept(row)]
    assert 0 < len(expected) < len(index)
    assert ids(filter_instances(index, **KEPT)) == expected


def test_it_follows_shuffles_and_selections(index: Dataset):
    shuffled = index.shuffle(seed=3).select(range(5, 120)).shuffle(seed=4)
    assert ids(filter_instances(shuffled, **KEPT)) == [row["id"] for row in shuffled if is_kept(row)]
    twice = filter_instances(filter_instances(shuffled, risk_factor=range(1, 12)), prompt_type=["QO", "RP"])
    assert ids(filter_instances(twice, scope="global")) == ids(filter_instances(shuffled, **KEPT))


def test_it_agrees_with_what_load_pushes_down(index: Dataset, release: Path):
    for conditions in (KEPT, {"min_agreement": 0.8}, {"stage": "crowd", "category": "Interpersonal Harm"}):
        assert ids(filter_instances(index, **conditions)) == ids(load("index", release=release, **conditions))


def test_every_split_of_a_dictionary_is_filtered(index: Dataset, release: Path):
    both = DatasetDict({"a": index, "b": index.shuffle(seed=1)})
    found = filter_instances(both, **KEPT)
    assert isinstance(found, DatasetDict)
    assert set(ids(found["a"])) == set(ids(found["b"])) == set(ids(filter_instances(index, **KEPT)))
    streams = load_dataset(str(release), "index", streaming=True)
    filtered = filter_instances(streams, **KEPT)
    assert isinstance(filtered, IterableDatasetDict)
    assert ids(filtered["test"]) == ids(filter_instances(index, **KEPT))


@pytest.mark.usefixtures("_undecodable")
@pytest.mark.parametrize("config", ["image", "audio", "video"])
@pytest.mark.parametrize("streaming", [False, True])
def test_no_medium_is_decoded(release: Path, config: str, streaming: bool):
    plain = load_dataset(str(release), config, split="test", streaming=streaming)
    found = filter_instances(plain, stage="seed")
    quiet = found.remove_columns([name for name in found.column_names if name not in ("id", "stage")])
    assert {row["stage"] for row in quiet} == {"seed"}


@pytest.mark.parametrize("config", ["image", "audio", "video"])
def test_a_filtered_stream_still_decodes_on_access(release: Path, config: str):
    stream = filter_instances(load(config, release=release, streaming=True), stage="seed")
    assert isinstance(stream, IterableDataset)
    loaded = filter_instances(load(config, release=release), stage="seed")
    assert ids(stream) == ids(loaded)
    values = [row[config] for row in stream if row[config] is not None]
    assert {type(value) for value in values} == {type(row[config]) for row in loaded if row[config] is not None}


def test_a_format_is_kept(index: Dataset, release: Path):
    assert filter_instances(index.with_format("numpy"), **KEPT).format["type"] == "numpy"
    stream = load("index", release=release, streaming=True).with_format("arrow")
    assert next(iter(filter_instances(stream, **KEPT))).num_rows == 1


def test_names_do_where_there_are_no_numbers(index: Dataset):
    assert ids(filter_instances(index.remove_columns("risk_factor_id"), **KEPT)) == ids(filter_instances(index, **KEPT))


def test_no_condition_changes_nothing(index: Dataset):
    assert filter_instances(index) is index


def test_a_null_meets_no_condition():
    rows = Dataset.from_dict({"stage": ["seed", None], "agreement": [None, 0.5], "id": ["a", "b"]})
    assert ids(filter_instances(rows, stage="seed")) == ["a"]
    assert ids(filter_instances(rows, min_agreement=0)) == ["b"]
    assert ids(filter_instances(rows.to_iterable_dataset(), min_agreement=0)) == ["b"]
    assert (
        ids(filter_instances(Dataset.from_dict({"stage": [None], "agreement": [None], "id": ["a"]}), stage="seed"))
        == []
    )
    assert ids(filter_instances(Dataset.from_dict({"agreement": [None], "id": ["a"]}), min_agreement=0)) == []
    assert ids(filter_instances(Dataset.from_dict({"stage": [], "id": []}), stage="seed")) == []


def test_a_column_of_another_type_is_told(index: Dataset):
    with pytest.raises(UsageError, match="the column 'stage' holds int64 and not values like 'seed'"):
        filter_instances(Dataset.from_dict({"stage": [1, 2]}), stage="seed")


def test_wrong_calls_are_answered(index: Dataset):
    with pytest.raises(UnknownNameError, match="nearest: 'Hate Speech'"):
        filter_instances(index, risk_factor="Hate Speach")
    with pytest.raises(UsageError, match="the dataset has no column 'stage' to filter by"):
        filter_instances(index.remove_columns("stage"), stage="seed")
    with pytest.raises(UsageError, match="give a Dataset, DatasetDict or IterableDataset"):
        filter_instances([{"stage": "seed"}], stage="seed")  # type: ignore[type-var]


def test_an_expression_and_a_mask_say_the_same(index: Dataset):
    selection = make_selection(risk_factor=[1, 9], prompt_type="QO", min_agreement=0.5)
    table = index.with_format("arrow")[:]
    by_expression = table.filter(selection.expression(table.column_names)).column("id")
    assert by_expression.to_pylist() == table.filter(selection.mask(table)).column("id").to_pylist()
