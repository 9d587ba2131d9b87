"""Semantic versions of data: which step a change calls for, and whether a version is large enough."""

from typing import Literal

from assurai_datasets.errors import UsageError

Step = Literal["none", "patch", "minor", "major"]
Numbers = tuple[int, int, int]


def numbers_of(version: str) -> Numbers:
    """Return the three numbers of a version, which compare as versions do."""
    major, minor, patch = (int(part) for part in version.split("."))
    return major, minor, patch


def least_version(previous: str, step: Step) -> str:
    """Return the least version that may follow another one: at least its patch number grows."""
    major, minor, patch = numbers_of(previous)
    if step == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if step == "minor" else f"{major}.{minor}.{patch + 1}"


def check_step(previous: str, version: str, step: Step, why: str) -> None:
    """Do nothing if a version is large enough for what changed since another one.

    Args:
        previous: The version before.
        version: The version that is to be built.
        step: The step the changes call for.
        why: What changed, in a few words.

    Raises:
        UsageError: It is too small; the message says which version is large enough.
    """
    least = least_version(previous, step)
    if numbers_of(version) < numbers_of(least):
        raise UsageError(f"version {version} is too small after {previous}: {why}; give {least} or a later one")
