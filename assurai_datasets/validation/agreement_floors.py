"""Whether annotators agree as far as a policy asks."""

from collections.abc import Hashable, Iterable, Iterator

import orjson

from assurai_datasets.agreement import Agreement, Estimate, Ratings, measure_agreement
from assurai_datasets.formats.intake import Intake
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.policy import AgreementFloor, Stratum
from assurai_datasets.taxonomy import load_taxonomy
from assurai_datasets.validation.ratings import declaration_of, scale_of, value_of

UNIT = "{instance_id}#{response}"
_HINT = "talk the guidelines over with the annotators, mend what they disagree on, or have it annotated again"


def check_agreement(intake: Intake, floors: Iterable[AgreementFloor]) -> Iterator[Issue]:
    """Yield the floors of agreement that the annotations of the entering instances do not reach.

    A group with too few instances to say anything is passed over; where that holds of all of them together, the floor
    is not reached. Judgements that are all the same agree.
    """
    for floor in floors:
        ratings = ratings_of(intake, floor.field)
        if not len(ratings):
            yield _issue(floor, floor.field, f"nobody judged {floor.field}, and the policy asks how far they agree")
            continue
        by = _groups(intake, floor.by) if floor.by else None
        measured = measure_agreement(ratings, resamples=0, by=by)
        if floor.by is None:
            yield from _judged(floor, floor.field, _estimate(measured, floor), whole=True)
        for group, part in measured.by.items():
            yield from _judged(floor, f"{floor.field}.{floor.by}.{group}", _estimate(part, floor), whole=False)


def ratings_of(intake: Intake, field: str) -> Ratings:
    """Return the judgements of one field of annotations about entering instances; units are instances or responses."""
    declared = declaration_of(intake, field)
    rows = intake.select(
        "SELECT instance_id, response, delivery, annotator, body FROM annotations"
        " WHERE instance_id IN (SELECT id FROM entering) ORDER BY row"
    )
    values = [
        (UNIT.format(instance_id=instance_id, response=response), f"{delivery}:{annotator}", value)
        for instance_id, response, delivery, annotator, body in rows
        if (value := value_of(orjson.loads(body), field, declared)) is not None
    ]
    level, scale = scale_of(intake, field)
    return Ratings.from_rows(values, level=level, values=scale)


def _groups(intake: Intake, by: Stratum) -> dict[Hashable, str]:
    rows = intake.select(
        "SELECT DISTINCT i.id, a.response, i.risk_factor, i.prompt_type, i.modality, i.stage FROM entering i"
        " JOIN annotations a ON a.instance_id = i.id"
    )
    category = {factor.number: factor.category for factor in load_taxonomy().risk_factors}
    groups: dict[Hashable, str] = {}
    for instance_id, response, risk_factor, prompt_type, modality, stage in rows:
        facts = {"risk_factor": risk_factor, "prompt_type": prompt_type, "modality": modality, "stage": stage}
        group = category[risk_factor] if by == "category" else facts[by]
        groups[UNIT.format(instance_id=instance_id, response=response)] = str(group)
    return groups


def _estimate(measured: Agreement, floor: AgreementFloor) -> Estimate:
    name = "percent_agreement_interval" if floor.measure == "percent_agreement" else floor.measure
    estimate: Estimate = getattr(measured, name)
    return estimate


def _judged(floor: AgreementFloor, place: str, estimate: Estimate, *, whole: bool) -> Iterator[Issue]:
    if estimate.value is not None and estimate.value < floor.least:
        found = f"{floor.measure} of {place} is {estimate.value:.3f}, and the policy asks for {floor.least:g}"
        yield _issue(floor, place, found)
    elif estimate.value is None and whole and (estimate.note or "").startswith("too few"):
        yield _issue(floor, place, f"{floor.measure} of {place} cannot be told: {estimate.note}")


def _issue(floor: AgreementFloor, place: str, found: str) -> Issue:
    return make_issue(Code.POLICY_AGREEMENT_LOW, found, _HINT, field=place)
