"""The judgements of an intake as ratings, and the row each stands in."""

from array import array
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from assurai_datasets.agreement import Level, Ratings
from assurai_datasets.formats.intake import Intake, Place
from assurai_datasets.schema.annotation import JUDGEMENTS
from assurai_datasets.schema.delivery import LabelDeclaration, label_text
from assurai_datasets.schema.times import parse_time

Numbers = NDArray[np.int64]


class Judged(NamedTuple):
    """What annotators said of one field.

    Attributes:
        ratings: The judgements; units and annotators are numbers that mean nothing elsewhere.
        rows: Row of each judgement in the intake, in the order read.
        units: Unit of each judgement.
        annotators: Annotator of each judgement.
    """

    ratings: Ratings
    rows: Numbers
    units: Numbers
    annotators: Numbers

    def first_row(self, annotator: Hashable, units: tuple[Hashable, ...]) -> int:
        """Return the first row in which an annotator judges one of some units, any unit where none are given."""
        mine = self.annotators == annotator
        shown = mine & np.isin(self.units, np.array(units, np.int64)) if units else mine
        return int(self.rows[shown if shown.any() else mine].min())


def declaration_of(intake: Intake, field: str) -> LabelDeclaration | None:
    """Return what deliveries declare of a label; None for a field of ours."""
    return _declared(intake).get(field)


def scale_of(intake: Intake, field: str) -> tuple[Level, tuple[Hashable, ...] | None]:
    """Return the level of a field and its values, None where they are numbers or those that occur."""
    if field == "safety_score":
        return "ordinal", (1, 2, 3, 4, 5)
    declared = declaration_of(intake, field)
    if declared is None or declared.level == "nominal":
        return "nominal", None
    return declared.level, declared.values


def value_of(annotation: dict[str, Any], field: str, declared: LabelDeclaration | None = None) -> Any:
    """Return what an annotation says of a field, None if nothing; a label with listed values as text."""
    value = annotation.get(field) if field in JUDGEMENTS else annotation.get("labels", {}).get(field)
    return label_text(value) if value is not None and declared is not None and declared.values else value


def judged_fields(intake: Intake) -> tuple[str, ...]:
    """Return the fields that annotations may judge: ours, and the labels that deliveries declare."""
    return (*JUDGEMENTS, *sorted(_declared(intake)))


def judgements_of(intake: Intake, field: str) -> Judged:
    """Return what annotators said of a field, with times where annotations have them.

    Raises:
        UsageError: The values do not fit the level the field is declared with.
    """
    level, values = scale_of(intake, field)
    declared = declaration_of(intake, field)
    return _gather(intake, lambda annotation: value_of(annotation, field, declared), level, values)


def annotations_as_ratings(intake: Intake) -> Judged:
    """Return all annotations as judgements of one value: who annotated what, and when."""
    return _gather(intake, lambda annotation: True, "nominal", None)


def place_of(intake: Intake, row: int) -> tuple[Place, str]:
    """Return where an annotation stands, and the id of its instance."""
    ((instance_id, *where),) = intake.select(
        "SELECT instance_id, delivery, file, line FROM annotations WHERE row = ?", (row,)
    )
    return Place(*where), instance_id


def _declared(intake: Intake) -> dict[str, LabelDeclaration]:
    return {name: label for entry in intake.deliveries for name, label in entry.settings.labels.items()}


def _gather(intake: Intake, value_in: Any, level: Level, scale: tuple[Hashable, ...] | None) -> Judged:
    """Return the judgements packed in arrays: a Python object a judgement would cost more than all else."""
    rows, units, annotators, codes, times = array("q"), array("q"), array("q"), array("q"), array("d")
    code_of: dict[Any, int] = {}
    for row, unit, annotator, annotation in _numbered(intake):
        if (value := value_in(annotation)) is not None:
            rows.append(row)
            units.append(unit)
            annotators.append(annotator)
            codes.append(code_of.setdefault(value, len(code_of)))
            times.append(_seconds(annotation))
    # One judgement of each value tells what numbers stand for the values.
    known = Ratings.from_columns(range(len(code_of)), range(len(code_of)), list(code_of), level=level, values=scale)
    numbers = [np.frombuffer(column, np.int64) for column in (rows, units, annotators)]
    judgements = known.value[np.frombuffer(codes, np.int64)]
    return Judged(_packed(known, numbers[1], numbers[2], judgements, np.array(times)), *numbers)


def _packed(known: Ratings, units: Numbers, annotators: Numbers, values: Any, times: Any) -> Ratings:
    order = np.lexsort((values, times, annotators, units))
    unit_ids, unit = np.unique(units[order], return_inverse=True)
    annotator_ids, annotator = np.unique(annotators[order], return_inverse=True)
    return replace(
        known,
        unit=unit,
        annotator=annotator,
        value=values[order],
        time=times[order],
        unit_ids=tuple(unit_ids.tolist()),
        annotator_ids=tuple(annotator_ids.tolist()),
    )


def _numbered(intake: Intake) -> Iterator[tuple[int, int, int, dict[str, Any]]]:
    """Yield row, unit (an instance or one response) and annotator as numbers, and the annotation, by instance."""
    rows = intake.select(
        "SELECT row, instance_id, response, delivery, annotator, body FROM annotations ORDER BY instance_id, row"
    )
    known: dict[tuple[int, str], int] = {}
    units: dict[int | None, int] = {}
    before, n_units = None, 0
    for row, instance_id, response, delivery, annotator, body in rows:
        if instance_id != before:
            before, units = instance_id, {}
        if response not in units:
            units[response] = n_units
            n_units += 1
        yield row, units[response], known.setdefault((delivery, annotator), len(known)), orjson.loads(body)


def _seconds(annotation: dict[str, Any]) -> float:
    created_at = annotation.get("created_at")
    return parse_time(created_at).timestamp() if created_at is not None else float("nan")
