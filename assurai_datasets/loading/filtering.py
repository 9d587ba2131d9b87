"""Filtering what is already loaded, without touching media."""

from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

from assurai_datasets.errors import UsageError
from assurai_datasets.loading.selection import Names, RiskFactors, Selection, make_selection

Loaded = TypeVar("Loaded", Dataset, DatasetDict, IterableDataset, IterableDatasetDict)


def filter_instances(
    dataset: Loaded,
    *,
    risk_factor: RiskFactors | None = None,
    category: Names | None = None,
    prompt_type: Names | None = None,
    stage: Names | None = None,
    scope: Names | None = None,
    min_agreement: float | None = None,
) -> Loaded:
    """Return the instances of a dataset that meet every condition, in the order they have; no medium is decoded.

    Args:
        dataset: Any loaded dataset with the columns asked for, also after shuffles and selections.
        risk_factor: Numbers 1-35, codes (`r04`), English or Korean names; one, or a list of which any will do.
        category: English or Korean names.
        prompt_type: Names, codes (`QO`) or Korean names.
        stage: `seed`, `crowd`, `automated`.
        scope: `global`, `local`.
        min_agreement: Least agreement of an instance's annotators, 0 to 1; instances without one are left out.

    Raises:
        UnknownNameError: A name is not in the vocabulary; the message gives the nearest.
        UsageError: It is no dataset, or has no column for a condition.
    """
    selection = make_selection(
        risk_factor=risk_factor,
        category=category,
        prompt_type=prompt_type,
        stage=stage,
        scope=scope,
        min_agreement=min_agreement,
    )
    return _filter(dataset, selection) if selection.conditions else dataset


def _filter(dataset: Any, selection: Selection) -> Any:
    if isinstance(dataset, DatasetDict | IterableDatasetDict):
        return type(dataset)({name: _filter(split, selection) for name, split in dataset.items()})
    if isinstance(dataset, IterableDataset):
        return _filter_stream(dataset, selection)
    if isinstance(dataset, Dataset):
        return _filter_table(dataset, selection)
    raise UsageError(f"give a Dataset, DatasetDict or IterableDataset of datasets, not {type(dataset).__name__}")


def _filter_table(dataset: Dataset, selection: Selection) -> Dataset:
    needed = selection.columns(dataset.column_names)
    table: pa.Table = dataset.select_columns(needed).with_format("arrow")[:]
    return dataset.select(np.flatnonzero(selection.mask(table).to_numpy()))


def _filter_stream(dataset: IterableDataset, selection: Selection) -> IterableDataset:
    if dataset.column_names is not None:
        selection.columns(dataset.column_names)
    # As Arrow tables the rows pass the filter undecoded.
    kept = dataset.with_format("arrow").filter(partial(_kept, selection), batched=True)
    return kept.with_format(dataset._formatting.format_type if dataset._formatting else None)


def _kept(selection: Selection, table: pa.Table) -> list[bool]:
    return list(selection.mask(table).to_pylist())
