"""Models of reliability: which value is true and how often each annotator says so, fitted together."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from assurai_datasets.agreement.counts import Counts
from assurai_datasets.agreement.ratings import Floats, Integers, Ratings
from assurai_datasets.errors import DataError, LimitError, UsageError

CELL_LIMIT = 50_000_000
"""Most numbers a model may hold in one table: 400 MB."""

LABELS_PER_PARAMETER = 5.0
"""Fewest labels for each free parameter of the confusion-matrix model, by default."""

ITERATIONS = 200
TOLERANCE = 1e-8
PRIOR = 1.0
"""Imaginary labels added to every count, so that no annotator is ever certain."""


class Reliability(NamedTuple):
    """A fitted model; rows follow `ratings.unit_ids` and `ratings.annotator_ids`, values `ratings.scale()`."""

    probabilities: Floats
    """Probability of each value being true, shape (units, values)."""
    accuracy: Floats
    """How often each annotator says the true value, shape (annotators,); `nan` for one without a label."""


def fit_one_coin(ratings: Ratings) -> Reliability:
    """Return the one-coin model: each annotator has one accuracy, and errors fall on all other values alike.

    Fitted by expectation maximisation from the shares of each unit, with one right and one wrong label added for each
    annotator. It needs few labels; where every annotator is equally good it is the majority.

    Raises:
        LimitError: If units times values do not fit in memory.

    Source: Zhang, Chen, Zhou and Jordan (2016), Spectral methods meet EM, section 2; the model with one parameter an
    annotator of Dawid and Skene (1979).
    """
    ratings = ratings.without_repeats()
    labels = _Labels.of(ratings)

    def accuracy_from(truth: Floats) -> Floats:
        right = np.bincount(labels.annotator, weights=truth[labels.unit, labels.code], minlength=labels.annotators)
        return (right + PRIOR) / (labels.per_annotator + 2 * PRIOR)

    def step(truth: Floats) -> Floats:
        accuracy = accuracy_from(truth)
        wrong = (1 - accuracy) / max(labels.values - 1, 1)
        score = np.tile(np.log(_prevalence(truth)), (labels.units, 1))
        np.add.at(score, (labels.unit, labels.code), np.log(accuracy / wrong)[labels.annotator])
        return score

    truth = _maximise(labels, step)
    accuracy = np.where(labels.per_annotator > 0, accuracy_from(truth), np.nan)
    return Reliability(truth, accuracy)


def fit_dawid_skene(ratings: Ratings, *, labels_per_parameter: float = LABELS_PER_PARAMETER) -> Reliability:
    """Return the full model: each annotator has a confusion matrix, the chance of each label for each true value.

    Fitted by expectation maximisation from the shares of each unit, with one imaginary label spread over every row of
    a matrix. With few labels it collapses onto the common values, so it is refused below the floor.

    Raises:
        DataError: If there are fewer than `labels_per_parameter` labels for each free parameter.
        LimitError: If units times values, or the matrices, do not fit in memory.

    Source: Dawid and Skene (1979), Maximum likelihood estimation of observer error-rates using the EM algorithm.
    """
    ratings = ratings.without_repeats()
    labels = _Labels.of(ratings)
    _refuse_few(labels, labels_per_parameter)

    def confusion_from(truth: Floats) -> Floats:
        confusion = np.full((labels.annotators, labels.values, labels.values), PRIOR / labels.values)
        np.add.at(confusion, (labels.annotator, labels.code), truth[labels.unit])
        confusion /= confusion.sum(axis=1, keepdims=True)
        return confusion

    def step(truth: Floats) -> Floats:
        score = np.tile(np.log(_prevalence(truth)), (labels.units, 1))
        np.add.at(score, labels.unit, np.log(confusion_from(truth))[labels.annotator, labels.code])
        return score

    truth = _maximise(labels, step)
    right = np.einsum("akk,k->a", confusion_from(truth), _prevalence(truth))
    return Reliability(truth, np.where(labels.per_annotator > 0, right, np.nan))


class _Labels(NamedTuple):
    unit: Integers
    annotator: Integers
    code: Integers
    units: int
    annotators: int
    values: int
    per_annotator: Integers
    shares: Floats

    @classmethod
    def of(cls, ratings: Ratings) -> "_Labels":
        if not len(ratings):
            raise UsageError("there are no ratings to fit a model of reliability to")
        counts = Counts.of(ratings)
        units, values, annotators = len(ratings.unit_ids), len(counts.scale), len(ratings.annotator_ids)
        _refuse_large(units * values, f"{units} units times {values} values")
        shares = np.zeros((units, values))
        shares[counts.unit, counts.code] = counts.count / counts.sizes[counts.unit]
        code = np.searchsorted(counts.scale, ratings.value)
        per_annotator = np.bincount(ratings.annotator, minlength=annotators)
        return cls(ratings.unit, ratings.annotator, code, units, annotators, values, per_annotator, shares)


def _maximise(labels: _Labels, step: Callable[[Floats], Floats]) -> Floats:
    """Return the probabilities at which `step` (log scores from probabilities) stands still."""
    truth = labels.shares
    for _ in range(ITERATIONS):
        score = step(truth)
        fresh = np.exp(score - score.max(axis=1, keepdims=True))
        fresh /= fresh.sum(axis=1, keepdims=True)
        moved = float(np.abs(fresh - truth).max(initial=0.0))
        truth = fresh
        if moved < TOLERANCE:
            break
    return truth


def _prevalence(truth: Floats) -> Floats:
    """Return the share of each value, with one imaginary unit spread over all."""
    share: Floats = (truth.sum(axis=0) + PRIOR / truth.shape[1]) / (len(truth) + PRIOR)
    return share


def _refuse_few(labels: _Labels, labels_per_parameter: float) -> None:
    working = int(np.count_nonzero(labels.per_annotator))
    parameters = (working * labels.values + 1) * (labels.values - 1)
    if len(labels.unit) < labels_per_parameter * parameters:
        raise DataError(
            f"a confusion matrix for each of {working} annotators over {labels.values} values has {parameters} "
            f"parameters; {len(labels.unit)} labels are fewer than {labels_per_parameter:g} each; use one_coin"
        )
    _refuse_large(parameters, f"confusion matrices of {working} annotators over {labels.values} values")


def _refuse_large(cells: int, what: str) -> None:
    if cells > CELL_LIMIT:
        raise LimitError(f"{what} are more than {CELL_LIMIT} numbers; take the majority, or fit parts of the data")
