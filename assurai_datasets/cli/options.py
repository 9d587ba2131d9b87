"""Options that several verbs share."""

from pathlib import Path

import click

deliveries = click.argument(
    "deliveries", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DELIVERY..."
)
policy = click.option("--policy", metavar="NAME/FILE", help="Policy to meet: default, paper, or a YAML file.")
mapping = click.option(
    "--mapping", metavar="NAME/FILE", help="Mapping of foreign tables: a packaged one, or a YAML file."
)
polarity = click.option(
    "--score-polarity",
    type=click.Choice(["safety", "risk"]),
    help="What scores of the deliveries mean: safety (5 is safe) or risk (5 is the worst; they are turned).",
)
normalize = click.option(
    "--normalize", is_flag=True, help="Repair Unicode form (NFC) and white space of texts; each repair is listed."
)
workers = click.option(
    "--workers", type=click.IntRange(1, 64), help="Processes that check media; by default one for each processor."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
