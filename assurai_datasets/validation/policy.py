"""Policies by name or from a file, and what they do to issues."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from assurai_datasets.errors import UsageError
from assurai_datasets.formats.digest import canonical_json
from assurai_datasets.formats.yaml import CHARS, YamlError, read_yaml
from assurai_datasets.schema.codes import WARNINGS, Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.policy import Policy, Waiver
from assurai_datasets.schema.times import parse_time

WAIVABLE = frozenset(
    {code for code in Code if code in WARNINGS or code.value.startswith("policy-")} | {Code.ANNOTATION_TOO_FEW}
) - {Code.POLICY_WAIVER_EXPIRED}
"""Codes that a waiver can excuse: rules of a policy, and what is only a warning unless a policy raises it."""


def load_policy(policy: Policy | str | Path | None) -> Policy:
    """Return a policy given as such, by the name of a packaged one, as a YAML file, or the default for None.

    Raises:
        UsageError: There is no such policy, or the file is not one.
    """
    if isinstance(policy, Policy):
        return _checked(policy, policy.name)
    if policy is None:
        return Policy()
    packaged = {entry.name.removesuffix(".yaml"): entry for entry in files(__package__).joinpath("policies").iterdir()}
    path = packaged.get(str(policy)) or Path(policy)
    if not path.is_file():
        names = ", ".join(sorted(packaged))
        raise UsageError(f"there is no policy {str(policy)!r}: give one of {names}, or a YAML file")
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(CHARS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the policy {str(policy)!r}: {error}; give a YAML file in UTF-8") from error
    return _parse(text, str(policy))


def _parse(text: str, name: str) -> Policy:
    try:
        return _checked(Policy.model_validate_json(canonical_json(read_yaml(text).value)), name)
    except (ValidationError, YamlError) as error:
        detail = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        field = ".".join(map(str, detail["loc"])) or "the file"
        raise UsageError(f"the policy {name!r} is wrong: {field}: {detail['msg']}") from error


def _checked(policy: Policy, name: str) -> Policy:
    for waiver in policy.waivers:
        if waiver.code not in WAIVABLE:
            raise UsageError(
                f"the policy {name!r} is wrong: {waiver.code.value!r} cannot be waived, because what it names cannot "
                "enter a release as it is; mend it"
            )
    return policy


def under_policy(issues: Iterable[Issue], policy: Policy, date: str | None = None) -> Iterator[Issue]:
    """Yield the issues with the severity a policy and its waivers give them: what is waived is a warning that says so.

    Args:
        issues: What checks found.
        policy: The policy.
        date: Date of the release, for waivers that end; None where it is not known, and then none has ended.
    """
    raised = frozenset(policy.errors)
    ended = tuple(waiver for waiver in policy.waivers if date is not None and _has_ended(waiver, date))
    holding = tuple(waiver for waiver in policy.waivers if waiver not in ended)
    for waiver in ended:
        found = f"the waiver of {waiver.code.value!r} by {waiver.who} ended on {waiver.until}; the release is of {date}"
        yield make_issue(
            Code.POLICY_WAIVER_EXPIRED, found, "mend what it excused, or have it allowed again", field="waivers"
        )
    for issue in issues:
        judged = issue.model_copy(update={"severity": "error"}) if issue.code in raised else issue
        excuse = next((waiver for waiver in holding if _covers(waiver, issue)), None)
        yield _waived(judged, excuse) if excuse and judged.severity == "error" else judged


def _has_ended(waiver: Waiver, date: str) -> bool:
    return parse_time(waiver.until).date() < parse_time(date).date()


def _covers(waiver: Waiver, issue: Issue) -> bool:
    where = issue.where
    return (
        waiver.code == issue.code
        and waiver.instance_id in (None, where.instance_id)
        and waiver.field in (None, where.field)
    )


def _waived(issue: Issue, waiver: Waiver) -> Issue:
    message = f"{issue.message} (waived by {waiver.who} until {waiver.until}: {waiver.why})"
    return issue.model_copy(update={"severity": "warning", "message": message})
