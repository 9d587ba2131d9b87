"""One fault in data: what, how bad, where, and what to do."""

from pydantic import Field

from assurai_datasets.schema.codes import Code, Severity, severity_of
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.record import Record


class Where(Record):
    """The place of an issue; a part that does not apply is None."""

    file: str | None = Field(None, description="Path relative to the delivery or release, with forward slashes.")
    line: int | None = Field(None, ge=1, description="Line or table row, counted from 1.")
    instance_id: str | None = Field(None, description="The instance concerned.")
    field: str | None = Field(None, description="The field concerned, dotted for nested ones: `media.path`.")

    def __str__(self) -> str:
        """Return `file:line instance field`, leaving out what is None."""
        place = self.file or ""
        if self.line is not None:
            place = f"{place}:{self.line}"
        return " ".join(part for part in (place, self.instance_id, self.field) if part)


class Issue(Record):
    """A fault in data, with a code of `docs/reference/issues.md`."""

    code: Code
    severity: Severity
    where: Where
    message: str = Field(description="What was found.")
    hint: str = Field(description="What to do about it.")


def make_issue(
    code: Code,
    message: str,
    hint: str,
    *,
    file: str | None = None,
    line: int | None = None,
    instance_id: str | None = None,
    field: str | None = None,
) -> Issue:
    """Return an issue with the default severity of its code."""
    where = Where(file=file, line=line, instance_id=instance_id, field=field)
    return Issue(code=code, severity=severity_of(code), where=where, message=message, hint=hint)


def issue_of(fault: Fault, *, file: str, line: int | None, instance_id: str | None = None) -> Issue:
    """Return a broken rule of a record as an issue at the place of the record."""
    return make_issue(
        fault.code,
        fault.message,
        fault.hint,
        file=file,
        line=line,
        instance_id=instance_id,
        field=fault.field or None,
    )
