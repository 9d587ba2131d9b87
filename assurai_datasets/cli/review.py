"""`assurai review`: the expert review of a delivery and its ledger."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import orjson
from rich.console import Console
from rich.table import Table

from assurai_datasets.cli import options
from assurai_datasets.cli.output import fail, print_json, say
from assurai_datasets.errors import UsageError
from assurai_datasets.review.display import readable, show_instance
from assurai_datasets.review.findings import Language
from assurai_datasets.review.preview import picture_blocks
from assurai_datasets.schema.review import Finding, ReviewAction, ReviewState
from assurai_datasets.workflow.review import ReviewStatus, decide_review, review_status, verify_review
from assurai_datasets.workflow.review_queue import Next, next_reviews

MAX_CHANGES_BYTES = 1 << 20
_path = click.Path(path_type=Path)
_delivery = click.argument("delivery", type=_path, metavar="DELIVERY")
_ledger = click.option(
    "--ledger", type=_path, metavar="FILE", help="The ledger; else <delivery>.ledger.jsonl beside it."
)
_key = click.option(
    "--reviewer-key", "key", type=_path, metavar="FILE", help="Key of the pseudonyms; else beside the ledger."
)


@click.group()
def review() -> None:
    """Review a delivery: what to look at next, decisions, progress, and proof that the ledger holds."""


@review.command("next")
@_delivery
@_ledger
@_key
@click.option(
    "--reviewer", metavar="NAME", help="Who asks; passes over what this person annotated or others have taken."
)
@click.option("--limit", type=click.IntRange(1), default=1, show_default=True, help="How many instances.")
@click.option("--take", is_flag=True, help="Take them: other reviewers will not be given them.")
@click.option("--previews", type=_path, metavar="DIR", help="Write blurred pictures there.")
@click.option(
    "--language", type=click.Choice(get_args(Language)), default="en", show_default=True, help="Of the actions."
)
@options.mapping
@options.polarity
@options.as_json
def next_(delivery: Path, take: bool, as_json: bool, **settings: Any) -> None:
    """Show what is most worth an expert's time."""
    found = next_reviews(delivery, **settings, take=_now() if take else None)
    if as_json:
        print_json([entry.to_json() for entry in found])
    elif not found:
        say("nothing waits for a reviewer")
    else:
        _show(found)


@review.command()
@_delivery
@click.argument("instance_id", metavar="INSTANCE")
@click.argument("action", type=click.Choice(get_args(ReviewAction)))
@_ledger
@_key
@click.option("--reviewer", required=True, metavar="NAME", help="Who decides; only a pseudonym is written.")
@click.option("--finding", type=click.Choice(get_args(Finding)), help="What was found.")
@click.option("--corrective-action", metavar="TEXT", help="What is to be done or was done about it.")
@click.option("--set", "texts", multiple=True, metavar="FIELD=TEXT", help="For revise: a new text. May be repeated.")
@click.option(
    "--changes", "file", type=click.File("rb"), help="For revise: new values as a JSON object; - reads stdin."
)
@click.option("--at", "created_at", metavar="TIME", help="When, in ISO 8601; else now.")
@options.mapping
@options.polarity
@options.as_json
def decide(delivery: Path, texts: tuple[str, ...], file: Any, as_json: bool, **settings: Any) -> None:
    """Append one decision about an instance to the ledger."""
    settings["created_at"] = settings["created_at"] or _now()
    event = decide_review(delivery, **settings, changes=_changes(texts, file))
    if as_json:
        print_json(event.model_dump(mode="json", exclude_none=True))
    else:
        say(f"{event.instance_id}: {event.action}, round {event.round}, event {event.sequence}, by {event.reviewer_id}")


@review.command()
@_delivery
@_ledger
@options.mapping
@options.polarity
@options.as_json
def status(delivery: Path, as_json: bool, **settings: Any) -> None:
    """Show how far the review is, by risk factor and round."""
    found = review_status(delivery, **settings)
    if as_json:
        print_json(found._asdict())
    else:
        _print_status(found)


@review.command()
@_delivery
@_ledger
@_key
@click.option(
    "--head", metavar="DIGEST", help="Digest kept from an earlier verification; shows if events were removed."
)
@options.mapping
@options.polarity
@options.as_json
def verify(delivery: Path, as_json: bool, **settings: Any) -> None:
    """Prove that no event of the ledger was changed, and that its history is a legal one."""
    found = verify_review(delivery, **settings)
    if as_json:
        problems = [{**issue.where.model_dump(), "what": issue.message, "hint": issue.hint} for issue in found.issues]
        print_json({"ok": not problems, "events": found.events, "head": found.head, "problems": problems})
    else:
        for issue in found.issues:
            say(f"{issue.where}: {issue.message}")
            say(f"  -> {issue.hint}")
        say(f"{found.events} events, head {found.head}: {'does not hold' if found.issues else 'holds'}")
    if found.issues:
        fail()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _changes(texts: tuple[str, ...], file: Any) -> dict[str, Any] | None:
    changes = _read_changes(file) if file else {}
    for text in texts:
        field, separator, value = text.partition("=")
        if not separator:
            raise UsageError(f"--set takes FIELD=TEXT, not {text!r}")
        changes[field] = value
    return changes or None


def _read_changes(file: Any) -> dict[str, Any]:
    content = file.read(MAX_CHANGES_BYTES + 1)
    if len(content) > MAX_CHANGES_BYTES:
        raise UsageError("the changes are longer than 1 MiB")
    try:
        changes = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"the changes are no JSON: {error}") from error
    if not isinstance(changes, dict):
        raise UsageError('the changes must be a JSON object of field and value, as in {"prompt": "..."}')
    return changes


def _show(found: tuple[Next, ...]) -> None:
    console = Console()
    for entry in found:
        blocks = (picture_blocks(path) for path in entry.media.values()) if console.is_terminal else ()
        preview = next((picture for picture in blocks if picture is not None), None)
        console.print(show_instance(entry.shown._replace(preview=preview)))
        if entry.preview:
            console.print(f"blurred picture: {readable(str(entry.preview))}", markup=False, highlight=False)


def _print_status(found: ReviewStatus) -> None:
    say(f"{found.total:,} instances, {found.events:,} review events, {found.reviewers} reviewers")
    states = [state for state in get_args(ReviewState) if state in found.states]
    console = Console()
    for title, rows in (("risk factor", found.risk_factors), ("round", found.rounds)):
        table = Table(title, *(state.replace("_", " ") for state in states), box=None)
        for number, counts in rows.items():
            table.add_row(str(number), *(str(counts.get(state, "")) for state in states))
        console.print(table)
