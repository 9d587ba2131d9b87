"""A ledger beside the delivery, with its key, in which an annotator of the instance accepts it."""

from pathlib import Path

from assurai_datasets.review import Head, reviewer_pseudonym
from assurai_datasets.review.chain import event_line, seal_event

KEY = b"a key for tests, not for people"


def make(delivery: Path) -> None:
    draft = {"instance_id": "fraud-1", "round": 1, "reviewer_id": reviewer_pseudonym("two", KEY), "action": "accept"}
    event = seal_event({**draft, "created_at": "2025-03-01"}, Head())
    delivery.with_name(f"{delivery.name}.ledger.jsonl").write_bytes(event_line(event) + b"\n")
    delivery.with_name(f"{delivery.name}.ledger.key").write_bytes(KEY)
