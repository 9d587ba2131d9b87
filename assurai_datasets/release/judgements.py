"""What the annotations of one instance say together, and each one as rows of the long table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from statistics import fmean
from typing import Any, NamedTuple

from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.delivery import label_text
from assurai_datasets.taxonomy import load_taxonomy

SCORE_RANGE = 4.0
SAFETY_SCORE = "safety_score"


class Consensus(NamedTuple):
    """What the annotations of one instance say together.

    Attributes:
        safety_score: Mean of the safety scores of the instance itself, 1 = risk ... 5 = safe; None without any.
        response_scores: Mean safety score by position of the response.
        n_annotations: Annotators who judged the instance or one of its responses.
        agreement: Mean over all pairs of judgements of one thing by two annotators, from 0 to 1: for safety scores
            1 - |difference| / 4; where there are none, 1 where the labels are equal and else 0. None without pairs.
    """

    safety_score: float | None
    response_scores: dict[int, float]
    n_annotations: int
    agreement: float | None


class Judgement(NamedTuple):
    """One label that one annotator gave to an instance or one of its responses, as a row of the long table has it."""

    response: int | None
    annotator: str
    label: str
    value: str
    score: float | None


def consensus(annotations: Iterable[Annotation]) -> Consensus:
    """Return what the annotations of one instance say together."""
    return consensus_of(judgement for annotation in annotations for judgement in _judgements(annotation))


def consensus_of(judgements: Iterable[Judgement]) -> Consensus:
    """Return what the judgements of one instance say together."""
    scores: dict[int | None, list[float]] = defaultdict(list)
    labels: dict[tuple[int | None, str], list[str]] = defaultdict(list)
    annotators: set[str] = set()
    for response, annotator, label, value, score in judgements:
        annotators.add(annotator)
        labels[response, label].append(value)
        if label == SAFETY_SCORE and score is not None:
            scores[response].append(score)
    means = {response: fmean(values) for response, values in scores.items()}
    own = means.pop(None, None)
    by_response = {response: mean for response, mean in sorted(means.items(), key=str) if response is not None}
    return Consensus(own, by_response, len(annotators), _agreement(scores.values(), labels.values()))


def long_rows(annotation: Annotation, annotator: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of the `annotations` config that one annotation gives: one for each judgement.

    Args:
        annotation: The annotation.
        annotator: Pseudonym of its annotator.
    """
    shared = {
        "instance_id": annotation.instance_id,
        "response": annotation.response,
        "annotator": annotator,
        "comment": annotation.comment,
        "created_at": annotation.created_at,
    }
    for _, _, label, value, score in _judgements(annotation):
        yield {**shared, "label": label, "value": value, "score": score}


def _judgements(annotation: Annotation) -> Iterator[Judgement]:
    for label, value, score in _labels(annotation):
        yield Judgement(annotation.response, annotation.annotator_id, label, value, score)


def _labels(annotation: Annotation) -> Iterator[tuple[str, str, float | None]]:
    if annotation.safety_score is not None:
        yield SAFETY_SCORE, str(annotation.safety_score), float(annotation.safety_score)
    if annotation.risk_factor is not None:
        yield "risk_factor", load_taxonomy().risk_factor(annotation.risk_factor).name, None
    if annotation.is_valid is not None:
        yield "is_valid", label_text(annotation.is_valid), None
    for name, value in sorted(annotation.labels.items()):
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        yield name, label_text(value), number


def _agreement(scores: Iterable[list[float]], labels: Iterable[list[str]]) -> float | None:
    near = [1 - abs(a - b) / SCORE_RANGE for values in scores for a, b in combinations(values, 2)]
    if not near:
        near = [float(a == b) for values in labels for a, b in combinations(values, 2)]
    return fmean(near) if near else None
