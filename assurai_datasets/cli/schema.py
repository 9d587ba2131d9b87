"""`assurai schema`: the JSON Schemas of all models."""

from pathlib import Path

import click

from assurai_datasets.cli.output import fail
from assurai_datasets.workflow import stale_schemas, write_schemas


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a schema is stale.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default="schemas", show_default=True, metavar="DIR")
def schema(check: bool, output: Path) -> None:
    """Write the JSON Schemas of all models."""
    if not check:
        click.echo("\n".join(str(path) for path in write_schemas(output)))
        return
    stale = stale_schemas(output)
    for name in stale:
        click.echo(f"{output / name} is stale; run assurai schema")
    if stale:
        fail()
