"""`--policy paper` on the bundled sample: refused, with every unmet rule at once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from assurai_datasets.workflow.sample import make_sample_delivery
from tests.deliveries_made import write_lines


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(make_sample_delivery(tmp_path_factory.mktemp("sample") / "sample"))


def test_the_sample_meets_the_default_and_not_the_paper(sample: Path) -> None:
    met = CliRunner().invoke(main, ["validate", str(sample), "--fast", "--json"])
    assert (met.exit_code, json.loads(met.stdout)["errors"]) == (0, 0)
    refused = CliRunner().invoke(main, ["validate", str(sample), "--policy", "paper", "--fast", "--json"])
    report = json.loads(refused.stdout)
    assert refused.exit_code == 1
    assert set(report["counts"]) == {"policy-plan-unmet", "policy-review-missing"}


def test_all_rules_that_are_unmet_are_named_at_once(sample: Path, tmp_path: Path) -> None:
    lacking = Path(shutil.copytree(sample, tmp_path / "lacking"))
    instances, annotations = (rows_of(lacking / name) for name in ("instances.jsonl", "annotations.jsonl"))
    nobody, twice = instances[0]["id"], annotations[-1]
    write_lines(lacking / "instances.jsonl", [{**row, "stage": "crowd"} for row in instances])
    kept = [row for row in annotations if row["instance_id"] != nobody and row != twice]
    write_lines(lacking / "annotations.jsonl", kept)
    (lacking / "reviews.jsonl").write_text("", encoding="utf-8")
    shown = CliRunner().invoke(main, ["validate", str(lacking), "--policy", "paper", "--fast"])
    assert shown.exit_code == 1
    assert "error annotation-too-few (1)" in shown.output
    for rule in ("annotation-missing", "plan-unmet", "review-missing", "seed-share-low"):
        assert f"error policy-{rule}" in shown.output


def test_a_build_under_the_paper_is_refused_with_all_unmet_rules_and_writes_nothing(
    sample: Path, tmp_path: Path
) -> None:
    command = ["build", str(sample), "-o", str(tmp_path / "assurai"), "--version", "1.0.0", "--policy", "paper"]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "error policy-plan-unmet" in refused.output
    assert "error policy-review-missing (140)" in refused.output
    assert "no release was written" in refused.output
    assert list(tmp_path.iterdir()) == []
