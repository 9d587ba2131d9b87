"""What commands print: results on standard output, progress on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.report import Report

SHOWN = 3


def print_json(value: Any) -> None:
    """Print a value as JSON that people can read too."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_report(report: Report) -> None:
    """Print the issues of a report, errors first, grouped by code and counted."""
    for issues in (report.errors, report.warnings):
        for code, group in groupby(sorted(issues, key=lambda issue: issue.code.value), key=lambda issue: issue.code):
            _print_group(code.value, list(group))
    click.echo(
        f"{_n(report.instances, 'instance')}, {_n(len(report.errors), 'error')}, {_n(len(report.warnings), 'warning')}"
    )


def fail() -> NoReturn:
    """End the command with exit status 1: the data or the release fails."""
    raise click.exceptions.Exit(1)


@contextmanager
def progress(label: str) -> Iterator[Any]:
    """Give a function of (done, total) that draws a progress bar on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_group(code: str, issues: list[Issue]) -> None:
    colour = "red" if issues[0].severity == "error" else "yellow"
    click.echo(f"{click.style(issues[0].severity, fg=colour)} {code} ({len(issues):,})")
    for issue in issues[:SHOWN]:
        click.echo(f"  {issue.where}: {issue.message}")
    if len(issues) > SHOWN:
        click.echo(f"  ... and {len(issues) - SHOWN:,} more; --json lists all")
    for hint in _distinct(issue.hint for issue in issues[:SHOWN]):
        click.echo(f"  -> {hint}")
    click.echo()


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
