"""Whole chains hold in whatever order their events stand, and whatever is missing or changed shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assurai_datasets.review import Decision, append_decisions, chain_faults
from assurai_datasets.review.chain import Head, chain_order, event_digest, seal_event
from assurai_datasets.schema.review import ReviewEvent


@pytest.fixture
def chains(
    tmp_path: Path, make_decision: Callable[..., Decision], key: bytes
) -> tuple[tuple[ReviewEvent, ...], tuple[ReviewEvent, ...]]:
    one = [make_decision("request_changes"), make_decision("revise"), make_decision("accept")]
    two = [make_decision("begin"), make_decision("drop")]
    return (
        append_decisions(tmp_path / "one.jsonl", one, key=key),
        append_decisions(tmp_path / "two.jsonl", two, key=key),
    )


def positions(events: list[ReviewEvent]) -> list[int]:
    return [found.position for found in chain_faults(events)]


def test_several_chains_in_any_order_hold(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, two = chains
    assert positions([*one, *two]) == []
    assert positions([two[1], one[2], one[0], two[0], one[1]]) == []
    assert positions([]) == []


def test_a_missing_event_shows_in_the_one_after_it(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, two = chains
    assert positions([one[0], one[2], *two]) == [1]


def test_a_changed_event_is_named(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, _ = chains
    assert positions([one[0].model_copy(update={"finding": "other"}), *one[1:]]) == [0]


def test_an_event_without_a_digest_is_named(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, _ = chains
    assert positions([*one[:2], one[2].model_copy(update={"digest": None})]) == [2]


def test_a_second_event_after_one_is_named(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, _ = chains
    fields = ("instance_id", "round", "reviewer_id", "action")
    fork = seal_event(
        {field: getattr(one[0], field) for field in fields} | {"finding": "other"}, Head(1, one[0].digest)
    )
    assert positions([*one, fork]) == [3]


def test_the_digest_covers_every_other_field(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    event = chains[0][1]
    digests = {event_digest(event.model_copy(update={field: None})) for field in ReviewEvent.model_fields}
    assert len(digests) == sum(getattr(event, field) is not None for field in ReviewEvent.model_fields)
    assert event.digest in digests


def test_chains_are_put_in_order_whole_and_as_they_begin(chains: tuple[tuple[ReviewEvent, ...], ...]) -> None:
    one, two = chains
    mixed = [one[0], two[0], one[2], two[1], one[1]]
    ordered = [mixed[position] for position in chain_order(mixed)]
    assert ordered == [*one, *two]
    assert chain_order([]) == ()
