"""What can be wrong with a release."""

from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with one file of a release."""

    file: str
    what: str
