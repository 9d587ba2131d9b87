"""`assurai annotate`: guidelines, projects and forms for annotators, and their judgements back."""

from pathlib import Path

import click

from assurai_datasets.annotation import JUDGED, Judge
from assurai_datasets.cli.output import fail, print_report, say
from assurai_datasets.errors import UsageError
from assurai_datasets.formats.guidelines import write_guidelines
from assurai_datasets.workflow.annotate import ANNOTATORS, TOOLS, Tool, export_annotation, import_annotations

_path = click.Path(path_type=Path)


@click.group()
def annotate() -> None:
    """Hand a delivery to annotators, and take their judgements back."""


@annotate.command()
@click.argument("folder", type=_path, metavar="DIR")
def guidelines(folder: Path) -> None:
    """Write the guidelines for annotators, in Korean and English."""
    try:
        paths = write_guidelines(folder)
    except OSError as error:
        raise UsageError(f"cannot write in {str(folder)!r}: {error.strerror}") from error
    for path in paths:
        say(str(path))


@annotate.command()
@click.argument("delivery", type=_path, metavar="DELIVERY")
@click.option("-o", "--output", required=True, type=_path, metavar="DIR", help="New folder.")
@click.option("--to", required=True, type=click.Choice(TOOLS), help="Projects of Label Studio, or one form a person.")
@click.option("--annotators", type=int, default=ANNOTATORS, show_default=True, help="How many people judge each item.")
@click.option(
    "--judge",
    type=click.Choice(JUDGED),
    default=JUDGED[0],
    show_default=True,
    help="Each response (and instances without one), or the prompts alone.",
)
def export(delivery: Path, output: Path, to: Tool, annotators: int, judge: Judge) -> None:
    """Write what annotators need to judge a delivery, without anybody's answers."""
    exported = export_annotation(delivery, output, to=to, annotators=annotators, judge=judge)
    if exported.report.issues:
        print_report(exported.report)
    if not exported.names:
        say("nothing was written")
        fail()
    say(f"{exported.items:,} items to judge in {output}")
    for name in exported.names:
        say(f"  {name}")


@annotate.command("import")
@click.argument("files", nargs=-1, required=True, type=_path, metavar="FILE...")
@click.option("-o", "--output", required=True, type=_path, metavar="FILE", help="New table of annotations (.jsonl).")
def import_(files: tuple[Path, ...], output: Path) -> None:
    """Make a table of annotations from exports of Label Studio (.json) and filled forms (.xlsx)."""
    imported = import_annotations(*files, output=output)
    if imported.report.issues:
        print_report(imported.report)
    if imported.report.errors:
        say("nothing was written")
        fail()
    say(
        f"{imported.annotations:,} annotations by {imported.annotators:,} annotators in {output}; "
        f"{imported.blank:,} left open or skipped"
    )
