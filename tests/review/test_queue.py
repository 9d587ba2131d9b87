"""The queue puts first what is worth an expert's time."""

import random

import pytest

from assurai_datasets.review.queue import Candidate, Weights, next_instances, score_candidate


def ids(candidates: list[Candidate], **settings: object) -> list[str]:
    return [queued.candidate.instance_id for queued in next_instances(candidates, **settings)]  # type: ignore[arg-type]


PLAIN = {"agreement": 1.0, "cell_size": 1000}


@pytest.mark.parametrize(
    "fact",
    [
        {"agreement": 0.2},
        {"against_gold": 1.0},
        {"errors": 1},
        {"warnings": 3},
        {"near_duplicate": True},
        {"cell_size": 1},
        {"state": "revised"},
        {"state": "restored"},
    ],
)
def test_each_fact_brings_an_instance_forward(fact: dict[str, object]) -> None:
    plain = Candidate("a", 1, "annotated", **PLAIN)  # type: ignore[arg-type]
    marked = plain._replace(instance_id="z", **fact)  # type: ignore[arg-type]
    assert ids([plain, marked]) == ["z", "a"]


@pytest.mark.parametrize("state", ["accepted", "dropped", "changes_requested"])
def test_what_waits_for_no_reviewer_is_not_queued(state: str) -> None:
    assert ids([Candidate("a", 1, state)]) == []  # type: ignore[arg-type]


def test_the_score_is_the_sum_of_weight_times_fact() -> None:
    candidate = Candidate(
        "a", 1, "revised", agreement=0.75, against_gold=0.5, warnings=1, near_duplicate=True, cell_size=4
    )
    queued = score_candidate(candidate, Weights())
    assert queued.points == {
        "disagreement": 0.75,
        "against_gold": 1.5,
        "flagged": 1.0,
        "returned": 2.0,
        "near_duplicate": 1.0,
        "rarity": 0.25,
    }
    assert queued.score == 6.5


def test_one_annotator_alone_is_no_disagreement() -> None:
    assert "disagreement" not in score_candidate(Candidate("a", 1, "annotated"), Weights()).points


def test_the_order_does_not_depend_on_the_order_given() -> None:
    chance = random.Random(5)
    candidates = [Candidate(f"i{n}", n % 3 + 1, "annotated", agreement=n % 4 / 4) for n in range(60)]
    expected = ids(candidates)
    for _ in range(5):
        chance.shuffle(candidates)
        assert ids(candidates) == expected
        assert ids(candidates, limit=7) == expected[:7]


def test_equals_stand_by_risk_factor_and_id() -> None:
    candidates = [Candidate(name, factor, "annotated") for name, factor in (("b", 2), ("c", 1), ("a", 2))]
    assert ids(candidates) == ["c", "a", "b"]


def test_weights_are_an_argument() -> None:
    candidates = [Candidate("a", 1, "annotated", agreement=0.0), Candidate("b", 1, "annotated", errors=1)]
    assert ids(candidates) == ["a", "b"]
    assert ids(candidates, weights=Weights(disagreement=0.0)) == ["b", "a"]
