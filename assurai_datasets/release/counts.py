"""How many instances there are of each kind: the numbers of the paper's Tables 3, 4 and 10."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.taxonomy import load_taxonomy

Kind = tuple[int, str, str]


class Counts(NamedTuple):
    """How many instances there are of each kind; kinds without instances count 0.

    Attributes:
        total: All instances.
        modality: By modality (Table 3).
        prompt_type: By prompt type (Table 4).
        category: By category.
        risk_factor: For each risk factor its number, name, category, total and count by modality (Table 10).
        cells: By risk factor and prompt type, only where there are any.
    """

    total: int
    modality: dict[str, int]
    prompt_type: dict[str, int]
    category: dict[str, int]
    risk_factor: tuple[dict[str, Any], ...]
    cells: dict[tuple[int, str], int]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai stats --json` prints."""
        return {name: value for name, value in self._asdict().items() if name != "cells"}


def count_instances(kinds: Iterable[Kind]) -> Counts:
    """Return the counts of instances given as risk factor number, modality and prompt type."""
    cells = Counter(kinds)
    taxonomy = load_taxonomy()
    factors = tuple(_factor_row(factor, cells) for factor in taxonomy.risk_factors)
    of_category = Counter[str]()
    for row in factors:
        of_category[row["category"]] += row["total"]
    return Counts(
        total=cells.total(),
        modality={name: sum(n for kind, n in cells.items() if kind[1] == name) for name in MODALITIES},
        prompt_type={p.name: sum(n for k, n in cells.items() if k[2] == p.name) for p in taxonomy.prompt_types},
        category={category.name: of_category[category.name] for category in taxonomy.categories},
        risk_factor=factors,
        cells=_pairs(cells),
    )


def count_release(folder: Path, files: Iterable[str]) -> Counts:
    """Return the counts of a release from the Parquet files of its `index` config.

    Args:
        folder: The release.
        files: Paths of the index files inside it.
    """
    return count_instances(kind for file in files for kind in _kinds(folder / file))


def _kinds(path: Path) -> Iterable[Kind]:
    table = pq.read_table(path, columns=["risk_factor_id", "modality", "prompt_type"])
    return zip(*(table[name].to_pylist() for name in table.column_names), strict=True)


def _factor_row(factor: Any, cells: Counter[Kind]) -> dict[str, Any]:
    by_modality: dict[str, int] = {
        m: sum(n for k, n in cells.items() if k[0] == factor.number and k[1] == m) for m in MODALITIES
    }
    head = {"number": factor.number, "name": factor.name, "category": factor.category}
    return {**head, "total": sum(by_modality.values()), **by_modality}


def _pairs(cells: Counter[Kind]) -> dict[tuple[int, str], int]:
    pairs = Counter[tuple[int, str]]()
    for (number, _, prompt_type), n in cells.items():
        pairs[number, prompt_type] += n
    return dict(sorted(pairs.items()))
