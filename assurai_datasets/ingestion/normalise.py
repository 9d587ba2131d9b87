"""From a row as it was delivered to the values our models take: names resolved, defaults filled, scores turned."""

from collections.abc import Callable, Iterator
from typing import Any

from assurai_datasets.errors import UnknownNameError
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.faults import Fault
from assurai_datasets.taxonomy import load_taxonomy

BEST_SCORE = 5
DEFAULTED = ("stage", "language", "license", "source")
Values = dict[str, Any]


def normalise_instance(values: Values, settings: Delivery) -> tuple[Values, list[Fault]]:
    """Return the values of an instance in our terms, and the faults of names that mean nothing."""
    values = dict(values)
    faults = [*_resolve_risk_factor(values, Code.INSTANCE_RISK_FACTOR_UNKNOWN), *_resolve_prompt_type(values)]
    for field in DEFAULTED:
        if values.get(field) is None:
            values[field] = getattr(settings, field)
    if settings.score_polarity == "risk":
        values["responses"] = _turned_responses(values.get("responses"))
    return values, faults


def normalise_annotation(values: Values, settings: Delivery) -> tuple[Values, list[Fault]]:
    """Return the values of an annotation in our terms, and the faults of names and labels that mean nothing."""
    values = dict(values)
    unknown = _resolve_risk_factor(values, Code.ANNOTATION_VALUE_INVALID)
    faults = [*unknown, *_undeclared_labels(values.get("labels"), settings)]
    if settings.score_polarity == "risk":
        values["safety_score"] = _turned(values.get("safety_score"))
    return values, faults


def _resolve_risk_factor(values: Values, code: Code) -> Iterator[Fault]:
    given = values.get("risk_factor")
    if isinstance(given, str):
        yield from _resolve(values, "risk_factor", lambda: load_taxonomy().risk_factor(given).number, code)


def _resolve_prompt_type(values: Values) -> Iterator[Fault]:
    given = values.get("prompt_type")
    if not isinstance(given, str):
        return
    code, variant = Code.INSTANCE_PROMPT_TYPE_UNKNOWN, values.get("prompt_variant")
    unknown: list[Fault] = []
    if isinstance(variant, str):
        unknown += _resolve(values, "prompt_variant", lambda: load_taxonomy().prompt_variant(variant).name, code)
    faults = list(_resolve(values, "prompt_type", lambda: load_taxonomy().prompt_code(given), code))
    yield from (*unknown, *faults)
    if not faults:
        prompt_type, meant = values["prompt_type"]
        values["prompt_type"] = prompt_type.name
        if meant is not None and not unknown:
            yield from _set_variant(values, given, meant)


def _set_variant(values: Values, code: str, meant: str) -> Iterator[Fault]:
    """Set the variant that a code such as RPfun means; yield a fault where the field says another one."""
    if (said := values.get("prompt_variant")) is None:
        values["prompt_variant"] = meant
    elif said != meant:
        found = f"the prompt type {code!r} means {meant!r}, the field says {said!r}"
        yield Fault(Code.INSTANCE_VALUE_INVALID, "prompt_variant", found, "correct prompt_type or prompt_variant")


def _resolve(values: Values, field: str, look_up: Callable[[], Any], code: Code) -> Iterator[Fault]:
    try:
        values[field] = look_up()
    except UnknownNameError as error:
        yield Fault(code, field, str(error), "use a number, a code or a name of the taxonomy")


def _undeclared_labels(labels: Any, settings: Delivery) -> Iterator[Fault]:
    if not isinstance(labels, dict):
        return
    for name, value in labels.items():
        field, declared = f"labels.{name}", settings.labels.get(name)
        if declared is None:
            hint = f"declare it under labels in delivery.yaml; declared: {', '.join(settings.labels) or 'none'}"
            yield Fault(Code.ANNOTATION_LABEL_UNDECLARED, field, f"the label {name!r} is not declared", hint)
        elif problem := declared.problem_of(value):
            yield Fault(
                Code.ANNOTATION_VALUE_OUT_OF_SCALE, field, f"{name} is {value!r}, {problem}", "correct the value"
            )


def _turned_responses(responses: Any) -> Any:
    if not isinstance(responses, list):
        return responses
    return [
        {**response, "safety_score": _turned(response.get("safety_score"))} if isinstance(response, dict) else response
        for response in responses
    ]


def _turned(score: Any) -> Any:
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    return BEST_SCORE + 1 - score if is_number else score
