"""Agreement over the annotations of deliveries, of releases, or of bare tables of ratings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assurai_datasets.agreement import (
    Agreement,
    AnnotatorQuality,
    Ratings,
    assess_annotators,
    measure_agreement,
    units_by_annotator,
)
from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import ingest
from assurai_datasets.release import MANIFEST
from assurai_datasets.release.pseudonyms import pseudonyms
from assurai_datasets.schema.annotation import JUDGEMENTS, Annotation
from assurai_datasets.schema.delivery import LEVELS, LabelDeclaration, Level
from assurai_datasets.schema.record import Record
from assurai_datasets.schema.times import parse_time
from assurai_datasets.taxonomy import load_taxonomy
from assurai_datasets.workflow.fetch import fetched
from assurai_datasets.workflow.ratings import BARE_SUFFIXES, read_releases, read_tables

By = Literal["risk_factor", "category", "prompt_type", "modality", "stage", "annotator"]
OWN_SCALES: Mapping[str, tuple[Any, ...]] = {"safety_score": (1, 2, 3, 4, 5)}
Unit = tuple[str, int | None]


class AgreementSettings(NamedTuple):
    """What is measured.

    Attributes:
        label: Only this field; None for all that occur.
        level: Level of measurement in place of the declared one; what a bare table needs for a label of its own.
        by: Groups that get figures of their own; None for none.
        mapping: Mapping that makes annotations of a foreign table.
        resamples: Bootstrap resamples of the intervals; 0 for none.
        seed: Seed of the resamples.
        floor: Fewest units with two ratings for a figure.
    """

    label: str | None = None
    level: Level | None = None
    by: By | None = None
    mapping: str | Path | None = None
    resamples: int = 1000
    seed: int = 0
    floor: int = 10


class FieldAgreement(Record):
    """One field: how far annotators agree on it, and how each of them works; annotators have pseudonyms."""

    agreement: Agreement
    annotators: tuple[AnnotatorQuality, ...]


def agree_on(*sources: str | Path, settings: AgreementSettings | None = None) -> dict[str, FieldAgreement]:
    """Return the agreement on each field of deliveries, of releases, or of bare tables of ratings.

    Args:
        sources: Deliveries, or releases, or tables: with the columns `instance_id`, `annotator_id`, and judgements,
            or with `instance_id` and a column for each annotator.
        settings: What is measured.

    Raises:
        UsageError: A source cannot be read, or the field or the level is not as described.
        DataError: There is no judgement of the field.
    """
    asked = settings or AgreementSettings()
    with fetched(sources) as paths, _read(paths, asked) as intake:
        groups = _groups(intake, asked.by)
        gold = _gold(intake)
        fields = _ratings(intake, asked)
        if not fields:
            raise DataError(f"there is no judgement of {asked.label!r}" if asked.label else "there are no annotations")
        return {name: _measure(ratings, groups, gold.get(name), asked) for name, ratings in sorted(fields.items())}


def _measure(ratings: Ratings, groups: Any, gold: Mapping[Any, Any] | None, asked: AgreementSettings) -> FieldAgreement:
    by = units_by_annotator(ratings) if asked.by == "annotator" else groups
    measured = measure_agreement(ratings, resamples=asked.resamples, seed=asked.seed, floor=asked.floor, by=by)
    annotators = assess_annotators(ratings, gold=gold, floor=asked.floor)
    return FieldAgreement(agreement=measured, annotators=tuple(annotators))


def _read(paths: tuple[Path, ...], asked: AgreementSettings) -> Intake:
    tables = [path for path in paths if path.is_file() and path.suffix.lower() in BARE_SUFFIXES]
    releases = [path for path in paths if (path / MANIFEST).is_file()]
    if not tables and not releases:
        return ingest(*paths, mapping=asked.mapping)
    if len(paths) not in (len(tables), len(releases)):
        raise UsageError("give either deliveries, or releases, or bare tables of ratings, not both")
    return read_tables(tables, label=asked.label, mapping=asked.mapping) if tables else read_releases(releases)


def _ratings(intake: Intake, asked: AgreementSettings) -> dict[str, Ratings]:
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    names = pseudonyms(intake)
    declared = _declared(intake)
    for place, annotation in intake.annotations():
        unit = _unit_name(annotation.instance_id, annotation.response)
        time_s = parse_time(annotation.created_at).timestamp() if annotation.created_at else None
        for field, value in _values(annotation):
            if asked.label in (None, field):
                number = _number(value, declared.get(field), asked.level)
                rows[field].append((unit, names[place.delivery, annotation.annotator_id], number, time_s))
    return {field: _as_ratings(field, table, declared.get(field), asked.level) for field, table in rows.items()}


def _as_ratings(
    field: str, rows: list[tuple[Any, ...]], declaration: LabelDeclaration | None, level: Level | None
) -> Ratings:
    known = level or (declaration.level if declaration else LEVELS.get(field, "nominal"))
    scale = declaration.values if declaration else OWN_SCALES.get(field)
    return Ratings.from_rows(rows, level=known, values=scale)


def _declared(intake: Intake) -> dict[str, LabelDeclaration]:
    return {name: label for entry in intake.deliveries for name, label in entry.settings.labels.items()}


def _values(annotation: Annotation) -> Iterator[tuple[str, Any]]:
    for name in JUDGEMENTS:
        if (value := getattr(annotation, name)) is not None:
            yield name, value
    yield from annotation.labels.items()


def _number(value: Any, declaration: LabelDeclaration | None, asked: Level | None) -> Any:
    """Return a label's value as a number where the level needs one and the table held text."""
    level = asked or declaration.level if declaration else None
    if level in (None, "nominal") or not isinstance(value, str):
        return value
    if level == "ordinal" and declaration and value in (declaration.values or ()):
        return value  # a place on a scale of words, which may look like numbers
    try:
        return float(value)
    except ValueError:
        return value


def _unit_name(instance_id: str, response: int | None) -> str:
    return instance_id if response is None else f"{instance_id}#{response}"


def _groups(intake: Intake, by: By | None) -> dict[str, str] | None:
    """Return the group of every unit, or None where none are asked for or each annotator is one."""
    if by is None or by == "annotator":
        return None
    group_of = _GROUPS[by]
    of_instance = {placed.instance.id: group_of(placed.instance) for placed in intake.instances()}
    units = intake.select("SELECT DISTINCT instance_id, response FROM annotations")
    named = ((_unit_name(instance_id, response), of_instance.get(instance_id)) for instance_id, response in units)
    return {unit: group for unit, group in named if group is not None}


_GROUPS: Mapping[str, Callable[[Any], str | None]] = {
    "risk_factor": lambda instance: load_taxonomy().risk_factor(instance.risk_factor).name,
    "category": lambda instance: load_taxonomy().risk_factor(instance.risk_factor).category,
    "prompt_type": lambda instance: str(instance.prompt_type),
    "modality": lambda instance: str(instance.modality),
    "stage": lambda instance: instance.stage,
}


def _gold(intake: Intake) -> dict[str, dict[str, int]]:
    """Return the experts' values: the risk factor of the seed instances."""
    seeds = intake.select("SELECT id, risk_factor FROM instances WHERE stage = 'seed'")
    return {"risk_factor": {str(instance_id): int(number) for instance_id, number in seeds}}
