"""The review of a delivery: deciding, how far it is, and whether its ledger holds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, get_args

from assurai_datasets.errors import DataError, UsageError
from assurai_datasets.formats.intake import Intake, PlacedInstance
from assurai_datasets.ingestion import Polarity, ingest
from assurai_datasets.review import (
    Decision,
    Reviewed,
    append_decisions,
    current_state,
    read_ledger,
)
from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.issue import Issue, make_issue
from assurai_datasets.schema.review import Finding, ReviewAction, ReviewEvent, ReviewState
from assurai_datasets.workflow.ledgers import (
    annotators_of,
    as_reviewed,
    find_self_reviews,
    foreign_digests,
    histories_of,
    ledger_of,
    reviewer_key,
    take_delivered,
    take_ledger,
)
from assurai_datasets.workflow.settle import settle_reviews

_COUNTS = "SELECT count(*), count(DISTINCT json_extract(body, '$.reviewer_id')) FROM reviews"


class ReviewStatus(NamedTuple):
    """How far the review of a delivery is.

    Attributes:
        total: Instances delivered.
        events: Review events so far.
        reviewers: People who reviewed.
        states: Instances by state.
        risk_factors: Instances by number of the risk factor and state.
        rounds: Instances by review round and state; round 0 is what nobody has begun.
    """

    total: int
    events: int
    reviewers: int
    states: Mapping[str, int]
    risk_factors: Mapping[int, Mapping[str, int]]
    rounds: Mapping[int, Mapping[str, int]]


class ReviewVerification(NamedTuple):
    """Whether the review of a delivery holds.

    Attributes:
        events: Events of the ledger that can be read.
        head: Digest of the newest one; keep it elsewhere to notice if events vanish. None where there are none.
        issues: What does not hold, the first broken link of the ledger first.
    """

    events: int
    head: str | None
    issues: tuple[Issue, ...]


def decide_review(
    delivery: str | Path,
    instance_id: str,
    action: ReviewAction,
    *,
    reviewer: str,
    ledger: Path | None = None,
    key: Path | None = None,
    finding: Finding | None = None,
    corrective_action: str | None = None,
    changes: Mapping[str, Any] | None = None,
    created_at: str | None = None,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
) -> ReviewEvent:
    """Return the event of a decision once it is safely in the ledger.

    Args:
        delivery: Folder of the delivery; it is only read.
        instance_id: The instance decided about.
        action: What is done.
        reviewer: Who does it; only a keyed pseudonym is written.
        ledger: The ledger; None for the one beside the delivery.
        key: Key file of the pseudonyms; None for the one beside the ledger, made with the first event.
        finding: What was found; required to request changes and to drop.
        corrective_action: What is to be done or was done about it.
        changes: New values by field, None to remove one; for `revise`.
        created_at: When, in ISO 8601.
        mapping: Packaged mapping or file for foreign tables, in place of the one the delivery names.
        score_polarity: What the delivery's scores mean, over what it declares: `safety` or `risk`.

    Raises:
        UsageError: The delivery has no such instance, or the decision is not allowed.
        DataError: The ledger is broken.
    """
    path = ledger or ledger_of(delivery)
    with ingest(delivery, mapping=mapping, score_polarity=score_polarity) as intake:
        placed = _find(intake, instance_id)
        _refuse_broken(delivery, take_delivered(intake))
        history = histories_of(intake).get(instance_id, ())
        decision = Decision(
            instance=as_reviewed(intake, placed),
            action=action,
            reviewer=reviewer,
            finding=finding,
            corrective_action=corrective_action,
            changes=changes,
            created_at=created_at,
            annotators=annotators_of(intake, instance_id),
            delivered=tuple(entry.event for entry in history),
            foreign=foreign_digests(history),
        )
    (event,) = append_decisions(path, [decision], key=reviewer_key(path, key))
    return event


def review_status(
    delivery: str | Path,
    *,
    ledger: Path | None = None,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
) -> ReviewStatus:
    """Return how far the review of a delivery is.

    Args:
        delivery: Folder of the delivery; it is only read.
        ledger: The ledger; None for the one beside the delivery.
        mapping: Packaged mapping or file for foreign tables, in place of the one the delivery names.
        score_polarity: What the delivery's scores mean, over what it declares: `safety` or `risk`.
    """
    by_factor: defaultdict[int, Counter[str]] = defaultdict(Counter)
    by_round: defaultdict[int, Counter[str]] = defaultdict(Counter)
    with reviewed_delivery(delivery, ledger, mapping=mapping, score_polarity=score_polarity) as (intake, _):
        for placed, reviewed in review_states(intake):
            by_factor[placed.instance.risk_factor][reviewed.state] += 1
            by_round[reviewed.round][reviewed.state] += 1
        ((events, reviewers),) = intake.select(_COUNTS)
    states = sum(by_factor.values(), Counter[str]())
    return ReviewStatus(states.total(), events, reviewers, _sorted(states), _tables(by_factor), _tables(by_round))


def verify_review(
    delivery: str | Path,
    *,
    ledger: Path | None = None,
    key: Path | None = None,
    head: str | None = None,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
) -> ReviewVerification:
    """Return whether the ledger of a delivery, and what it says of each instance, hold.

    Args:
        delivery: Folder of the delivery; it is only read.
        ledger: The ledger; None for the one beside the delivery.
        key: Key file of the pseudonyms, to find annotators who reviewed their own work; None for the one beside the
            ledger, if it is there.
        head: Digest of an event that must be in the ledger, as kept from an earlier verification.
        mapping: Packaged mapping or file for foreign tables, in place of the one the delivery names.
        score_polarity: What the delivery's scores mean, over what it declares: `safety` or `risk`.

    Raises:
        UsageError: There is no ledger.
    """
    path = ledger or ledger_of(delivery)
    held = read_ledger(path, missing_ok=False)
    with ingest(delivery, mapping=mapping, score_polarity=score_polarity) as intake:
        issues = [*take_delivered(intake), *take_ledger(intake, 1, path, held)]
        found = [*issues, *settle_reviews(intake), *find_self_reviews(intake, {1: path}, key)]
    if head is not None and head not in {event.digest for event in held.events}:
        found.append(_missing_head(path, head))
    return ReviewVerification(len(held.events), held.head.digest, tuple(dict.fromkeys(found)))


@contextmanager
def reviewed_delivery(
    delivery: str | Path,
    ledger: Path | None,
    *,
    mapping: str | Path | None = None,
    score_polarity: Polarity | None = None,
) -> Iterator[tuple[Intake, list[Issue]]]:
    """Give the rows of a delivery together with the events of its ledger, and the issues of its reviews.

    Args:
        delivery: Folder of the delivery; it is only read.
        ledger: The ledger; None for the one beside the delivery.
        mapping: Packaged mapping or file for foreign tables, in place of the one the delivery names.
        score_polarity: What the delivery's scores mean, over what it declares: `safety` or `risk`.
    """
    path = ledger or ledger_of(delivery)
    with ingest(delivery, mapping=mapping, score_polarity=score_polarity) as intake:
        yield intake, [*take_delivered(intake), *take_ledger(intake, 1, path, read_ledger(path))]


def review_states(intake: Intake) -> Iterator[tuple[PlacedInstance, Reviewed]]:
    """Yield every instance of an intake with the state its review left it in, by risk factor and id."""
    annotated = {instance_id for (instance_id,) in intake.select("SELECT DISTINCT instance_id FROM annotations")}
    histories = histories_of(intake)
    for placed in intake.instances():
        history = histories.get(placed.instance.id, ())
        instance = as_reviewed(intake, placed) if history else placed.instance
        yield (
            placed,
            current_state(
                instance,
                [entry.event for entry in history],
                annotated=instance.id in annotated,
                foreign=foreign_digests(history),
            ),
        )


def _refuse_broken(delivery: str | Path, issues: Iterable[Issue]) -> None:
    """Refuse to go on from delivered events that do not hold.

    Raises:
        DataError: A link does not hold.
    """
    found = tuple(issues)
    if found:
        broken = found[0]
        raise DataError(
            f"the reviews of {str(delivery)!r} do not hold: {broken.where}: {broken.message}; {broken.hint}"
        )


def _find(intake: Intake, instance_id: str) -> PlacedInstance:
    placed = next(intake.instances(instance_id=instance_id), None)
    if placed is not None:
        return placed
    ids = [known for (known,) in intake.select("SELECT id FROM instances ORDER BY id")]
    near = ", ".join(map(repr, get_close_matches(instance_id, ids, n=3)))
    hint = f"did you mean {near}?" if near else "see `assurai validate`, which names the rows that could not be read"
    raise UsageError(f"the delivery has no instance {instance_id!r}; {hint}")


def _missing_head(path: Path, head: str) -> Issue:
    message = f"no event has the digest {head!r} that was kept"
    hint = "the newest events were removed, or the whole ledger was written anew: take it from a copy you trust"
    return make_issue(Code.REVIEW_CHAIN_BROKEN, message, hint, file=path.name, field="digest")


def _tables(counts: Mapping[int, Counter[str]]) -> dict[int, Mapping[str, int]]:
    return {key: _sorted(counts[key]) for key in sorted(counts)}


def _sorted(states: Counter[str]) -> dict[str, int]:
    return {state: states[state] for state in get_args(ReviewState) if states[state]}
