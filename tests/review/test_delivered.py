"""Delivered events become links of sound chains whose reviewers have no names."""

import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assurai_datasets.formats.intake import Place, PlacedEvent
from assurai_datasets.review import chain_faults, seal_delivered
from assurai_datasets.review.pseudonyms import is_pseudonym
from assurai_datasets.schema.review import ReviewEvent

DIGEST = "0123456789abcdef" * 4


def placed(
    sequence: int, reviewer: str = "kim", *, file: str = "r.jsonl", delivery: int = 1, **more: Any
) -> PlacedEvent:
    fields = {"sequence": sequence, "instance_id": "item-1", "round": 1, "reviewer_id": reviewer, "action": "begin"}
    return PlacedEvent(Place(delivery, file, sequence), ReviewEvent.model_validate({**fields, **more}))


def faults(entries: list[PlacedEvent]) -> list[tuple[int, str]]:
    """Return what is found on the way in and then of the chains, by position."""
    sealed = seal_delivered(entries)
    found = [*sealed.faults, *chain_faults(entry.event for entry in sealed.events)]
    return [(position, fault.field) for position, fault in found]


def action_of(text: str, *reviewers: str) -> str | None:
    entries = [placed(n, who) for n, who in enumerate(reviewers, start=2)]
    sealed = seal_delivered([placed(1, "r0123456789abcdef", corrective_action=text), *entries])
    names = {who: sealed.events[n].event.reviewer_id for n, who in enumerate(reviewers, start=1)}
    told = sealed.events[0].event.corrective_action
    for who, pseudonym in names.items():
        told = told and told.replace(pseudonym, f"<{who}>")
    return told


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from(["kim", "lee@example.org", "박 선생", "r0123456789abcdef", "7"]), max_size=12),
    seed=st.integers(0, 1000),
)
def test_any_unsealed_table_becomes_one_chain_without_names_whatever_the_order_of_its_rows(
    names: list[str], seed: int
) -> None:
    entries = [placed(n, who) for n, who in enumerate(names, start=1)]
    sealed = seal_delivered(entries)
    assert sealed.faults == ()
    assert list(chain_faults(entry.event for entry in sealed.events)) == []
    assert all(is_pseudonym(entry.event.reviewer_id) for entry in sealed.events)
    assert len({entry.event.reviewer_id for entry in sealed.events}) == len(set(names))
    assert [entry.named for entry in sealed.events] == names
    mixed = random.Random(seed).sample(entries, len(entries))
    again = sorted(seal_delivered(mixed).events, key=lambda entry: entry.event.sequence)
    assert again == list(sealed.events)


def test_what_is_sealed_and_names_nobody_comes_back_as_it_was() -> None:
    once = seal_delivered([placed(1), placed(2, "lee")]).events
    clean = [PlacedEvent(place, event) for place, event, _ in once]
    assert seal_delivered(clean) == (tuple(clean), ())


def test_one_name_in_two_deliveries_is_two_people() -> None:
    sealed = seal_delivered([placed(1, action="accept"), placed(1, action="drop", delivery=2, file="other")])
    assert len({entry.event.reviewer_id for entry in sealed.events}) == 2


@pytest.mark.parametrize("numbers", [[1, 3], [2, 3], [1, 1], [1, 2, 2]])
def test_numbers_that_do_not_count_from_one_break_the_chain(numbers: list[int]) -> None:
    assert len(faults([placed(number) for number in numbers])) == 1


def test_a_changed_event_of_a_table_sealed_over_names_is_found_once() -> None:
    entries = [placed(1, digest=DIGEST), placed(2, previous=DIGEST)]
    assert faults(entries) == [(0, "digest")]


def test_a_first_event_with_a_previous_is_found() -> None:
    assert faults([placed(1, previous=DIGEST)]) == [(0, "previous")]
    sealed = seal_delivered([placed(1)]).events[0].event
    assert faults([placed(1, previous=DIGEST, digest=sealed.digest)])[0] == (0, "digest")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kim이 고칩니다.", "<kim>이 고칩니다."),
        ("Kim, KIM and kimono", "<kim>, <kim> and kimono"),
        ("ask lee@example.org or  kim ", "ask <lee@example.org> or  <kim> "),
        ("12번 문항을 고칩니다.", "12번 문항을 고칩니다."),
        ("Min Su Kim said so", "<min su kim> said so"),
        ("아무도 없습니다.", "아무도 없습니다."),
    ],
)
def test_a_corrective_action_tells_no_name(text: str, told: str) -> None:
    assert action_of(text, "kim", "lee@example.org", "12", "min su kim") == told


def test_many_names_and_a_long_text_take_no_long_time() -> None:
    entries = [placed(n, f"reviewer number {n:05d} of many") for n in range(2, 5002)]
    text = "reviewer number " * 20_000
    started = time.process_time()
    sealed = seal_delivered([placed(1, corrective_action=text), *entries])
    assert time.process_time() - started < 20
    assert sealed.events[0].event.corrective_action == text
