"""What commands print: results on standard output, progress on standard error."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from assurai_datasets.schema.controls import escape_controls, steers
from assurai_datasets.schema.issue import Issue
from assurai_datasets.schema.report import Report

SHOWN = 3
_RARE = re.compile(r"[^\n -~가-힣]")


def print_json(value: Any) -> None:
    """Print a value as JSON that people can read too; characters that steer a terminal stand as JSON escapes."""
    click.echo(_RARE.sub(_as_json_escape, json.dumps(value, ensure_ascii=False, indent=2)))


def say(line: str, **style: Any) -> None:
    """Print one line, in which characters that steer a terminal stand as their codes: names and values may hold any."""
    click.secho(escape_controls(line), **style)


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
        say(f"  {issue.where}: {issue.message}")
    if len(issues) > SHOWN:
        click.echo(f"  ... and {len(issues) - SHOWN:,} more; --json lists all")
    for hint in _distinct(issue.hint for issue in issues[:SHOWN]):
        say(f"  -> {hint}")
    click.echo()


def _as_json_escape(match: re.Match[str]) -> str:
    if not steers(match[0]):
        return match[0]
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
