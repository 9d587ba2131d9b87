"""`assurai demo`: the whole main job on the bundled sample, offline."""

from pathlib import Path
from typing import Any

import click

from assurai_datasets.cli.output import fail, print_report, say
from assurai_datasets.workflow.demo import LoadedConfig, build_sample, load_back

SHOWN_CHARS = 100
HIDDEN = ("digest",)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default="assurai", show_default=True, metavar="DIR")
def demo(output: Path) -> None:
    """Build the bundled sample delivery into ./assurai and show it."""
    built = build_sample(output)
    print_report(built.report)
    if built.release is None:
        fail()
    for line in ("", f"{built.release.name} {built.release.version} is in {output}", ""):
        say(line)
    for config in load_back(output):
        say(f"{config.name}: {config.rows:,} rows; the first one:")
        for name, value in config.first.items():
            if value not in (None, []) and name not in HIDDEN:
                say(f"    {name}: {_shown(config, name, value)}")
    say("")
    say("Now, in this folder:")
    say("    from datasets import load_dataset")
    say(f'    load_dataset("{output}", "text", split="test")')


def _shown(config: LoadedConfig, name: str, value: Any) -> str:
    if isinstance(value, dict) and "bytes" in value:
        kind = type(config.features[name]).__name__
        return f"{kind} {value['path']}, {len(value['bytes']):,} bytes"
    text = str(value).replace("\n", " ")
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 3]}..."
