"""The command line: `assurai VERB`, one file a verb, each loaded when it is called."""

import errno
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from assurai_datasets.errors import AssuraiError, UsageError
from assurai_datasets.version import __version__

VERBS = MappingProxyType(
    {
        "demo": "Build the bundled sample delivery into ./assurai and show it.",
        "init": "Make a delivery to fill in.",
        "validate": "Check deliveries and say everything that is wrong with them.",
        "annotate": "Hand a delivery to annotators, and take their judgements back.",
        "agreement": "Measure how far annotators agree, and how each of them works.",
        "build": "Build a release from deliveries.",
        "verify": "Prove that a release is what its manifest says.",
        "stats": "Count a release or a delivery: the paper's Tables 3, 4, 10 and Figure 2.",
        "diff": "Show what changed from the release OLD to the release NEW.",
        "review": "Review a delivery: what to look at next, decisions, progress, and proof that the ledger holds.",
        "publish": "Publish a release on the Hugging Face Hub: one commit, one tag.",
        "use": 'Choose the release that load_dataset("assurai") means.',
        "schema": "Write the JSON Schemas of all models.",
    }
)


class _Verbs(click.Group):
    """A group whose commands are imported when called; `--help` reads only the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(_readable(error)) from error
        except AssuraiError as error:
            raise click.ClickException(_readable(error)) from error
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise click.UsageError(f"the path {str(error.filename)[:80]!r}... has a name that is too long") from error


def _readable(error: Exception) -> str:
    """Return a message, which may quote names, without what steers a terminal."""
    from assurai_datasets.schema.controls import escape_controls

    return escape_controls(str(error), keep="\n\t")


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="assurai")
def main() -> None:
    """Make, check, publish and load safety evaluation datasets for generative AI.

    Exit status: 0 done, 1 the data or the release fails, 2 wrong usage.
    """
