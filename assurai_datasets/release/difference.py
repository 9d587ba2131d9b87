"""What can have changed from one release to another, and what follows from it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from assurai_datasets.release.versions import Step

ANNOTATIONS = "annotations"
LABELS = frozenset(
    {"risk_factor", "category", "prompt_type", "prompt_variant", "sub_scenario", "scope", "benign", "safe_choices"}
)
JUDGED = frozenset({ANNOTATIONS, "safety_score", "n_annotations", "agreement"})
SCORED = frozenset(
    {"modality", "prompt", "turns", "choices", "safe_choices", "persona", "expertise", "constraints", "prior_response"}
    | {"media", "risk_factor", "prompt_type"}
)
"""Columns that a model or a judge sees: where one changed, a score given before says nothing about the instance now."""


class FieldChange(NamedTuple):
    """The old and the new value of a field; None where there is none."""

    old: Any
    new: Any


class Diff(NamedTuple):
    """What changed from one release to another.

    Attributes:
        old: Version of the older release.
        new: Version of the newer one.
        shared: Number of instances that are in both.
        added: Ids only in the newer one.
        removed: Ids only in the older one, retracted ones included.
        changed: Fields with their old and new values, by id. `annotations` holds the rows that are only in one of them.
        retracted: Ids of the removed instances that were withdrawn.
        side_tables: Names of the other configs whose rows differ.
        packaging: Files that differ although what they hold may be the same.
    """

    old: str
    new: str
    shared: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, Mapping[str, FieldChange]]
    retracted: tuple[str, ...]
    side_tables: tuple[str, ...]
    packaging: tuple[str, ...]

    @property
    def step(self) -> Step:
        """The step of the version this calls for: major where instances that were there changed or went."""
        if self.changed or self.removed:
            return "major"
        if self.added or self.side_tables:
            return "minor"
        return "patch" if self.packaging else "none"

    @property
    def media_replaced(self) -> tuple[str, ...]:
        """Ids whose input medium, or that of a response, has other bytes."""
        return tuple(i for i, fields in self.changed.items() if any(map(_other_bytes, fields.values())))

    @property
    def relabelled(self) -> tuple[str, ...]:
        """Ids of which a label of the taxonomy or of the construction changed."""
        return tuple(i for i, fields in self.changed.items() if LABELS & fields.keys())

    @property
    def re_annotated(self) -> tuple[str, ...]:
        """Ids of which the annotations changed."""
        return tuple(i for i, fields in self.changed.items() if JUDGED & fields.keys())

    @property
    def comparable(self) -> int:
        """Number of instances on which scores of the older release still stand: shared, and to be answered alike."""
        return self.shared - sum(map(_is_asked_otherwise, self.changed.values()))

    @property
    def all_comparable(self) -> bool:
        """Whether scores of both releases may be compared as they are."""
        return not self.added and not self.removed and self.comparable == self.shared

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai diff --json` prints."""
        return {
            "old": self.old,
            "new": self.new,
            "step": self.step,
            "added": list(self.added),
            "removed": list(self.removed),
            "retracted": list(self.retracted),
            "changed": {instance_id: list(fields) for instance_id, fields in self.changed.items()},
            "fields": {i: {name: change._asdict() for name, change in f.items()} for i, f in self.changed.items()},
            "media_replaced": list(self.media_replaced),
            "relabelled": list(self.relabelled),
            "re_annotated": list(self.re_annotated),
            "side_tables": list(self.side_tables),
            "packaging": list(self.packaging),
            "comparable": {"all": self.all_comparable, "instances": self.comparable, "shared": self.shared},
        }


def _is_asked_otherwise(fields: Mapping[str, FieldChange]) -> bool:
    return any(name in SCORED and (name != "media" or _other_bytes(change)) for name, change in fields.items())


def _other_bytes(change: FieldChange) -> bool:
    """Return whether a change is one of media: of an input medium, or of one among the responses."""
    return _digests(change.old) != _digests(change.new)


def _digests(value: Any) -> list[str | None]:
    if isinstance(value, list):
        return [digest for inner in value if isinstance(inner, Mapping) for digest in _digests(inner.get("media"))]
    return [value.get("sha256")] if isinstance(value, Mapping) and "sha256" in value else []
