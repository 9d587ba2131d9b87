"""`assurai verify`: proof that a release is what its manifest says."""

from pathlib import Path

import click

from assurai_datasets.cli import options
from assurai_datasets.cli.output import fail, print_json, say
from assurai_datasets.workflow.verify import verify as verify_release


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@options.as_json
def verify(release: Path, as_json: bool) -> None:
    """Prove that a release is what its manifest says.

    Names every file that is missing, changed or not listed, every row that is not what its digest says, and every
    review event that does not follow the one before it.
    """
    verification = verify_release(release)
    if as_json:
        print_json(verification.to_json())
    else:
        for problem in verification.problems:
            say(f"{problem.file}: {problem.what}")
        for note in verification.notes:
            say(f"note: {note}")
        say(f"{release}: {'sound' if verification.ok else f'{len(verification.problems)} problems'}")
    if not verification.ok:
        fail()
