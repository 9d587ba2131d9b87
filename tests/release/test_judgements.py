"""What the annotations of one instance say together."""

import random

import pytest

from assurai_datasets.release.judgements import Consensus, Judgement, consensus, consensus_of, long_rows
from assurai_datasets.schema.annotation import Annotation


def said(*values: int, response: int | None = None, **fields: object) -> list[Annotation]:
    return [
        Annotation(instance_id="i", annotator_id=f"p{n}", response=response, safety_score=value, **fields)
        for n, value in enumerate(values)
    ]


def test_the_mean_and_the_agreement_of_scores() -> None:
    assert consensus(said(1, 3, 5)) == Consensus(3.0, {}, 3, pytest.approx((0.5 + 0.0 + 0.5) / 3))
    assert consensus(said(4)) == Consensus(4.0, {}, 1, None)
    assert consensus([]) == Consensus(None, {}, 0, None)


def test_responses_have_means_of_their_own_and_share_the_agreement() -> None:
    found = consensus([*said(5, 5), *said(1, 2, response=10), *said(3, response=2)])
    assert (found.safety_score, found.response_scores) == (5.0, {2: 3.0, 10: 1.5})
    assert found.agreement == pytest.approx((1 + 0.75) / 2)
    assert found.n_annotations == 2


def test_labels_count_only_where_there_are_no_scores() -> None:
    labels = [
        Annotation(instance_id="i", annotator_id=who, is_valid=value) for who, value in (("a", True), ("b", False))
    ]
    assert consensus(labels).agreement == 0.0
    assert consensus([*labels, *said(4, 4)]).agreement == 1.0


def test_the_order_of_the_annotations_changes_no_bit() -> None:
    annotations = [*said(1, 2, 4, 5, 5, 3, 2), *said(2, 3, 3, response=0)]
    for seed in range(20):
        assert consensus(random.Random(seed).sample(annotations, len(annotations))) == consensus(annotations)


def test_the_rows_of_the_long_table_say_the_same() -> None:
    annotations = [*said(1, 3, 5, is_valid=True), *said(2, 4, response=1, risk_factor=21, labels={"tone": 3})]
    rows = [row for a in annotations for row in long_rows(a, a.annotator_id)]
    judged = [Judgement(*(row[name] for name in Judgement._fields)) for row in rows]
    assert consensus_of(judged) == consensus(annotations)
    assert [(row["label"], row["value"], row["score"]) for row in rows[-3:]] == [
        ("safety_score", "4", 4.0),
        ("risk_factor", "Fraud", None),
        ("tone", "3", 3.0),
    ]
