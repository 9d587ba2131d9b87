"""`assurai use`: which release the bare name means."""

import click

from assurai_datasets.cli.output import say
from assurai_datasets.loading.address import NAME, chosen_address
from assurai_datasets.workflow.use import use_release


@click.command()
@click.argument("place", required=False, metavar="[PATH_OR_REPO[@VERSION]]")
def use(place: str | None) -> None:
    """Choose the release that load_dataset("assurai") means.

    Without an argument, say which one it is. A folder ./assurai and the variable ASSURAI_RELEASE win over the choice.
    """
    if place is None:
        say(str(chosen_address()))
        return
    used = use_release(place)
    say(f"{used.release.name} {used.release.version} in {used.address}")
    say(f'load_dataset("{NAME}", "{next(iter(used.release.configs))}") loads it from now on')
    if (meant := chosen_address()) != used.address:
        say(f"here {meant} wins over it, as a folder ./{NAME} or the variable ASSURAI_RELEASE", err=True)
