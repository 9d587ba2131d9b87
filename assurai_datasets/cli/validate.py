"""`assurai validate`: everything that is wrong with deliveries."""

from pathlib import Path
from typing import Any

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import fail, print_json, print_report, progress
from assurai_datasets.workflow import validate as validate_deliveries


@click.command()
@options.deliveries
@options.policy
@options.mapping
@options.polarity
@click.option("--fast", is_flag=True, help="Read only the headers of media.")
@options.normalize
@click.option(
    "--refused",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the refused rows here, with place and codes, as JSON lines.",
)
@options.workers
@options.as_json
def validate(deliveries: tuple[Path, ...], as_json: bool, **settings: Any) -> None:
    """Check deliveries and say everything that is wrong with them."""
    with progress("checking media") as advance:
        report = validate_deliveries(*deliveries, **settings, advance=advance)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report)
    if report.errors:
        fail()
