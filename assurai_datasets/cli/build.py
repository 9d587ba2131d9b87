"""`assurai build`: a release from deliveries."""

from pathlib import Path
from typing import Any

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import fail, print_report, progress, say
from assurai_datasets.errors import UsageError
from assurai_datasets.schema.release import Release
from assurai_datasets.workflow import build_release


@click.command()
@options.deliveries
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="RELEASE", help="New folder.")
@click.option("--version", required=True, metavar="X.Y.Z", help="Version of the data (SemVer).")
@click.option("--name", default="assurai", show_default=True, help="Name of the dataset.")
@options.policy
@options.mapping
@options.polarity
@options.normalize
@click.option(
    "--date", metavar="YYYY-MM-DD", help="Date of the release; else SOURCE_DATE_EPOCH, else the newest in the data."
)
@click.option(
    "--annotator-key", type=click.Path(path_type=Path), metavar="FILE", help="Key that pseudonymises annotators."
)
@click.option(
    "--clean/--no-clean", default=True, help="Remove private metadata from media (on by default), or leave it in."
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    metavar="RELEASE",
    help="The release before: for the changelog, and to refuse a version too small for what changed.",
)
@options.workers
@click.option("--overwrite", is_flag=True, help="Replace an existing release.")
def build(deliveries: tuple[Path, ...], annotator_key: Path | None, **settings: Any) -> None:
    """Build a release from deliveries.

    Nothing is written where they have errors.
    """
    with progress("checking media") as advance:
        built = build_release(*deliveries, **settings, annotator_key=_key(annotator_key), advance=advance)
    print_report(built.report)
    if built.release is None:
        say("no release was written")
        fail()
    _print_release(built.release, settings["output"])


def _key(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the annotator key {str(path)!r}: {error.strerror}") from error


def _print_release(release: Release, output: Path) -> None:
    say("")
    say(f"{release.name} {release.version} in {output}")
    for name, config in release.configs.items():
        say(f"  {name:<12}{sum(split.rows for split in config.splits.values()):>9,} rows")
    if release.left_out:
        say(f"  left out    {len(release.left_out):>9,} instances; release.json says why")
