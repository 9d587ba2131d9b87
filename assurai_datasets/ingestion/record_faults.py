"""What a model refused, said as issues."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import ERROR_TYPE, Fault
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.record import BLANK, Record
from assurai_datasets.schema.release import Retraction
from assurai_datasets.schema.review import ReviewEvent

SHOWN_CHARS = 80
ID_HINT = "use letters, digits, dot, underscore and hyphen, at most 128, beginning with a letter or digit"
_BLANK_TEXT = re.compile(f"[{BLANK}]*")
OUT_OF_RANGE = ("greater_than_equal", "less_than_equal")
_CONTAINERS = MappingProxyType({"tuple_type": "should be a list", "model_type": "should be an object"})


class Subject(NamedTuple):
    """One kind of record: its model and the codes for what can be wrong with its fields.

    Attributes:
        model: The model of the record.
        missing: Code of a required field that is absent.
        unknown: Code of a field the model does not have.
        invalid: Code of any other value the model refuses.
        by_field: Codes of fields that have their own.
        secret: Fields whose values are never shown.
    """

    model: type[Record]
    missing: Code
    unknown: Code
    invalid: Code
    by_field: Mapping[str, Code] = MappingProxyType({})
    secret: frozenset[str] = frozenset()


INSTANCE = Subject(
    Instance,
    Code.INSTANCE_FIELD_MISSING,
    Code.INSTANCE_FIELD_UNKNOWN,
    Code.INSTANCE_VALUE_INVALID,
    {
        "id": Code.INSTANCE_ID_MALFORMED,
        "risk_factor": Code.INSTANCE_RISK_FACTOR_UNKNOWN,
        "prompt_type": Code.INSTANCE_PROMPT_TYPE_UNKNOWN,
    },
)
ANNOTATION = Subject(
    Annotation,
    Code.ANNOTATION_FIELD_MISSING,
    Code.ANNOTATION_FIELD_UNKNOWN,
    Code.ANNOTATION_VALUE_INVALID,
    secret=frozenset({"annotator_id"}),
)
_RETRACTION_INVALID = Code.DELIVERY_RETRACTION_INVALID
RETRACTION = Subject(Retraction, _RETRACTION_INVALID, _RETRACTION_INVALID, _RETRACTION_INVALID)
REVIEW = Subject(
    ReviewEvent,
    Code.REVIEW_FIELD_MISSING,
    Code.REVIEW_FIELD_UNKNOWN,
    Code.REVIEW_VALUE_INVALID,
    secret=frozenset({"reviewer_id"}),
)


def faults_of(error: ValidationError, subject: Subject) -> Iterator[Fault]:
    """Yield each thing a model refused, with the subject's codes."""
    seen: set[tuple[str, str]] = set()
    for detail in error.errors(include_url=False):
        if detail["type"] == ERROR_TYPE:
            yield from detail["ctx"]["faults"]
            continue
        field = ".".join(str(part) for part in detail["loc"] if not _is_type_name(part))
        if (field, detail["type"]) not in seen:
            seen.add((field, detail["type"]))
            yield _fault(field, detail, subject)


def _fault(field: str, detail: Any, subject: Subject) -> Fault:
    kind, value = detail["type"], detail["input"]
    top = field.split(".")[0]
    if kind == "missing":
        return Fault(subject.missing, field, f"{field} is missing", "add it; every row needs it")
    if kind == "extra_forbidden":
        return Fault(subject.unknown, field, f"there is no field {field!r}", _nearest(field, subject))
    if kind == "string_pattern_mismatch" and top == "prompt":
        return Fault(
            Code.INSTANCE_PROMPT_BLANK, field, "the prompt shows no character", "write what the model is asked"
        )
    shown = "(not shown)" if top in subject.secret else _shown(value)
    name = field or "it"
    reason, hint = _reason(detail), f"correct {name}; see the schema"
    if kind == "string_pattern_mismatch" and top in ("id", "instance_id", "parent_id"):
        reason, hint = "it is not an id", ID_HINT
    message = f"{name} is {shown}: {reason}"
    if subject is ANNOTATION and kind in OUT_OF_RANGE and top == "safety_score":
        return Fault(Code.ANNOTATION_VALUE_OUT_OF_SCALE, field, message, "1 = risk ... 5 = safe")
    return Fault(subject.by_field.get(field, subject.invalid), field, message, hint)


def _reason(detail: Any) -> str:
    """Return why a value was refused, in words."""
    if detail["type"] == "string_pattern_mismatch":
        blank = isinstance(detail["input"], str) and _BLANK_TEXT.fullmatch(detail["input"])
        return "it shows no character" if blank else "it does not have the form that is asked for"
    if detail["type"] in _CONTAINERS:
        return _CONTAINERS[detail["type"]]
    reason: str = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{reason[0].lower()}{reason[1:]}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."


def _nearest(field: str, subject: Subject) -> str:
    names = [name.split(".")[-1] for name in subject.model.model_fields]
    near = get_close_matches(field.split(".")[-1], names, n=1)
    return f"did you mean {near[0]!r}? If not, remove it" if near else "remove it, or name it in a mapping"


def _is_type_name(part: Any) -> bool:
    """Return whether a part of a location names a branch of a union, which means nothing to people."""
    return isinstance(part, str) and (part in ("str", "int", "float", "bool", "[key]") or "[" in part)
