"""Reading of the data files that travel in the package."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def read_data(name: str) -> str:
    """The text of a file in the package's taxonomy data; works from a wheel and from a checkout."""
    return (files("assurai_datasets.taxonomy") / "data" / name).read_text(encoding="utf-8")


def read_table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file in the package's taxonomy data, each a mapping from column to text."""
    return csv.DictReader(read_data(name).splitlines())
