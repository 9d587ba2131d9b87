"""SemVer of data."""

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.release.versions import check_step, least_version


@pytest.mark.parametrize(
    ("previous", "step", "least"),
    [
        ("1.4.2", "none", "1.4.3"),
        ("1.4.2", "patch", "1.4.3"),
        ("1.4.2", "minor", "1.5.0"),
        ("1.4.2", "major", "2.0.0"),
        ("0.1.0", "major", "1.0.0"),
        ("1.9.9", "minor", "1.10.0"),
    ],
)
def test_the_least_version_that_may_follow(previous: str, step: str, least: str) -> None:
    assert least_version(previous, step) == least
    check_step(previous, least, step, "")


@pytest.mark.parametrize(
    ("version", "step"), [("1.4.2", "patch"), ("1.4.9", "minor"), ("1.99.0", "major"), ("0.9.9", "none")]
)
def test_a_version_too_small_is_refused_with_one_that_is_large_enough(version: str, step: str) -> None:
    with pytest.raises(UsageError, match=rf"{version} is too small after 1\.4\.2: two changed; give"):
        check_step("1.4.2", version, step, "two changed")


def test_versions_compare_as_numbers() -> None:
    check_step("1.9.0", "1.10.0", "minor", "")
