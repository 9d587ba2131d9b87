"""Withdrawn instances stay out, and leave a tombstone."""

from pathlib import Path

from assurai_datasets import ingest
from tests.deliveries_made import make_delivery, make_instance, write_lines

ROWS = [make_instance(), make_instance(id="fraud-2", prompt="사기를 당했다면 무엇부터 할까요?")]


def retracted(instance_id: str, reason: str = "asked for", date: str = "2026-05-04") -> dict[str, str]:
    return {"instance_id": instance_id, "reason": reason, "date": date}


def test_a_withdrawn_instance_does_not_enter_and_the_reason_is_kept(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", ROWS, retractions="gone.jsonl")
    write_lines(delivery / "gone.jsonl", [retracted("fraud-2")])
    with ingest(delivery) as intake:
        assert [placed.instance.id for placed in intake.instances()] == ["fraud-1"]
        assert list(intake.left_out()) == [("fraud-2", "retracted: asked for")]
        assert list(intake.retractions()) == [("fraud-2", "asked for", "2026-05-04")]


def test_an_instance_that_is_no_longer_delivered_can_be_withdrawn(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", ROWS, retractions="gone.csv")
    (delivery / "gone.csv").write_text("instance_id,reason,date\nold-1,asked for,2026-05-04\n", encoding="utf-8")
    with ingest(delivery) as intake:
        assert intake.issues == []
        assert list(intake.left_out()) == []
        assert list(intake.retractions()) == [("old-1", "asked for", "2026-05-04")]


def test_of_several_retractions_of_one_instance_the_earliest_stands_whatever_their_order(tmp_path: Path) -> None:
    rows = [retracted("fraud-2", "b", "2026-05-05"), retracted("fraud-2", "b"), retracted("fraud-2", "a")]
    for number, order in enumerate((rows, rows[::-1])):
        delivery = make_delivery(tmp_path / f"delivery-{number}", ROWS, retractions="gone.jsonl")
        write_lines(delivery / "gone.jsonl", order)
        with ingest(delivery) as intake:
            assert list(intake.retractions()) == [("fraud-2", "a", "2026-05-04")]
