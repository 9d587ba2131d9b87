"""Verify: the chain of the review events of a release holds, or the link that does not is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from assurai_datasets import build_release
from assurai_datasets.cli import main
from assurai_datasets.formats.digest import fold_digests, row_digest
from assurai_datasets.release import read_manifest, verify_release
from assurai_datasets.release.manifest import list_files, manifest_json, with_files
from assurai_datasets.workflow.verify import verify
from tests.deliveries_made import make_delivery, make_instance, write_lines

EVENTS = "data/reviews/test-00000-of-00001.parquet"
Rows = list[dict[str, Any]]


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    rows = [make_instance(), make_instance(id="fraud-2", prompt="택배 문자를 받으면 무엇을 확인하나요?")]
    folder = make_delivery(tmp_path / "delivery", rows, reviews="reviews.jsonl")
    steps = [
        ("fraud-1", "revise", {"changes": {"prompt": "고쳐 쓴 질문은 이것인가요?"}}),
        ("fraud-1", "accept", {}),
        ("fraud-2", "accept", {}),
    ]
    common = {"round": 1, "reviewer_id": "kim"}
    events = [{"sequence": n, "instance_id": i, "action": a, **m, **common} for n, (i, a, m) in enumerate(steps, 1)]
    write_lines(folder / "reviews.jsonl", events)
    return folder


@pytest.fixture
def release(delivery: Path, tmp_path: Path) -> Path:
    assert build_release(delivery, output=tmp_path / "assurai", version="1.0.0", workers=1).release
    return tmp_path / "assurai"


def tampered(release: Path, change: Callable[[Rows], Any]) -> Path:
    """Return the release with other review events, and a manifest that agrees with them."""
    table = pq.read_table(release / EVENTS)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), release / EVENTS)
    manifest = read_manifest(release)
    config = manifest.configs["reviews"]
    split = config.splits["test"].model_copy(
        update={"rows": len(rows), "digest": fold_digests(row_digest(row) for row in rows)}
    )
    configs = {**manifest.configs, "reviews": config.model_copy(update={"splits": {"test": split}})}
    manifest = manifest.model_copy(update={"configs": configs})
    (release / "release.json").write_bytes(manifest_json(with_files(manifest, list_files(release))))
    return release


def found(release: Path) -> list[str]:
    return [problem.what for problem in verify(release).problems if problem.file == EVENTS]


def test_a_release_with_reviews_is_sound(release: Path) -> None:
    assert verify(release).ok
    assert CliRunner().invoke(main, ["verify", str(release)]).exit_code == 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: rows[2].update(action="drop"), "event 3 is not the one its digest was made of"),
        (lambda rows: rows[2].update(digest="0" * 64), "event 3 is not the one its digest was made of"),
        (lambda rows: rows[2].update(digest=None), "event 3 carries no digest"),
        (lambda rows: rows.pop(1), "the event before event 3 is missing or was changed"),
        (lambda rows: rows[0].update(reviewer_id="kim"), "event 1 is not the one its digest was made of"),
    ],
)
def test_a_changed_event_is_named_though_the_manifest_was_made_to_agree(
    release: Path, change: Callable[[Rows], Any], what: str
) -> None:
    told = f"the chain of review events does not hold: {what}"
    assert found(tampered(release, change)) == [told]
    result = CliRunner().invoke(main, ["verify", str(release), "--json"])
    assert result.exit_code == 1
    assert {"file": EVENTS, "what": told} in json.loads(result.stdout)["problems"]


@pytest.mark.parametrize("change", [{"action": "applaud"}, {"changes": "{"}, {"sequence": None}])
def test_a_row_that_is_no_event_is_named(release: Path, change: dict[str, Any]) -> None:
    assert found(tampered(release, lambda rows: rows[0].update(change))) == ["holds a row that is no review event"]


def test_what_is_wrong_with_a_file_is_said_once(release: Path) -> None:
    (release / EVENTS).write_bytes(b"no Parquet")
    assert verify(release) == verify_release(release)
    (release / "release.json").write_text("{}", encoding="utf-8")
    assert [problem.file for problem in verify(release).problems] == ["release.json"]


def test_the_events_of_a_withdrawn_instance_are_shortened_and_the_chain_still_holds(
    delivery: Path, tmp_path: Path
) -> None:
    settings = json.loads((delivery / "delivery.yaml").read_text(encoding="utf-8"))
    (delivery / "delivery.yaml").write_text(json.dumps({**settings, "retractions": "gone.jsonl"}), encoding="utf-8")
    write_lines(delivery / "gone.jsonl", [{"instance_id": "fraud-1", "reason": "rights", "date": "2026-05-04"}])
    built = build_release(delivery, output=tmp_path / "assurai", version="1.0.0", workers=1)
    assert built.report.errors == ()
    assert pq.read_table(tmp_path / "assurai" / EVENTS)["changes"].null_count == 3
    assert found(tmp_path / "assurai") == []
    (what,) = found(tampered(tmp_path / "assurai", lambda rows: rows.pop(1)))
    assert "before event 3" in what
