"""One step of the expert review, as a link of the ledger."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault, raise_faults
from assurai_datasets.schema.instance import InstanceId
from assurai_datasets.schema.record import CHECKED, Integer, Record, Sha256, Text
from assurai_datasets.schema.times import Time

ReviewAction = Literal["begin", "accept", "request_changes", "revise", "drop", "restore"]
ReviewState = Literal[
    "constructed", "annotated", "in_review", "changes_requested", "revised", "accepted", "dropped", "restored"
]
Finding = Literal["error", "bias", "out_of_context", "privacy", "duplicate", "other"]
CHANGES_LEVELS = 16
Pseudonym = Annotated[
    str,
    Field(
        pattern="^r[0-9a-f]{16}$",
        max_length=17,
        description="Keyed pseudonym of the reviewer, made when the event was appended; never a name.",
    ),
]


class ReviewEvent(Record):
    """One step of the expert review as anybody may deliver it; where it is sealed, hashed over the one before.

    Rules across fields, which JSON Schema does not express: `changes` stand with the action `revise` and with no
    other; they hold finite numbers of at most 53 bits, sound Unicode and no more than 16 levels.
    """

    sequence: Integer = Field(ge=1, description="Position in the ledger, from 1.")
    instance_id: InstanceId
    round: Integer = Field(ge=1, description="Review round, from 1.")
    reviewer_id: Text = Field(description="Who reviewed; in a release always a pseudonym: `r` and 16 hex digits.")
    action: ReviewAction
    finding: Finding | None = None
    corrective_action: Text | None = Field(None, description="What is to be done or was done about the finding.")
    changes: dict[str, Any] | None = Field(None, description="New values by field, null to remove; for revise.")
    before: Sha256 | None = Field(None, description="Digest of the instance the reviewer saw.")
    after: Sha256 | None = Field(None, description="Digest of the instance after the event.")
    created_at: Time | None = None
    previous: Sha256 | None = Field(None, description="`digest` of the event before; absent for the first.")
    digest: Sha256 | None = Field(None, description="Digest of this event without this field, as canonical JSON.")

    @model_validator(mode="after")
    def _agree_across_fields(self, info: ValidationInfo) -> "ReviewEvent":
        if info.context is not CHECKED:
            raise_faults(fault for rule in self._rules() for fault in rule(self))
        return self

    def _rules(self) -> tuple[Callable[["ReviewEvent"], Iterator[Fault]], ...]:
        return (_revision, _writable_changes)


class LedgerEvent(ReviewEvent):
    """One step of the expert review as a ledger of ours holds it: more complete than what others may deliver.

    Rules across fields besides those of `ReviewEvent`: `request_changes` and `drop` name a finding; `before` and
    `after` stand with the action `revise`, and `after` with no other; the first event has no `previous` and every
    other has one.
    """

    reviewer_id: Pseudonym

    def _rules(self) -> tuple[Callable[[ReviewEvent], Iterator[Fault]], ...]:
        return (*super()._rules(), _digests, _finding, _link)


def _revision(event: ReviewEvent) -> Iterator[Fault]:
    if event.action == "revise" and not event.changes:
        hint = "a revise event carries the changed fields with their new values"
        yield Fault(Code.REVIEW_FIELD_MISSING, "changes", "the action is 'revise' and changes is missing", hint)
    elif event.action != "revise" and event.changes:
        found = f"the action is {event.action!r} and there is changes"
        yield Fault(Code.REVIEW_VALUE_INVALID, "changes", found, "only a revise event carries changes; remove it")


def _digests(event: ReviewEvent) -> Iterator[Fault]:
    if event.action == "revise":
        hint = "a revise event carries the digests of the instance before and after"
        for field in ("before", "after"):
            if getattr(event, field) is None:
                yield Fault(Code.REVIEW_FIELD_MISSING, field, f"the action is 'revise' and {field} is missing", hint)
    elif event.after is not None or event.changes is not None:
        field = "changes" if event.after is None else "after"
        found = f"the action is {event.action!r} and there is {field}"
        yield Fault(Code.REVIEW_VALUE_INVALID, field, found, f"only a revise event carries {field}; remove it")


def _writable_changes(event: ReviewEvent) -> Iterator[Fault]:
    for field, value in (event.changes or {}).items():
        if not _is_plain(field, CHANGES_LEVELS) or not _is_plain(value, CHANGES_LEVELS):
            found = f"the new value of {field!a} is nothing that JSON can carry without loss"
            hint = "use finite numbers of at most 53 bits, sound Unicode text, and no more than 16 levels"
            yield Fault(Code.REVIEW_VALUE_INVALID, "changes", found, hint)


def _is_plain(value: Any, levels: int) -> bool:
    """Return whether every program that reads JSON reads this value alike."""
    match value:
        case str():
            return not any("\ud800" <= char <= "\udfff" for char in value)
        case None | bool():
            return True
        case int() | float():
            return abs(value) < 2**53  # false for nan and infinity
        case list() | tuple():
            return levels > 0 and all(_is_plain(item, levels - 1) for item in value)
        case dict():
            return levels > 0 and all(
                isinstance(key, str) and _is_plain([key, item], levels) for key, item in value.items()
            )
    return False


def _finding(event: ReviewEvent) -> Iterator[Fault]:
    if event.action in ("request_changes", "drop") and event.finding is None:
        found = f"the action is {event.action!r} and no finding says why"
        yield Fault(Code.REVIEW_FIELD_MISSING, "finding", found, "name the finding, or use 'other'")


def _link(event: ReviewEvent) -> Iterator[Fault]:
    if (event.sequence == 1) != (event.previous is None):
        found = f"event {event.sequence} has {'a' if event.previous else 'no'} previous"
        hint = "the first event has no previous and every other has the digest of the event before"
        yield Fault(Code.REVIEW_CHAIN_BROKEN, "previous", found, hint)
