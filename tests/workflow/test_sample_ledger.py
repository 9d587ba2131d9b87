"""The ledger of the bundled sample: any changed byte shows, and its replay is the state the build works with."""

import io
import json
from pathlib import Path

import pytest

from assurai_datasets.review import read_ledger, replay
from assurai_datasets.review.ledger import lines_of_ledger
from assurai_datasets.review.states import STATE_AFTER
from assurai_datasets.workflow.check import CheckSettings, checked
from assurai_datasets.workflow.ledgers import as_reviewed
from assurai_datasets.workflow.review import reviewed_delivery
from assurai_datasets.workflow.sample import make_sample_delivery


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(make_sample_delivery(tmp_path_factory.mktemp("sample") / "sample"))


def test_one_changed_byte_anywhere_is_found_and_its_line_named(sample: Path) -> None:
    content = (sample / "reviews.jsonl").read_bytes()
    assert all(line.fault is None for line in lines_of_ledger(io.BytesIO(content)))
    for position in range(0, len(content), 5):
        changed = content[:position] + bytes([content[position] ^ 4]) + content[position + 1 :]
        broken = next(line.line for line in lines_of_ledger(io.BytesIO(changed)) if line.fault)
        assert broken == content.count(b"\n", 0, position) + 1


def test_the_replay_of_the_ledger_is_the_state_its_events_tell(sample: Path) -> None:
    events = read_ledger(sample / "reviews.jsonl").events
    last = {event.instance_id: event for event in events}
    with reviewed_delivery(sample, None) as (intake, _):
        delivered = {p.instance.id: as_reviewed(intake, p) for p in intake.instances() if p.instance.id in last}
    replayed = {reviewed.current.id: reviewed for reviewed in replay(delivered.values(), events)}
    assert {i: r.state for i, r in replayed.items()} == {i: STATE_AFTER[event.action] for i, event in last.items()}
    assert not any(reviewed.faults for reviewed in replayed.values())
    for instance_id, reviewed in replayed.items():
        told = delivered[instance_id].model_dump(mode="json")
        for event in events:
            told |= (event.changes or {}) if event.instance_id == instance_id else {}
        assert json.loads(reviewed.current.model_dump_json()) == told


def test_the_build_works_with_exactly_that_state(sample: Path) -> None:
    events = read_ledger(sample / "reviews.jsonl").events
    with reviewed_delivery(sample, None) as (intake, _):
        expected = {r.current.id: r for r in replay([as_reviewed(intake, p) for p in intake.instances()], events)}
    with checked([sample], CheckSettings(workers=1, fast=True)) as (intake, _, _):
        entering = {placed.instance.id: as_reviewed(intake, placed) for placed in intake.instances()}
        left_out = dict(intake.left_out())
    assert entering == {i: reviewed.instance for i, reviewed in expected.items() if reviewed.instance is not None}
    assert left_out == {i: reviewed.reason for i, reviewed in expected.items() if reviewed.reason is not None}
    assert any(reviewed.revised_fields for reviewed in expected.values())
    assert left_out
