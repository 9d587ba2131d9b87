"""`assurai init`: a delivery to fill in."""

from pathlib import Path

import click

from assurai_datasets.cli.output import say
from assurai_datasets.workflow import init_delivery


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def init(folder: Path) -> None:
    """Make a delivery to fill in."""
    for path in init_delivery(folder):
        say(str(path))
    say(f"fill it in, then: assurai validate {folder}")
