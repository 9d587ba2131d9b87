"""The gate: what a policy asks of all instances that would enter a release together."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import orjson

from assurai_datasets.formats.intake import Intake, Place
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.policy import Policy, Scope
from assurai_datasets.validation.agreement_floors import check_agreement
from assurai_datasets.validation.places import issue_at
from assurai_datasets.validation.plan import targets


def check_policy(intake: Intake, policy: Policy, issues: Collection[Issue]) -> Iterator[Issue]:
    """Yield every rule of a policy that the instances which would enter a release do not meet.

    Args:
        intake: Rows that were checked, and whose review was replayed: what is left out is not counted.
        policy: What a release must meet.
        issues: What the checks before found.
    """
    yield from _annotations(intake, policy)
    yield from check_agreement(intake, policy.agreement)
    if policy.reviews == "accepted":
        yield from _reviews(intake, policy.reviews_of)
    if policy.licenses is not None:
        yield from _licenses(intake, policy.licenses)
    yield from _limits(policy, issues)
    yield from _seed_share(intake, policy)
    if policy.plan is not None:
        yield from _plan(intake)


def _annotations(intake: Intake, policy: Policy) -> Iterator[Issue]:
    query = "SELECT count(*), sum(id NOT IN (SELECT instance_id FROM annotations)) FROM entering"
    ((total, missing),) = intake.select(query)
    if policy.annotations == "required" and missing:
        found = f"{missing:,} of {total:,} instances have no annotation, and the policy requires them"
        yield _issue(Code.POLICY_ANNOTATION_MISSING, found, "have them annotated, or choose another policy")


def _reviews(intake: Intake, scope: Scope) -> Iterator[Issue]:
    """Yield the instances nobody reviewed: what was reviewed and not accepted is left out already."""
    rows = intake.select(
        "SELECT id, modality, stage, risk_factor, prompt_type, delivery, file, line FROM entering"
        " WHERE id NOT IN (SELECT instance_id FROM reviews) ORDER BY id"
    )
    for instance_id, modality, stage, risk_factor, prompt_type, *place in rows:
        facts = {"modality": modality, "stage": stage, "risk_factor": risk_factor, "prompt_type": prompt_type}
        if all(getattr(scope, name) is None or value in getattr(scope, name) for name, value in facts.items()):
            found, hint = "nobody has accepted it, and the policy requires it", "review it: `assurai review next`"
            yield issue_at(Place(*place), Code.POLICY_REVIEW_MISSING, found, hint, instance_id=instance_id)


def _licenses(intake: Intake, allowed: Sequence[str]) -> Iterator[Issue]:
    rows = intake.select("SELECT id, body, delivery, file, line FROM entering ORDER BY id")
    for instance_id, body, *place in rows:
        for field, name in _licenses_of(orjson.loads(body)):
            if name.casefold() not in {entry.casefold() for entry in allowed}:
                found = f"the licence {name!r} is none of those allowed: {', '.join(allowed)}"
                hint = "ask the supplier for another licence, or leave it out"
                yield issue_at(
                    Place(*place), Code.POLICY_LICENSE_FORBIDDEN, found, hint, instance_id=instance_id, field=field
                )


def _licenses_of(instance: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parts = [("", instance), ("media.", instance.get("media") or {})]
    parts += [(f"responses.{at}.media.", r.get("media") or {}) for at, r in enumerate(instance.get("responses") or ())]
    for prefix, part in parts:
        if "license" in part:
            yield f"{prefix}license", part["license"]


def _limits(policy: Policy, issues: Iterable[Issue]) -> Iterator[Issue]:
    counts = Counter(issue.code for issue in issues)
    for code, most in sorted(policy.limits.items()):
        if counts[code] > most:
            found = f"the policy allows {most:,} issues {code.value!r}; found: {counts[code]:,}"
            yield _issue(Code.POLICY_LIMIT_EXCEEDED, found, "mend what they name", field=code.value)


def _seed_share(intake: Intake, policy: Policy) -> Iterator[Issue]:
    ((total, seed),) = intake.select("SELECT count(*), sum(stage IS 'seed') FROM entering")
    if policy.min_seed_share is not None and total and seed / total < policy.min_seed_share:
        found = f"{seed:,} of {total:,} instances are seed instances ({seed / total:.1%})"
        found += f", and the policy asks for {policy.min_seed_share:.1%}"
        yield _issue(
            Code.POLICY_SEED_SHARE_LOW, found, "have experts make more instances of stage 'seed'", field="stage"
        )


def _plan(intake: Intake) -> Iterator[Issue]:
    factors = intake.select("SELECT risk_factor, modality, count(*) FROM entering GROUP BY 1, 2")
    types = intake.select("SELECT prompt_type, count(*) FROM entering GROUP BY 1")
    for target in targets({(factor, modality): n for factor, modality, n in factors}, dict(types)):
        if target.missing:
            found = f"{target.name} has {target.have:,} of {target.target:,} instances; {target.missing:,} are missing"
            yield _issue(Code.POLICY_PLAN_UNMET, found, "collect them: `assurai stats --plan` lists all", target.field)


def _issue(code: Code, found: str, hint: str, field: str | None = None) -> Issue:
    return make_issue(code, found, hint, field=field)
