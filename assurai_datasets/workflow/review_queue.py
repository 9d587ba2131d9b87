"""The review queue of a delivery: what is known of each instance, and what a reviewer is shown of the next ones."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

from assurai_datasets.errors import PathEscapesError, UsageError
from assurai_datasets.files import Folder, kind_of
from assurai_datasets.formats.intake import Intake, PlacedEvent, PlacedInstance
from assurai_datasets.ingestion import Polarity
from assurai_datasets.release.judgements import consensus
from assurai_datasets.review import Decision, Reviewed, append_decisions, read_key, reviewer_pseudonym
from assurai_datasets.review.display import Shown
from assurai_datasets.review.findings import Language, propose_actions
from assurai_datasets.review.preview import write_preview
from assurai_datasets.review.queue import Candidate, Queued, Weights, next_instances
from assurai_datasets.schema.annotation import JUDGEMENTS, Annotation
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.instance import Instance
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.review import Finding
from assurai_datasets.validation import MediaChecks, check_intake
from assurai_datasets.workflow.ledgers import (
    annotators_of,
    as_reviewed,
    foreign_digests,
    histories_of,
    key_of,
    ledger_of,
    reviewer_key,
)
from assurai_datasets.workflow.review import review_states, reviewed_delivery

NEAR_DUPLICATES = frozenset(
    {
        Code.INSTANCE_TEXT_DUPLICATE,
        Code.INSTANCE_TEXT_NEAR_DUPLICATE,
        Code.MEDIA_DUPLICATE,
        Code.MEDIA_NEAR_DUPLICATE,
    }
)
_CELLS = "SELECT risk_factor, prompt_type, modality FROM instances"


class Next(NamedTuple):
    """One instance a reviewer should look at.

    Attributes:
        shown: What there is to see of it.
        media: Its media by field, as they lie in the delivery; those that exist.
        preview: The blurred picture that was written; None without one.
    """

    shown: Shown
    media: Mapping[str, Path]
    preview: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object that `assurai review next --json` prints."""
        shown, instance = self.shown, self.shown.reviewed.current
        queued = shown.queued
        return {
            "instance_id": instance.id,
            "score": queued.score if queued else None,
            "points": queued.points if queued else {},
            "state": shown.reviewed.state,
            "round": shown.reviewed.round,
            "instance": instance.model_dump(mode="json", exclude_none=True),
            "judgements": {field: list(values) for field, values in shown.judgements.items()},
            "flags": list(shown.flags),
            "last": shown.last.model_dump(mode="json", exclude_none=True) if shown.last else None,
            "actions": {finding: list(actions) for finding, actions in shown.actions.items()},
            "media": {field: str(path) for field, path in self.media.items()},
            "preview": str(self.preview) if self.preview else None,
        }


class _View(NamedTuple):
    """What the queue is made from: rows; events and issues by instance; instances by factor, type and modality."""

    intake: Intake
    histories: Mapping[str, list[PlacedEvent]]
    flags: Mapping[str, list[Issue]]
    cells: Mapping[tuple[int, str, str], int]


class _Entry(NamedTuple):
    """An instance of the queue with its place and state."""

    placed: PlacedInstance
    reviewed: Reviewed


def next_reviews(
    delivery: str | Path,
    *,
    ledger: Path | None = None,
    key: Path | None = None,
    reviewer: str | None = None,
    limit: int = 1,
    take: str | None = None,
    previews: Path | None = None,
    language: Language = "en",
    weights: Weights | None = None,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
) -> tuple[Next, ...]:
    """Return the instances a reviewer should look at next, the most worth a look first.

    Args:
        delivery: Folder of the delivery; it is only read.
        ledger: The ledger; None for the one beside the delivery.
        key: Key file of the pseudonyms; None for the one beside the ledger.
        reviewer: Who asks: what this person annotated, or somebody else has taken, is passed over.
        limit: How many at most.
        take: When the instances are taken, in ISO 8601: each gets a `begin` event of the reviewer. None takes none.
        previews: Folder for blurred pictures; None writes none.
        language: Language of the proposed corrective actions.
        weights: What each fact is worth; see `review.queue.Weights`.
        mapping: Packaged mapping or file for foreign tables, in place of the one the delivery names.
        score_polarity: What the delivery's scores mean, over what it declares: `safety` or `risk`.

    Raises:
        UsageError: The delivery cannot be read, or instances are to be taken by nobody.
    """
    if take is not None and reviewer is None:
        raise UsageError("say who takes the instances: --reviewer NAME")
    path = ledger or ledger_of(delivery)
    with reviewed_delivery(delivery, ledger, mapping=mapping, score_polarity=score_polarity) as (intake, broken):
        issues = [*intake.issues, *broken, *check_intake(intake, Policy(), MediaChecks(fast=True))]
        view = _View(intake, histories_of(intake), _flags(issues), Counter(intake.select(_CELLS)))
        entries = {e.placed.instance.id: e for e in _entries(view, reviewer, _pseudonym(path, key, reviewer))}
        queued = next_instances((_candidate(view, entry) for entry in entries.values()), limit=limit, weights=weights)
        chosen = [entries[entry.candidate.instance_id] for entry in queued]
        found = tuple(_next(view, entry, why, language, previews) for entry, why in zip(chosen, queued, strict=True))
        begun = [_begin(view, entry, reviewer, take) for entry in chosen if entry.reviewed.state != "in_review"]
    if take is not None:
        append_decisions(path, begun, key=reviewer_key(path, key))
    return found


