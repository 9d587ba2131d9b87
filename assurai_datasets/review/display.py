"""An instance as a reviewer reads it in a terminal: a warning first, the text, and media by path alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from assurai_datasets.review.queue import Queued
from assurai_datasets.review.replay import Reviewed
from assurai_datasets.schema.controls import escape_controls
from assurai_datasets.schema.instance import Instance, Media
from assurai_datasets.schema.review import ReviewEvent
from assurai_datasets.taxonomy import load_taxonomy

_WARNING = (
    "Content warning: this instance tests the risk {name!r} and may be disturbing. Stop when you need to.\n"
    "주의: 이 문항은 '{name_ko}' 위험을 다루며 불편한 내용이 있을 수 있습니다. 힘들면 언제든 멈추세요."
)
ACTIONS_SHOWN = 2


class Shown(NamedTuple):
    """What is shown of one instance of the queue.

    Attributes:
        reviewed: The instance as its review left it.
        queued: Why it is worth a look; None where it was asked for by name.
        judgements: What annotators said, by field, without who said it.
        flags: Codes of what validation found.
        last: The latest review event; None where there is none.
        actions: Corrective actions that fit, by finding.
        preview: A blurred picture of its medium, as blocks; None without one.
    """

    reviewed: Reviewed
    queued: Queued | None = None
    judgements: Mapping[str, Sequence[str]] = {}
    flags: Sequence[str] = ()
    last: ReviewEvent | None = None
    actions: Mapping[str, Sequence[str]] = {}
    preview: Text | None = None


def show_instance(shown: Shown) -> RenderableType:
    """Return what a terminal shows of one instance; media stand there by path, never as they are."""
    instance = shown.reviewed.current
    factor = load_taxonomy().risk_factor(instance.risk_factor)
    parts: list[RenderableType] = [
        Panel(
            Text(_WARNING.format(name=factor.name, name_ko=factor.name_ko), style="bold yellow"), border_style="yellow"
        ),
        _lines(_facts(shown)),
        Panel(_lines(_content(instance)), title=readable(instance.id), border_style="cyan"),
    ]
    if media := tuple(_media(instance)):
        parts.append(_lines(("media, not shown", f"{place}: {medium.path}") for place, medium in media))
    parts += [shown.preview] if shown.preview else []
    parts.append(_lines(_proposals(shown)))
    return Group(*parts)


def readable(text: str) -> str:
    """Return a text in which characters that steer a terminal or show nothing stand as their code: `<U+202E>`."""
    return escape_controls(text, keep="\n\t")


def _facts(shown: Shown) -> Iterator[tuple[str, str]]:
    instance, reviewed = shown.reviewed.current, shown.reviewed
    factor = load_taxonomy().risk_factor(instance.risk_factor)
    yield "risk factor", f"{factor.number} {factor.name} / {factor.name_ko}"
    yield "prompt type", f"{instance.prompt_type}, {instance.modality}, {instance.stage or 'no stage'}"
    yield "review", f"{reviewed.state}, round {reviewed.round}"
    if shown.queued:
        why = ", ".join(f"{fact.replace('_', ' ')} {points:g}" for fact, points in shown.queued.points.items())
        yield "worth a look", f"{shown.queued.score:g} points: {why}"
    for field, values in shown.judgements.items():
        yield f"annotators: {field}", ", ".join(values)
    if shown.flags:
        yield "validation", ", ".join(shown.flags)
    if shown.last:
        yield "last event", f"{shown.last.action}: {shown.last.finding or '-'}: {shown.last.corrective_action or '-'}"


def _content(instance: Instance) -> Iterator[tuple[str, str]]:
    yield "prompt", instance.prompt
    for turn in instance.turns or ():
        yield turn.role, turn.content
    for position, choice in enumerate(instance.choices or ()):
        yield f"choice {position}{' (safe)' if position in (instance.safe_choices or ()) else ''}", choice
    for field in ("persona", "expertise", "prior_response", "sub_scenario", "technique"):
        if value := getattr(instance, field):
            yield field.replace("_", " "), value
    for constraint in instance.constraints or ():
        yield "constraint", constraint
    for position, response in enumerate(instance.responses or ()):
        yield f"response {position}", response.text or "(a medium)"


def _media(instance: Instance) -> Iterator[tuple[str, Media]]:
    if instance.media:
        yield "input", instance.media
    for position, response in enumerate(instance.responses or ()):
        if response.media:
            yield f"response {position}", response.media


def _proposals(shown: Shown) -> Iterator[tuple[str, str]]:
    for finding, actions in shown.actions.items():
        yield f"if {finding.replace('_', ' ')}", " · ".join(actions[:ACTIONS_SHOWN])


def _lines(pairs: Iterator[tuple[str, str]]) -> Text:
    text = Text()
    for name, value in pairs:
        text.append(f"{readable(name)}: ", style="bold")
        text.append(f"{readable(value)}\n")
    text.rstrip()
    return text
