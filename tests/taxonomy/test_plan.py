"""The paper's plan as data."""

import csv
from pathlib import Path

from assurai_datasets.taxonomy import load_plan, load_taxonomy

PLAN = load_plan()


def rows(shared_folder: Path, name: str) -> list[dict[str, str]]:
    with (shared_folder / "spec" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_plan_adds_up_to_the_papers_11480_instances() -> None:
    counts = PLAN.risk_factors.values()
    sums = {m: sum(getattr(c, m) for c in counts) for m in ("text", "image", "video", "audio")}
    assert sums == {"text": 9560, "image": 1160, "video": 430, "audio": 330}
    assert sum(c.total for c in counts) == sum(PLAN.prompt_types.values()) == 11480


def test_the_plan_covers_the_taxonomy_in_its_order() -> None:
    assert list(PLAN.risk_factors) == [f.number for f in load_taxonomy().risk_factors]
    assert list(PLAN.prompt_types) == [p.name for p in load_taxonomy().prompt_types]


def test_every_count_by_risk_factor_is_the_papers(shared_folder: Path) -> None:
    for row in rows(shared_folder, "risk_factors.csv"):
        counts = PLAN.risk_factors[int(row["number"])]
        assert [counts.total, counts.text, counts.image, counts.video, counts.audio] == [
            int(row[column]) for column in ("total", "text", "image", "video", "audio")
        ]


def test_every_count_by_prompt_type_is_the_papers(shared_folder: Path) -> None:
    paper = {row["name"]: int(row["instances"]) for row in rows(shared_folder, "prompt_types.csv")}
    assert dict(PLAN.prompt_types) == paper
