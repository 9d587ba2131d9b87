"""Cross-walks: which entry of another risk scheme each risk factor corresponds to."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from assurai_datasets.taxonomy.data_file import read_table

Match = Literal["exact", "partial", "none"]

CROSSWALKS = {"air-2024": "AIR 2024", "mit": "MIT AI Risk Repository", "ksafe-mm": "KSAFE-MM"}


@dataclass(frozen=True, slots=True)
class CrosswalkRow:
    """One risk factor's place in another scheme; `target_id` and `target` are None where nothing fits.

    `exact` says that the other entry means the same, `partial` that it overlaps, is wider or is narrower.
    """

    risk_factor: int
    scheme: str
    target_id: str | None
    target: str | None
    match: Match
    note: str


@cache
def read_crosswalk(name: str) -> tuple[CrosswalkRow, ...]:
    """The rows of one cross-walk, in the order of risk factors; `name` is a key of `CROSSWALKS`."""
    return tuple(
        CrosswalkRow(
            risk_factor=int(row["risk_factor"]),
            scheme=CROSSWALKS[name],
            target_id=row["target_id"] or None,
            target=row["target"] or None,
            match=cast(Match, row["match"]),
            note=row["note"],
        )
        for row in read_table(f"crosswalk_{name}.csv")
    )
