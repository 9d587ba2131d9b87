"""The JSON export of Label Studio, read as what it may be: a file anybody could have written."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assurai_datasets.annotation.draft import Blank, Draft, draft_issue, issue_of_fault, shown
from assurai_datasets.annotation.label_studio import LABEL_PREFIX
from assurai_datasets.files import Folder
from assurai_datasets.formats.tables import Row, TableFault, TableLimits, read_rows
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue

MAX_TASKS = 1_000_000
MAX_ANNOTATIONS = 1_000
MAX_RESULTS = 500
MAX_NUMBER = 2**53
LIMITS = TableLimits(rows=MAX_TASKS)
_VALUE_KEYS = {"choices": "choices", "number": "number", "textarea": "text"}
_TRUTH = {"true": True, "false": False}
_JSON_HINT = "export the project as JSON, not as JSON-MIN, CSV or another format"
Found = Draft | Blank | Issue


class _WrongError(Exception):
    """A part of an annotation that cannot be read: its field, what was found and what to do."""

    def __init__(self, field: str, message: str, hint: str, code: Code = Code.ANNOTATION_VALUE_INVALID) -> None:
        super().__init__(message)
        self.field, self.message, self.hint, self.code = field, message, hint, code


def read_label_studio_export(path: Path) -> Iterator[Found]:
    """Yield the annotations of an export as drafts, items nobody judged as blanks, and what cannot be read as issues.

    Unfinished drafts and predictions in the file are passed over. Messages never tell who annotated.

    Args:
        path: A project of Label Studio, exported as JSON.
    """
    for row in read_rows(Folder(path.parent), path.name, limits=LIMITS):
        if isinstance(row, TableFault):
            yield issue_of_fault(row)
        else:
            yield from _read_task(row)


def _read_task(row: Row) -> Iterator[Found]:
    place, data, annotations = (row.file, row.line), row.values.get("data"), row.values.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        message = "the task has no data, or no list of annotations"
        yield draft_issue(Code.ANNOTATION_FIELD_MISSING, message, _JSON_HINT, place, {}, "annotations")
        return
    item = {name: data.get(name) for name in ("instance_id", "response") if data.get(name) is not None}
    if len(annotations) > MAX_ANNOTATIONS:
        message = f"the task has {len(annotations):,} annotations, more than {MAX_ANNOTATIONS:,}"
        yield draft_issue(Code.DELIVERY_LIMIT_EXCEEDED, message, "check the export", place, item, "annotations")
        return
    if not annotations:
        yield Blank(*place)
    for number, annotation in enumerate(annotations):
        yield _read_annotation(annotation, item, place, f"annotations.{number}")


def _read_annotation(annotation: Any, item: Mapping[str, Any], place: tuple[str, int], where: str) -> Found:
    try:
        if not isinstance(annotation, dict):
            raise _WrongError("", f"it is {shown(annotation)}, not an object", _JSON_HINT)  # noqa: TRY301
        if annotation.get("was_cancelled") is True:
            return Blank(*place)
        return Draft(*place, {**item, **_facts(annotation), **_judgements(annotation.get("result"))})
    except _WrongError as wrong:
        field = f"{where}.{wrong.field}".rstrip(".")
        return draft_issue(wrong.code, wrong.message, wrong.hint, place, dict(item), field)


def _facts(annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Return who annotated, when and for how long; what is absent is left out for the model to ask for."""
    facts = {
        "annotator_id": _annotator(annotation.get("completed_by")),
        "created_at": annotation.get("created_at"),
        "lead_time_s": annotation.get("lead_time"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _annotator(completed_by: Any) -> Any:
    """Return the id of an annotator, which stands in an export as a number or as an object with an address."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("id")
    return str(completed_by) if type(completed_by) is int else completed_by


def _judgements(results: Any) -> dict[str, Any]:
    if not isinstance(results, list) or len(results) > MAX_RESULTS:
        found = f"there are {len(results):,} results" if isinstance(results, list) else "the results are no list"
        raise _WrongError("result", f"{found}, which no project of ours gives", "check the export")
    judgements: dict[str, Any] = {}
    labels: dict[str, Any] = {}
    for number, result in enumerate(results):
        name, value = _judgement(result, f"result.{number}")
        into = labels if name.startswith(LABEL_PREFIX) else judgements
        name = unquote(name.removeprefix(LABEL_PREFIX))
        if name in into:
            raise _WrongError(f"result.{number}", f"{shown(name)} is given twice", "keep one of the two values")
        into[name] = value
    return {**judgements, "labels": labels} if labels else judgements


def _judgement(result: Any, field: str) -> tuple[str, Any]:
    kind, name = (result.get("type"), result.get("from_name")) if isinstance(result, dict) else (None, None)
    value = result.get("value") if isinstance(result, dict) else None
    if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(value, dict):
        raise _WrongError(field, f"it is {shown(result)}, not a result of a field", "check the export")
    if name not in _READERS and not name.startswith(LABEL_PREFIX):
        hint = f"remove it from the project; its fields are {', '.join(_READERS)} and {LABEL_PREFIX}..."
        raise _WrongError(field, f"there is no field {shown(name)}", hint, Code.ANNOTATION_FIELD_UNKNOWN)
    read: Callable[[Any, str], Any] = _READERS.get(name, _label)
    return name, read(value.get(_VALUE_KEYS.get(kind, kind)), field)


def _one(given: Any, field: str) -> str:
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        raise _WrongError(field, f"it is {shown(given)}, not one choice", "choose one value")
    return str(given[0])


def _score(given: Any, field: str) -> Any:
    text = _one(given, field)
    return int(text) if text.isdecimal() and len(text) < 4 else text


def _truth(given: Any, field: str) -> Any:
    text = _one(given, field)
    return _TRUTH.get(text, text)


def _comment(given: Any, field: str) -> str | None:
    texts = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise _WrongError(field, f"it is {shown(given)}, not a text", "write the comment as text")
    return "\n".join(texts).strip() or None


def _label(given: Any, field: str) -> str | float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        if abs(given) > MAX_NUMBER:
            raise _WrongError(field, f"it is {shown(given)}, beyond every scale", "correct the number")
        return float(given)
    return _one(given, field)


_READERS: Mapping[str, Callable[[Any, str], Any]] = {
    "safety_score": _score,
    "risk_factor": _one,
    "is_valid": _truth,
    "comment": _comment,
}
