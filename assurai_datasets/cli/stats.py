"""`assurai stats`: the paper's counts for a release or a delivery."""

from pathlib import Path

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import print_json, say
from assurai_datasets.reporting import (
    counts_csv,
    counts_text,
    draw_counts,
    plan_json,
    plan_text,
    summarize,
    write_page,
)
from assurai_datasets.workflow.fetch import fetched


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="RELEASE/DELIVERY")
@options.as_json
@click.option(
    "--plan", is_flag=True, help="Compare with the paper's plan instead: what is missing, what to collect next."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--figures", type=click.Path(path_type=Path), metavar="DIR", help="Draw Figure 2 as PNG and SVG.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Labels of figures.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page of a release: one file of HTML."
)
def stats(
    source: Path, as_json: bool, plan: bool, as_csv: bool, figures: Path | None, language: str, html: Path | None
) -> None:
    """Count a release or a delivery: the paper's Tables 3, 4, 10 and Figure 2."""
    with fetched([source]) as (folder,):
        counts = summarize(folder)
        if html is not None:
            write_page(folder, html)
            say(str(html), err=True)
    if plan:
        print_json(plan_json(counts)) if as_json else _print_lines(plan_text(counts))
    elif as_json:
        print_json(counts.to_json())
    else:
        _print_lines(counts_csv(counts).rstrip("\n") if as_csv else counts_text(counts))
    if figures is not None:
        for path in draw_counts(counts, figures, language=language):  # type: ignore[arg-type]
            say(str(path), err=True)


def _print_lines(text: str) -> None:
    for line in text.split("\n"):
        say(line)
