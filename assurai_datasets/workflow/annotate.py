"""Annotation of a delivery: out to annotators, and their judgements back as a table of annotations."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

import orjson
from pydantic import ValidationError

from assurai_datasets.annotation import (
    JUDGED,
    MEDIA_FOLDER,
    Blank,
    Draft,
    Item,
    Judge,
    Medium,
    items_of,
    make_form,
    make_projects,
    read_form,
    read_label_studio_export,
    write_projects,
)
from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.files import building_folder, write_atomically
from assurai_datasets.formats.guidelines import write_guidelines
from assurai_datasets.formats.intake import Intake
from assurai_datasets.ingestion import ingest
from assurai_datasets.ingestion.record_faults import ANNOTATION, faults_of
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import LabelDeclaration
from assurai_datasets.schema.issue import Issue, issue_of, make_issue
from assurai_datasets.schema.report import Report

Tool = Literal["label-studio", "xlsx"]
TOOLS: tuple[Tool, ...] = get_args(Tool)
ANNOTATORS = 3
MAX_ANNOTATORS = 100
READERS: Mapping[str, Callable[[Path], Iterator[Draft | Blank | Issue]]] = MappingProxyType(
    {".json": read_label_studio_export, ".xlsx": read_form}
)


class Exported(NamedTuple):
    """What was handed out.

    Attributes:
        report: What was found in the delivery.
        items: Things to judge.
        names: Projects or forms by name; none where the delivery has errors, and then nothing was written.
    """

    report: Report
    items: int
    names: tuple[str, ...]


class Imported(NamedTuple):
    """What came back.

    Attributes:
        report: What was found in the files; where it has errors, nothing was written.
        annotations: Annotations.
        annotators: People they are by.
        blank: Items left open or skipped, each counted once for each annotator who did.
    """

    report: Report
    annotations: int
    annotators: int
    blank: int


def export_annotation(
    delivery: str | Path,
    output: str | Path,
    *,
    to: Tool,
    annotators: int = ANNOTATORS,
    judge: Judge = "responses",
) -> Exported:
    """Return what was written into a new folder for annotators to judge a delivery.

    Nothing in the folder tells what anybody said of the delivery: no annotations, reviews, scores of responses, safe
    options or risk factors. Media are copied under names made of their content.

    Args:
        delivery: The delivery; it is only read.
        output: A new or empty folder.
        to: `label-studio`: a project for each layout; `xlsx`: a workbook for each annotator.
        annotators: How many people judge each item.
        judge: `responses`: each response, and the instance where it has none; `instances`: the prompts alone.

    Raises:
        UsageError: The delivery cannot be read, the folder holds something, or a setting is not as described.
        LimitError: A form cannot hold the delivery.
    """
    _check_call(to, annotators, judge)
    with ingest(delivery) as intake:
        found = list(items_of(intake, judge=judge))
        items = [item for item in found if isinstance(item, Item)]
        report = Report.of(intake.rows_read, [*intake.issues, *(issue for issue in found if isinstance(issue, Issue))])
        if report.errors:
            return Exported(report, len(items), ())
        with building_folder(Path(output), overwrite=False) as folder:
            names = _WRITERS[to](intake, items, folder, annotators)
            write_guidelines(folder / "guidelines")
    return Exported(report, len(items), names)


def import_annotations(*files: str | Path, output: str | Path) -> Imported:
    """Return what was read from exports of Label Studio and filled forms, and written as JSON lines.

    The rows stand by instance, response and annotator. The file holds the raw ids of annotators: it belongs into the
    supplier's delivery and nowhere else.

    Args:
        files: `.json` of Label Studio, `.xlsx` of our forms.
        output: A new file.

    Raises:
        UsageError: A file cannot be read or is of another kind, or the output exists or cannot be written.
        DataError: The files are sound and hold no judgement.
    """
    target, paths = Path(output), [Path(file) for file in files]
    _check_files(paths, target)
    read = _Reading()
    for path in paths:
        for found in READERS[path.suffix.casefold()](path):
            read.take(found)
    report = Report.of(len(read.annotations) + read.refused, read.issues)
    if not report.errors and not read.annotations:
        raise DataError(f"nothing was judged: the {read.blank:,} items of the files were left open or skipped")
    if not report.errors:
        write_atomically(target, b"".join(_lines(read.annotations)))
    people = {annotation.annotator_id for annotation in read.annotations}
    return Imported(report, len(read.annotations), len(people), read.blank)


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.annotations: list[Annotation] = []
        self.issues: list[Issue] = []
        self.refused = 0
        self.blank = 0
        self._places: dict[tuple[str, int | None, str], str] = {}

    def take(self, found: Draft | Blank | Issue) -> None:
        """Keep what one row or annotation of a file says."""
        if isinstance(found, Blank):
            self.blank += 1
        elif isinstance(found, Issue):
            self.issues.append(found)
        else:
            self._check(found)

    def _check(self, draft: Draft) -> None:
        try:
            annotation = Annotation.model_validate(draft.values)
        except ValidationError as error:
            self.refused += 1
            self.issues += _issues(draft, error)
            return
        key = (annotation.instance_id, annotation.response, annotation.annotator_id)
        if first := self._places.get(key):
            self.refused += 1
            self.issues.append(_repeated(draft, annotation, first))
        else:
            self._places[key] = f"{draft.file}:{draft.line}"
            self.annotations.append(annotation)


def _issues(draft: Draft, error: ValidationError) -> Iterator[Issue]:
    instance_id = draft.values.get("instance_id")
    named = instance_id[:128] if isinstance(instance_id, str) else None
    for fault in faults_of(error, ANNOTATION):
        yield issue_of(fault, file=draft.file, line=draft.line, instance_id=named)


def _repeated(draft: Draft, annotation: Annotation, first: str) -> Issue:
    message = f"the same annotator judged this already at {first}"
    hint = "keep one judgement of each annotator"
    return make_issue(
        Code.ANNOTATION_DUPLICATE,
        message,
        hint,
        file=draft.file,
        line=draft.line,
        instance_id=annotation.instance_id,
    )


def _lines(annotations: Iterable[Annotation]) -> Iterator[bytes]:
    for annotation in sorted(annotations, key=_order):
        row = annotation.model_dump(mode="json", exclude_none=True)
        if not row["labels"]:
            del row["labels"]
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _order(annotation: Annotation) -> tuple[str, int, str]:
    return annotation.instance_id, -1 if annotation.response is None else annotation.response, annotation.annotator_id


def _check_call(to: Tool, annotators: int, judge: Judge) -> None:
    if to not in TOOLS:
        raise UsageError(f"to must be one of {', '.join(TOOLS)}, not {to!r}")
    if judge not in JUDGED:
        raise UsageError(f"judge must be one of {', '.join(JUDGED)}, not {judge!r}")
    if not 1 <= annotators <= MAX_ANNOTATORS:
        raise UsageError(f"annotators must be from 1 to {MAX_ANNOTATORS}, not {annotators}")


def _check_files(paths: Sequence[Path], target: Path) -> None:
    if not paths:
        raise UsageError("give at least one file: a .json of Label Studio or a filled .xlsx form")
    if target.exists():
        raise UsageError(f"{str(target)!r} exists; name a new file, or remove it first")
    if not target.absolute().parent.is_dir():
        raise UsageError(f"cannot write {str(target)!r}: there is no folder {str(target.absolute().parent)!r}")
    for path in paths:
        if path.suffix.casefold() not in READERS:
            raise UsageError(f"{str(path)!r} is neither a .json of Label Studio nor a filled .xlsx form")
        if not path.is_file():
            raise UsageError(f"there is no file {str(path)!r}")


def _labels(intake: Intake) -> Mapping[str, LabelDeclaration]:
    return intake.deliveries[0].settings.labels


def _write_label_studio(intake: Intake, items: Sequence[Item], folder: Path, annotators: int) -> tuple[str, ...]:
    title = intake.deliveries[0].settings.name
    projects = make_projects(items, title=title, labels=_labels(intake), annotators=annotators)
    write_projects(projects, folder)
    _copy_media((medium for project in projects for medium in project.linked), folder)
    return tuple(project.name for project in projects)


def _write_forms(intake: Intake, items: Sequence[Item], folder: Path, annotators: int) -> tuple[str, ...]:
    width = len(str(annotators))
    names = tuple(f"annotator-{number:0{width}}" for number in range(1, annotators + 1))
    for name in names:
        (folder / f"{name}.xlsx").write_bytes(make_form(items, annotator=name, labels=_labels(intake)))
    _copy_media((medium for item in items for medium in (item.medium, item.answer_medium) if medium), folder)
    return tuple(f"{name}.xlsx" for name in names)


def _copy_media(media: Iterable[Medium], folder: Path) -> None:
    for medium in media:
        target = folder / MEDIA_FOLDER / medium.name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(medium.file, target)


_WRITERS: Mapping[Tool, Callable[[Intake, Sequence[Item], Path, int], tuple[str, ...]]] = MappingProxyType(
    {"label-studio": _write_label_studio, "xlsx": _write_forms}
)