def _pseudonym(ledger: Path, key: Path | None, reviewer: str | None) -> str | None:
    path = key or key_of(ledger)
    return reviewer_pseudonym(reviewer, read_key(path)) if reviewer and path.is_file() else None


def _entries(view: _View, reviewer: str | None, pseudonym: str | None) -> Iterator[_Entry]:
    """Yield the instances that this person may review and nobody else has taken."""
    own = _annotated_by(view.intake, reviewer) if reviewer else frozenset()
    for placed, reviewed in review_states(view.intake):
        in_review = reviewed.state == "in_review"
        others = in_review and view.histories[placed.instance.id][-1].event.reviewer_id != pseudonym
        if placed.instance.id not in own and not (others and reviewer):
            yield _Entry(placed, reviewed)


def _annotated_by(intake: Intake, reviewer: str) -> frozenset[str]:
    comparing = b"compared, not kept"
    person = reviewer_pseudonym(reviewer, comparing)
    names = [name for (name,) in intake.select("SELECT DISTINCT annotator FROM annotations") if name.strip()]
    own = [name for name in names if reviewer_pseudonym(name, comparing) == person]
    query = "SELECT DISTINCT instance_id FROM annotations WHERE annotator = ?"
    return frozenset(instance_id for name in own for (instance_id,) in intake.select(query, (name,)))


def _flags(issues: Sequence[Issue]) -> dict[str, list[Issue]]:
    flags: defaultdict[str, list[Issue]] = defaultdict(list)
    for issue in issues:
        if issue.where.instance_id is not None:
            flags[issue.where.instance_id].append(issue)
    return flags


def _candidate(view: _View, entry: _Entry) -> Candidate:
    instance = entry.placed.instance
    issues = view.flags.get(instance.id, ())
    annotations = [placed.annotation for placed in view.intake.annotations(instance.id)]
    errors = sum(issue.severity == "error" for issue in issues)
    return Candidate(
        instance_id=instance.id,
        risk_factor=instance.risk_factor,
        state=entry.reviewed.state,
        agreement=consensus(annotations).agreement,
        against_gold=_against_gold(instance, annotations),
        errors=errors,
        warnings=len(issues) - errors,
        near_duplicate=any(issue.code in NEAR_DUPLICATES for issue in issues),
        cell_size=view.cells[instance.risk_factor, instance.prompt_type, instance.modality],
    )


def _against_gold(instance: Instance, annotations: Sequence[Annotation]) -> float | None:
    """Return the share of judgements that contradict an instance experts made; None where it is not theirs."""
    if instance.stage != "seed":
        return None
    verdicts = [a.risk_factor != instance.risk_factor for a in annotations if a.risk_factor is not None]
    verdicts += [not a.is_valid for a in annotations if a.is_valid is not None]
    return sum(verdicts) / len(verdicts) if verdicts else None


def _next(view: _View, entry: _Entry, queued: Queued, language: Language, previews: Path | None) -> Next:
    placed, reviewed = entry
    instance = reviewed.current
    history = view.histories.get(instance.id, ())
    media = dict(_media(view.intake, placed, instance))
    shown = Shown(
        reviewed=reviewed,
        queued=queued,
        judgements=_judgements([annotation for _, annotation in view.intake.annotations(instance.id)]),
        flags=sorted({issue.code.value for issue in view.flags.get(instance.id, ())}),
        last=history[-1].event if history else None,
        actions={finding: propose_actions(instance.prompt_type, finding, language) for finding in get_args(Finding)},
    )
    return Next(shown, media, _preview(instance.id, media, previews))


def _begin(view: _View, entry: _Entry, reviewer: str | None, moment: str | None) -> Decision:
    instance = as_reviewed(view.intake, entry.placed)
    history = view.histories.get(instance.id, ())
    return Decision(
        instance=instance,
        action="begin",
        reviewer=reviewer or "",
        created_at=moment,
        annotators=annotators_of(view.intake, instance.id),
        delivered=tuple(entry.event for entry in history),
        foreign=foreign_digests(history),
    )


def _media(intake: Intake, placed: PlacedInstance, instance: Instance) -> Iterator[tuple[str, Path]]:
    folder = Folder(intake.deliveries[placed.place.delivery - 1].root)
    named = [("media", instance.media)]
    named += [(f"responses.{at}.media", response.media) for at, response in enumerate(instance.responses or ())]
    for field, medium in named:
        path = _existing(folder, medium.path) if medium else None
        if path is not None:
            yield field, path


def _existing(folder: Folder, name: str) -> Path | None:
    try:
        path = folder.resolve(name)
    except PathEscapesError:
        return None
    return path if kind_of(path) == "file" and os.access(path, os.R_OK) else None


def _judgements(annotations: Sequence[Annotation]) -> dict[str, list[str]]:
    """Return what annotators said by field, sorted, so that no order tells who said it."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for annotation in annotations:
        thing = "" if annotation.response is None else f" of response {annotation.response}"
        for field in JUDGEMENTS:
            if (value := getattr(annotation, field)) is not None:
                values[f"{field}{thing}"].append(str(value))
        for label, value in annotation.labels.items():
            values[f"{label}{thing}"].append(str(value))
    return {field: sorted(values[field]) for field in sorted(values)}


def _preview(instance_id: str, media: Mapping[str, Path], previews: Path | None) -> Path | None:
    if previews is None:
        return None
    previews.mkdir(parents=True, exist_ok=True)
    written = (write_preview(path, previews / f"{instance_id}.png") for path in media.values())
    return next((path for path in written if path is not None), None)
