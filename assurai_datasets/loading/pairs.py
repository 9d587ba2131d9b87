"""Derived instances beside the ones they come from."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from datasets import Dataset

from assurai_datasets.errors import UsageError


class Pairs(NamedTuple):
    """Two datasets of equal length: row i of one belongs to row i of the other.

    Attributes:
        derived: The derived instances, in the order of the dataset.
        parents: For each the instance it was derived from.
    """

    derived: Dataset
    parents: Dataset


def derived_pairs(dataset: Dataset, parents: Dataset | None = None) -> Pairs:
    """Return the instances that were derived from others, such as attack variants, beside their parents.

    Benign twins are left out (see `benign_twins`), and so is an instance whose parent is in neither dataset. The
    config `index` holds the instances of all modalities.

    Args:
        dataset: Where to look for derived instances.
        parents: Where to look for their parents; by default the same dataset.

    Raises:
        UsageError: A dataset has no `id`, `parent_id` or `benign`.
    """
    return _pair(dataset, parents, benign=False)


def benign_twins(dataset: Dataset, parents: Dataset | None = None) -> Pairs:
    """Return the harmless twins of risky instances beside these.

    Args:
        dataset: Where to look for twins.
        parents: Where to look for the risky instances; by default the same dataset.

    Raises:
        UsageError: A dataset has no `id`, `parent_id` or `benign`.
    """
    return _pair(dataset, parents, benign=True)


def _pair(dataset: Dataset, parents: Dataset | None, *, benign: bool) -> Pairs:
    parents = dataset if parents is None else parents
    rows = _columns(dataset, "parent_id", "benign")
    place = {name: row for row, name in enumerate(_columns(parents, "id").column("id").to_pylist())}
    found = [
        (row, place[parent])
        for row, (parent, twin) in enumerate(zip(*(column.to_pylist() for column in rows.columns), strict=True))
        if parent in place and bool(twin) is benign
    ]
    chosen = np.array(found, dtype=np.int64).reshape(-1, 2)
    return Pairs(dataset.select(chosen[:, 0]), parents.select(chosen[:, 1]))


def _columns(dataset: Dataset, *names: str) -> pa.Table:
    if missing := [name for name in names if name not in dataset.column_names]:
        raise UsageError(f"the dataset has no column {missing[0]!r}; its columns are {', '.join(dataset.column_names)}")
    table: pa.Table = dataset.select_columns(list(names)).with_format("arrow")[:]
    return table
