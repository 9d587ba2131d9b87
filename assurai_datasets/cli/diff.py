"""`assurai diff`: what changed from one release to another."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import print_json, say
from assurai_datasets.release import Diff, comparability, diff_releases, least_version

SHOWN_CHARS = 60


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@options.as_json
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Show what changed from the release OLD to the release NEW.

    It says field by field what was there and what is there now, whether scores stay comparable, and the step of the
    version it calls for. Verify both first.
    """
    found = diff_releases(old, new)
    if as_json:
        print_json(found.to_json())
    else:
        for line in _lines(found):
            say(line)


def _lines(diff: Diff) -> Iterator[str]:
    yield from _listed("added", diff.added)
    yield from _listed("retracted", diff.retracted)
    yield from _listed("removed", [i for i in diff.removed if i not in diff.retracted])
    for instance_id, fields in diff.changed.items():
        yield f"changed {instance_id}"
        for name, change in fields.items():
            yield f"  {name}: {_shown(change.old)} -> {_shown(change.new)}"
    yield from _listed("media replaced", diff.media_replaced)
    yield from _listed("relabelled", diff.relabelled)
    yield from _listed("annotated anew", diff.re_annotated)
    yield from _listed("other configs that changed", diff.side_tables)
    yield from _listed("files packed anew", diff.packaging)
    yield f"{diff.old} -> {diff.new}: {_step(diff)}. {comparability(diff)}"


def _listed(title: str, entries: Sequence[str]) -> Iterator[str]:
    if entries:
        yield f"{title} ({len(entries):,})"
        yield from (f"  {entry}" for entry in entries)


def _step(diff: Diff) -> str:
    if diff.step == "none":
        return "nothing changed"
    return f"the step is {diff.step}, so {least_version(diff.old, diff.step)} or later"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."
