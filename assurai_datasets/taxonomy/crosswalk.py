"""Cross-walks: which entries of another risk scheme each risk factor corresponds to."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from assurai_datasets.taxonomy.data_file import read_table

Match = Literal["exact", "partial", "none"]

CROSSWALKS = {"air-2024": "AIR 2024", "mit": "MIT AI Risk Repository", "ksafe-mm": "KSAFE-MM"}


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One risk factor's place in another scheme.

    `match` says how the two meet: `exact` - they mean the same; `partial` - they overlap, or one is wider;
    `none` - the scheme has nothing like it, and `target` is None. `target_id` is None where the scheme numbers
    nothing. The note says why.
    """

    risk_factor: int
    scheme: str
    target_id: str | None
    target: str | None
    match: Match
    note: str


@cache
def read_crosswalk(name: str) -> tuple[CrosswalkRow, ...]:
    """The rows of one cross-walk in the order of risk factors, of which each has one or more.

    Args:
        name: a key of `CROSSWALKS`.
    """
    return tuple(map(_crosswalk_row, read_table(f"crosswalk_{name}.csv")))


def _crosswalk_row(row: dict[str, str]) -> CrosswalkRow:
    return CrosswalkRow(
        risk_factor=int(row["risk_factor"]),
        scheme=row["scheme"],
        target_id=row["target_id"] or None,
        target=row["target"] or None,
        match=cast(Match, row["match"]),
        note=row["note"],
    )
