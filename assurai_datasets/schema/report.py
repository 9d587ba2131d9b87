"""All issues of one run."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import Field

from assurai_datasets.errors import DataError
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.record import Record


class Report(Record):
    """What a run found: how many instances were read, and every issue in a stable order."""

    instances: int = Field(ge=0, description="Instances read, refused ones included.")
    issues: tuple[Issue, ...] = ()

    @classmethod
    def of(cls, instances: int, issues: Iterable[Issue]) -> "Report":
        """Return a report whose issues stand in the order of file, line, instance, field and code."""
        return cls(instances=instances, issues=tuple(sorted(issues, key=_order)))

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop a build."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """The issues that do not."""
        return tuple(issue for issue in self.issues if issue.severity == "warning")

    @property
    def counts(self) -> dict[str, int]:
        """How often each code occurs, by code."""
        return dict(sorted(Counter(issue.code.value for issue in self.issues).items()))

    def __iter__(self) -> Iterator[Issue]:  # type: ignore[override]
        """Iterate over the issues."""
        return iter(self.issues)

    def raise_for_errors(self) -> None:
        """Raise `DataError` naming the first error and how many there are; do nothing where there is none."""
        if errors := self.errors:
            first = errors[0]
            raise DataError(f"{len(errors)} errors; the first: {first.code} at {first.where}: {first.message}")

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai validate --json` prints."""
        return {
            "instances": self.instances,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "counts": self.counts,
            "issues": [issue.model_dump(mode="json") for issue in self.issues],
        }


def _order(issue: Issue) -> tuple[str, int, str, str, str, str]:
    where = issue.where
    place = (where.file or "", where.line or 0, where.instance_id or "", where.field or "")
    return (*place, issue.code.value, issue.message)
