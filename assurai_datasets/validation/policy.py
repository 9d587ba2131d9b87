"""Policies by name or from a file, and what they do to issues."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from assurai_datasets.errors import UsageError
from assurai_datasets.formats.yaml import YamlError, read_yaml
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy

MAX_CHARS = 1_000_000


def load_policy(policy: Policy | str | Path | None) -> Policy:
    """Return a policy given as such, by the name of a packaged one, as a YAML file, or the default for None.

    Raises:
        UsageError: There is no such policy, or the file is not one.
    """
    if isinstance(policy, Policy):
        return policy
    if policy is None:
        return Policy()
    packaged = {entry.name.removesuffix(".yaml"): entry for entry in files(__package__).joinpath("policies").iterdir()}
    path = packaged.get(str(policy)) or Path(policy)
    if not path.is_file():
        names = ", ".join(sorted(packaged))
        raise UsageError(f"there is no policy {str(policy)!r}: give one of {names}, or a YAML file")
    return _parse(path.read_text(encoding="utf-8")[:MAX_CHARS], str(policy))


def _parse(text: str, name: str) -> Policy:
    try:
        return Policy.model_validate(read_yaml(text).value)
    except (ValidationError, YamlError) as error:
        detail = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        field = ".".join(map(str, detail["loc"]))
        raise UsageError(f"the policy {name!r} is wrong: {field}: {detail['msg']}") from error


def under_policy(issues: Iterable[Issue], policy: Policy) -> Iterator[Issue]:
    """Yield the issues with the severity a policy gives them."""
    raised = frozenset(policy.errors)
    for issue in issues:
        yield issue.model_copy(update={"severity": "error"}) if issue.code in raised else issue
