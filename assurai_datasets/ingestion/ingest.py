"""From suppliers' folders to typed instances, annotations and review events, each with its place."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.formats.tables import Row, TableFault, read_rows
from assurai_datasets.ingestion.flat_rows import label_kinds, read_flat_row
from assurai_datasets.ingestion.mapping import Mapped, Mapping, load_mapping
from assurai_datasets.ingestion.normalise import normalise_annotation, normalise_instance
from assurai_datasets.ingestion.opening import Opened, Polarity, open_delivery
from assurai_datasets.ingestion.record_faults import ANNOTATION, INSTANCE, RETRACTION, REVIEW, Subject, faults_of
from assurai_datasets.ingestion.repair_texts import repair_texts
from assurai_datasets.ingestion.settings import SETTINGS_FILE
from assurai_datasets.ingestion.text_key import text_key
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue, issue_of, make_issue
from assurai_datasets.schema.record import Record
from assurai_datasets.schema.release import Retraction
from assurai_datasets.schema.review import ReviewEvent

WITHHELD = "(withheld)"
Normalise = Callable[[dict[str, Any], Delivery], tuple[dict[str, Any], list[Fault]]]


class _Kind(NamedTuple):
    """One kind of table of a delivery."""

    name: str
    subject: Subject
    normalise: Normalise
    keep: Callable[[Intake, Place, Any], None]


def ingest(
    *deliveries: str | Path,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
    normalize: bool = False,
) -> Intake:
    """Return the rows of deliveries as an intake: iterate over it for the instances, close it when done.

    Wrong data becomes an issue in `Intake.issues`, and the rest goes on.

    Args:
        deliveries: Folders or archives of suppliers, also without a `delivery.yaml` where the layout is a known one;
            they are only read.
        mapping: Name of a packaged mapping or a file, in place of the one a delivery names.
        score_polarity: What the scores of all deliveries mean, over what each one declares: `safety` (5 is safe) or
            `risk` (5 is the worst; scores are turned).
        normalize: Give the texts of instances NFC and white-space repairs; each is an issue.

    Raises:
        UsageError: No delivery is given, or one, or the mapping, cannot be read.
    """
    if not deliveries:
        raise UsageError("give at least one delivery: a folder with a delivery.yaml, or an archive of one")
    given = None if mapping is None else load_mapping(mapping)
    intake = Intake()
    try:
        for source in _sources(intake, [Path(delivery) for delivery in deliveries], given, score_polarity):
            _read_delivery(intake, source._replace(normalize=normalize))
        return intake.finish()
    except BaseException:
        intake.close()
        raise


class _Source(NamedTuple):
    """A delivery being read.

    Attributes:
        opened: What was opened.
        settings: What it declares.
        prefix: Stands before its files in issues.
        given: The folder or archive that was given.
        number: Its number.
        normalize: Whether to repair texts.
    """

    opened: Opened
    settings: Delivery
    prefix: str
    given: Path
    number: int = 0
    normalize: bool = False


def _sources(
    intake: Intake, deliveries: list[Path], mapping: Mapping | None, score_polarity: Polarity | None
) -> list[_Source]:
    """Return the deliveries with readable settings by name, so that the order they were given in changes nothing."""
    found: dict[str, _Source] = {}
    for number, delivery in enumerate(deliveries):
        prefix = f"{delivery.resolve().name}/" if len(deliveries) > 1 else ""
        into = intake.folder / f"unpacked-{number}"
        into.mkdir()
        opened = open_delivery(delivery, into, mapping=mapping, score_polarity=score_polarity)
        intake.issues += [_prefixed(issue, prefix) for issue in opened.issues]
        settings = opened.settings
        if settings is not None and settings.name in found:
            message = f"two deliveries are called {settings.name!r}"
            hint = "give each delivery a name of its own"
            intake.issues.append(_settings_issue(Code.DELIVERY_NAME_DUPLICATE, message, hint, prefix))
        elif settings is not None:
            found[settings.name] = _Source(opened, settings, prefix, delivery)
    return [found[name] for name in sorted(found)]


def _read_delivery(intake: Intake, source: _Source) -> None:
    source = source._replace(number=intake.add_delivery(_entry(source)))
    before, unreadable = intake.rows_read, len(intake.issues)
    if source.opened.rows is not None:
        _read_mapped(intake, source, source.opened.rows())
    for kind, names in _tables(source):
        for name in _expanded(intake, source, names):
            _read_table(intake, source, kind, read_rows(source.opened.folder, name))
    if intake.rows_read == before and len(intake.issues) == unreadable:
        intake.issues.append(_nothing_to_release(source))


def _entry(source: _Source) -> DeliveryEntry:
    mapping, root = source.opened.mapping, source.opened.folder.root
    if mapping is None:
        return DeliveryEntry(0, root, source.prefix, source.settings, given=source.given)
    known = (mapping.policy.min_annotations, mapping.no_instances is not None)
    return DeliveryEntry(0, root, source.prefix, source.settings, *known, source.given)


def _nothing_to_release(source: _Source) -> Issue:
    mapping = source.opened.mapping
    if mapping is not None and mapping.no_instances is not None:
        hint = "measure its ratings with assurai agreement"
        return _settings_issue(Code.DELIVERY_EMPTY, mapping.no_instances, hint, source.prefix)
    hint = "check the name under instances in delivery.yaml"
    return _settings_issue(Code.DELIVERY_EMPTY, "the delivery has no instance", hint, source.prefix)


def _tables(source: _Source) -> Iterator[tuple[_Kind, tuple[str, ...]]]:
    """Yield the tables of our own fields: all of a delivery, or only the reviews where a mapping makes the rest."""
    settings, mapped = source.settings, source.opened.rows is not None
    for kind, names in (
        (_INSTANCES, None if mapped else settings.instances),
        (_ANNOTATIONS, None if mapped else settings.annotations),
        (_REVIEWS, settings.reviews),
        (_RETRACTIONS, settings.retractions),
    ):
        if names is not None:
            yield kind, (names,) if isinstance(names, str) else names


def _expanded(intake: Intake, source: _Source, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        try:
            found = source.opened.folder.glob(name) if set("*?[") & set(name) else (name,)
        except PathEscapesError as error:
            issue = _settings_issue(Code.DELIVERY_PATH_ESCAPES, str(error), error.hint, source.prefix)
            intake.issues.append(issue)
            continue
        if not found:
            message, hint = f"no file matches {name!r}", "correct the pattern, or add the files"
            intake.issues.append(_settings_issue(Code.DELIVERY_FILE_MISSING, message, hint, source.prefix))
        yield from found


def _settings_issue(code: Code, message: str, hint: str, prefix: str) -> Issue:
    return make_issue(code, message, hint, file=f"{prefix}{SETTINGS_FILE}")


def _read_table(intake: Intake, source: _Source, kind: _Kind, rows: Iterable[Row | TableFault]) -> None:
    for row in rows:
        if isinstance(row, TableFault):
            _keep_fault(intake, source, row, kind is _INSTANCES)
        else:
            _read_row(intake, source, kind, row)


def _read_mapped(intake: Intake, source: _Source, rows: Iterable[Mapped]) -> None:
    for row in rows:
        if isinstance(row, TableFault):
            _keep_fault(intake, source, row, True)
        else:
            _read_row(intake, source, _INSTANCES if row.kind == "instance" else _ANNOTATIONS, row.row)


def _keep_fault(intake: Intake, source: _Source, fault: TableFault, of_instance: bool) -> None:
    """Keep the fault of a table; an error of one row of instances counts as an instance read."""
    issue = make_issue(fault.code, fault.message, fault.hint, file=f"{source.prefix}{fault.file}", line=fault.line)
    intake.issues.append(issue)
    if fault.line is not None and issue.severity == "error":
        intake.rows_read += of_instance
        place = Place(source.number, f"{source.prefix}{fault.file}", fault.line)
        intake.add_refused(place, "instance" if of_instance else "row", {}, [fault.code])


def _read_row(intake: Intake, source: _Source, kind: _Kind, row: Row) -> None:
    place = Place(source.number, f"{source.prefix}{row.file}", row.line)
    intake.rows_read += kind is _INSTANCES
    given = read_flat_row(row.values, label_kinds(source.settings.labels)) if row.flat else row.values
    values, faults = kind.normalise(given, source.settings)
    if source.normalize and kind is _INSTANCES:
        values, repaired = repair_texts(values)
        intake.issues += [_issue(repair, place, kind, values) for repair in repaired]
    record, refused = _record(kind.subject, values)
    named = {fault.field for fault in faults}
    faults += [fault for fault in refused if fault.field not in named]
    if record is not None and not faults:
        kind.keep(intake, place, record)
        return
    intake.issues += [_issue(fault, place, kind, values) for fault in faults]
    hidden = {field: WITHHELD for field in kind.subject.secret if field in given}
    intake.add_refused(place, kind.name, {**given, **hidden}, sorted({fault.code for fault in faults}))


def _record(subject: Subject, values: dict[str, Any]) -> tuple[Record | None, list[Fault]]:
    try:
        return subject.model.model_validate(values), []
    except ValidationError as error:
        return None, list(faults_of(error, subject))


def _issue(fault: Fault, place: Place, kind: _Kind, values: dict[str, Any]) -> Issue:
    given = values.get("id" if kind is _INSTANCES else "instance_id")
    instance_id = given if isinstance(given, str) else None
    return issue_of(fault, file=place.file, line=place.line, instance_id=instance_id)


def _prefixed(issue: Issue, prefix: str) -> Issue:
    where = issue.where.model_copy(update={"file": f"{prefix}{issue.where.file}"})
    return issue.model_copy(update={"where": where})


def _unchanged(values: dict[str, Any], settings: Delivery) -> tuple[dict[str, Any], list[Fault]]:
    return values, []


def _keep_instance(intake: Intake, place: Place, instance: Instance) -> None:
    intake.add_instance(place, instance, text_key(instance))


def _keep_annotation(intake: Intake, place: Place, annotation: Annotation) -> None:
    intake.add_annotation(place, annotation)


def _keep_review(intake: Intake, place: Place, event: ReviewEvent) -> None:
    intake.add_review(place, event)


def _keep_retraction(intake: Intake, place: Place, retraction: Retraction) -> None:
    intake.retract(retraction.instance_id, retraction.reason, retraction.date)


_INSTANCES = _Kind("instance", INSTANCE, normalise_instance, _keep_instance)
_ANNOTATIONS = _Kind("annotation", ANNOTATION, normalise_annotation, _keep_annotation)
_REVIEWS = _Kind("review", REVIEW, _unchanged, _keep_review)
_RETRACTIONS = _Kind("retraction", RETRACTION, _unchanged, _keep_retraction)
