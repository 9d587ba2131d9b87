"""The examples of a page, run in order: `python` blocks followed by what they print, and `console` blocks."""

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from assurai_datasets.cli import main

BLOCK = re.compile(r"^```(python|console|output)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    """One thing a reader would run, and what the page says comes of it; None where it says nothing."""

    kind: str
    text: str
    output: str | None


def examples(page: Path) -> list[Example]:
    """Return the examples of a page, in order; commands of other programs are left out."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    found: list[Example] = []
    for kind, text in blocks:
        if kind == "python":
            found.append(Example(kind, text, None))
        elif kind == "output":
            found[-1] = found[-1]._replace(output=text)
        else:
            found += _commands(text)
    return found


def _commands(text: str) -> list[Example]:
    parts = [part for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part.startswith("assurai ")]
    return [Example("console", line, shown or None) for line, _, shown in (part.partition("\n") for part in parts)]


def run(example: Example, names: dict[str, Any]) -> str:
    """Return what an example prints; Python examples share their names."""
    if example.kind == "console":
        outcome = CliRunner().invoke(main, shlex.split(example.text)[1:])
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.output
        return outcome.stdout
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example.text, "example", "exec"), names)
    return printed.getvalue()


def agrees(printed: str, shown: str) -> bool:
    """Return whether what was printed is what a page shows, `...` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.split("..."))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None
