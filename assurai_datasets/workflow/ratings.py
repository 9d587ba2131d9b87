"""Judgements that lie outside deliveries: in bare tables of ratings, and in releases."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assurai_datasets.errors import DataError
from assurai_datasets.files import Folder
from assurai_datasets.formats.intake import DeliveryEntry, Intake, Place
from assurai_datasets.formats.tables import Row, TableFault, read_rows
from assurai_datasets.ingestion import read_flat_row
from assurai_datasets.ingestion.mapping import load_mapping, map_tables
from assurai_datasets.release import SPLIT, read_manifest
from assurai_datasets.schema.annotation import JUDGEMENTS, Annotation
from assurai_datasets.schema.codes import severity_of
from assurai_datasets.schema.delivery import Delivery, LabelDeclaration
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.record import CHECKED
from assurai_datasets.schema.release import Release
from assurai_datasets.taxonomy import load_taxonomy

BARE_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".parquet", ".jsonl", ".json"})
UNIT_COLUMNS = ("instance_id", "id", "item_id", "item", "unit_id", "unit")
ANNOTATOR_COLUMNS = ("annotator_id", "annotator", "rater_id", "rater", "coder_id", "coder")
BESIDE = frozenset({"response", "comment", "created_at", "lead_time_s"})
INDEX_COLUMNS = {name: name for name in ("id", "modality", "prompt_type", "prompt", "stage")} | {
    "risk_factor_id": "risk_factor"
}
SHAPES = (
    "a table of ratings has the columns instance_id, annotator_id and judgements (safety_score, risk_factor, "
    "is_valid, or --label NAME), or instance_id and one column of judgements for each annotator"
)


def read_tables(paths: list[Path], *, label: str | None = None, mapping: str | Path | None = None) -> Intake:
    """Return an intake of the annotations that bare tables hold, one row a judgement or one row a unit.

    Args:
        paths: The tables.
        label: What is judged where it is none of our own fields; in a table with a column an annotator, any field.
        mapping: Mapping that makes annotations of the rows.

    Raises:
        UsageError: The mapping cannot be read.
        DataError: A row is no annotation; the message names its place.
    """
    given = None if mapping is None else load_mapping(mapping)
    tables = () if given is None else tuple(table.model_copy(update={"files": None}) for table in given.tables)

    def rows_of(folder: Folder, name: str) -> Iterator[Row | TableFault]:
        if given is None:
            yield from read_rows(folder, name)
            return
        anywhere = given.model_copy(update={"tables": tables})
        for mapped in map_tables(anywhere, folder, instances=name, annotations=name):
            if isinstance(mapped, TableFault):
                yield mapped
            elif mapped.kind == "annotation":
                yield mapped.row

    labels = {} if given is None else dict(given.settings.labels or {})

    def fill(intake: Intake) -> None:
        for path in paths:
            number = _add_source(intake, path.parent, labels)
            _add_annotations(intake, number, rows_of(Folder(path.parent.resolve()), path.name), label)

    return _filled(fill)


def read_releases(paths: list[Path]) -> Intake:
    """Return an intake of the annotations of releases, and of what their instances can be grouped by.

    Raises:
        DataError: A release lacks a file it lists, or has a row that is no annotation.
    """

    def fill(intake: Intake) -> None:
        for path in paths:
            manifest, folder = read_manifest(path), Folder(path.resolve())
            number = _add_source(intake, path, dict(manifest.labels))
            for name in _files_of(manifest, "index"):
                _add_instances(intake, number, name, folder.resolve(name))
            for name in _files_of(manifest, "annotations"):
                _add_annotations(intake, number, read_rows(folder, name))

    return _filled(fill)


def _files_of(manifest: Release, config: str) -> tuple[str, ...]:
    split = manifest.configs[config].splits.get(SPLIT) if config in manifest.configs else None
    return split.files if split else ()


def _filled(fill: Callable[[Intake], None]) -> Intake:
    intake = Intake()
    try:
        fill(intake)
        return intake.finish()
    except BaseException:
        intake.close()
        raise


def _add_source(intake: Intake, root: Path, labels: dict[str, LabelDeclaration]) -> int:
    settings = Delivery(format="assurai-delivery/1", name="ratings", language="und", license="unknown", labels=labels)
    return intake.add_delivery(DeliveryEntry(0, root, "", settings, ratings_only=True))


def _sound(rows: Iterator[Row | TableFault]) -> Iterator[Row]:
    """Yield the rows of a table; what is only a warning about it changes no rating."""
    for row in rows:
        if isinstance(row, Row):
            yield row
        elif severity_of(row.code) == "error":
            raise DataError(f"{row.file}:{row.line or ''} {row.message}; {row.hint}")


def _add_instances(intake: Intake, number: int, name: str, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, columns=list(INDEX_COLUMNS)).rename_columns(list(INDEX_COLUMNS.values()))
        for line, values in enumerate(table.to_pylist(), start=1):
            instance = Instance.model_validate(values, context=CHECKED)
            intake.add_instance(Place(number, name, line), instance, b"")
    except (OSError, pa.ArrowException, ValidationError) as error:
        raise DataError(f"{name} is no index of a release; `assurai verify` says what is wrong with it") from error


def _add_annotations(intake: Intake, number: int, rows: Iterator[Row | TableFault], label: str | None = None) -> None:
    for row in _sound(rows):
        for values in _judgements(row, label):
            intake.add_annotation(Place(number, row.file, row.line), _annotation(row, values, label))


def _judgements(row: Row, label: str | None) -> Iterator[dict[str, Any]]:
    """Yield the cells of each judgement of a row, under our names."""
    cells = dict(row.values)
    unit = _first(UNIT_COLUMNS, cells)
    annotator = _first(ANNOTATOR_COLUMNS, cells)
    about = {"instance_id": _as_id(cells.pop(unit))} if unit else {}
    if annotator:
        said = {**about, "annotator_id": _as_id(cells.pop(annotator))}
        yield {**said, **_said(cells, label)}
        return
    about |= {name: cells.pop(name) for name in BESIDE & cells.keys()}
    if not unit or len(cells) < 2 or not cells.keys().isdisjoint((*JUDGEMENTS, "labels")):
        yield {**about, **cells}
        return
    field = label or "safety_score"
    yield from ({**about, "annotator_id": who, field: cell} for who, cell in cells.items() if not _is_blank(cell))


def _said(cells: dict[str, Any], label: str | None) -> dict[str, Any]:
    """Return the cells with the judgement under the name of its field, where columns `label` and `value` name it."""
    if label in cells or not {"label", "value"} <= cells.keys():
        return cells
    field, value, score = str(cells.pop("label")), cells.pop("value"), cells.pop("score", None)
    if field not in JUDGEMENTS:
        return {**cells, "labels": {field: value if _is_blank(score) else score}}
    return {**cells, **read_flat_row({field: value}, {})}


def _annotation(row: Row, cells: dict[str, Any], label: str | None) -> Annotation:
    own = label if label and label not in JUDGEMENTS else None
    values = read_flat_row(cells, {own: "text"} if own else {}) if row.flat else cells
    known = {name: value for name, value in values.items() if name in Annotation.model_fields}
    if own in cells and not row.flat:
        known["labels"] = {own: cells[own]}
    if isinstance(known.get("risk_factor"), str):
        known["risk_factor"] = load_taxonomy().risk_factor(known["risk_factor"]).number
    try:
        return Annotation.model_validate(known)
    except ValidationError as error:
        detail = error.errors(include_input=False)[0]
        field = ".".join(map(str, detail["loc"])) or "the row"
        raise DataError(f"{row.file}:{row.line} {field}: {detail['msg']}; {SHAPES}") from error


def _first(names: tuple[str, ...], cells: Mapping[str, Any]) -> str | None:
    return next((name for name in names if name in cells), None)


def _as_id(cell: Any) -> Any:
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
