"""From suppliers' folders to typed instances, annotations and review events, each with its place."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.files import Folder
from assurai_datasets.formats.intake import Intake, Place
from assurai_datasets.formats.tables import Row, TableFault, read_rows
from assurai_datasets.ingestion.normalise import normalise_annotation, normalise_instance
from assurai_datasets.ingestion.record_faults import ANNOTATION, INSTANCE, REVIEW, Subject, faults_of
from assurai_datasets.ingestion.settings import SETTINGS_FILE, read_settings
from assurai_datasets.ingestion.text_key import text_key
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.record import Record
from assurai_datasets.schema.review import ReviewEvent

WITHHELD = "(withheld)"
Polarity = Literal["safety", "risk"]
Normalise = Callable[[dict[str, Any], Delivery], tuple[dict[str, Any], list[Fault]]]


class _Kind(NamedTuple):
    """One kind of table of a delivery."""

    name: str
    subject: Subject
    normalise: Normalise
    keep: Callable[[Intake, Place, Any], None]


def ingest(*deliveries: str | Path, score_polarity: Polarity | None = None) -> Intake:
    """Return the rows of deliveries as an intake: iterate over it for the instances, close it when done.

    Wrong data becomes an issue in `Intake.issues`, and the rest goes on.

    Args:
        deliveries: Folders of suppliers; they are only read.
        score_polarity: What the scores of all deliveries mean, over what each one declares: `safety` (5 is safe) or
            `risk` (5 is the worst; scores are turned).

    Raises:
        UsageError: No delivery is given, or one is no folder.
    """
    folders = [_folder(delivery) for delivery in deliveries]
    if not folders:
        raise UsageError("give at least one delivery, a folder with a delivery.yaml")
    intake = Intake()
    try:
        for folder in folders:
            _read_delivery(intake, folder, f"{folder.root.name}/" if len(folders) > 1 else "", score_polarity)
        return intake.finish()
    except BaseException:
        intake.close()
        raise


def _folder(delivery: str | Path) -> Folder:
    path = Path(delivery)
    if not path.is_dir():
        what = "is a file, not a folder" if path.exists() else "does not exist"
        raise UsageError(f"cannot read the delivery {str(delivery)!r}: it {what}")
    return Folder(path.resolve())


def _read_delivery(intake: Intake, folder: Folder, prefix: str, polarity: Polarity | None) -> None:
    settings, issues = read_settings(folder)
    intake.issues += [_prefixed(issue, prefix) for issue in issues]
    if settings is None:
        return
    if polarity is not None:
        settings = settings.model_copy(update={"score_polarity": polarity})
    number = intake.add_delivery(folder.root, prefix, settings)
    before = intake.rows_read
    for kind, names in _tables(settings):
        for name in _expanded(intake, folder, names, prefix):
            _read_table(intake, _Source(folder, number, prefix, settings), kind, name)
    if intake.rows_read == before:
        hint = "check the name under instances in delivery.yaml"
        intake.issues.append(
            make_issue(Code.DELIVERY_EMPTY, "the delivery has no instance", hint, file=f"{prefix}{SETTINGS_FILE}")
        )


class _Source(NamedTuple):
    folder: Folder
    number: int
    prefix: str
    settings: Delivery


def _tables(settings: Delivery) -> Iterator[tuple[_Kind, tuple[str, ...]]]:
    for kind, names in ((_INSTANCES, settings.instances), (_ANNOTATIONS, settings.annotations), (_REVIEWS, settings.reviews)):
        if names is not None:
            yield kind, (names,) if isinstance(names, str) else names


def _expanded(intake: Intake, folder: Folder, names: tuple[str, ...], prefix: str) -> Iterator[str]:
    for name in names:
        try:
            found = folder.glob(name) if set("*?[") & set(name) else (name,)
        except PathEscapesError as error:
            intake.issues.append(_path_escapes(error, prefix))
            continue
        if not found:
            message = f"no file matches {name!r}"
            issue = make_issue(Code.DELIVERY_FILE_MISSING, message, "correct the pattern", file=f"{prefix}{SETTINGS_FILE}")
            intake.issues.append(issue)
        yield from found


def _path_escapes(error: PathEscapesError, prefix: str) -> Issue:
    hint = "name a file inside the delivery"
    return make_issue(Code.DELIVERY_PATH_ESCAPES, str(error), hint, file=f"{prefix}{SETTINGS_FILE}")


def _read_table(intake: Intake, source: _Source, kind: _Kind, name: str) -> None:
    for row in read_rows(source.folder, name):
        if isinstance(row, TableFault):
            file = f"{source.prefix}{row.file}"
            intake.issues.append(make_issue(row.code, row.message, row.hint, file=file, line=row.line))
        else:
            _read_row(intake, source, kind, row)
        if kind is _INSTANCES and not (isinstance(row, TableFault) and row.line is None):
            intake.rows_read += 1


def _read_row(intake: Intake, source: _Source, kind: _Kind, row: Row) -> None:
    place = Place(source.number, f"{source.prefix}{row.file}", row.line)
    values, faults = kind.normalise(row.values, source.settings)
    record, refused = _record(kind.subject, values)
    named = {fault.field for fault in faults}
    faults += [fault for fault in refused if fault.field not in named]
    if record is not None and not faults:
        kind.keep(intake, place, record)
        return
    intake.issues += [_issue(fault, place, kind, values) for fault in faults]
    hidden = {field: WITHHELD for field in kind.subject.secret if field in row.values}
    intake.add_refused(place, kind.name, {**row.values, **hidden}, sorted({fault.code for fault in faults}))


def _record(subject: Subject, values: dict[str, Any]) -> tuple[Record | None, list[Fault]]:
    try:
        return subject.model.model_validate(values), []
    except ValidationError as error:
        return None, list(faults_of(error, subject))


def _issue(fault: Fault, place: Place, kind: _Kind, values: dict[str, Any]) -> Issue:
    given = values.get("id" if kind is _INSTANCES else "instance_id")
    return make_issue(
        fault.code,
        fault.message,
        fault.hint,
        file=place.file,
        line=place.line,
        instance_id=given if isinstance(given, str) else None,
        field=fault.field or None,
    )


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


_INSTANCES = _Kind("instance", INSTANCE, normalise_instance, _keep_instance)
_ANNOTATIONS = _Kind("annotation", ANNOTATION, normalise_annotation, _keep_annotation)
_REVIEWS = _Kind("review", REVIEW, _unchanged, _keep_review)
