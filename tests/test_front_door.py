"""The front door: light, and every name behind it opens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import assurai_datasets
from assurai_datasets import cli

HEAVY = {
    *("PIL", "av", "datasets", "ftfy", "huggingface_hub", "inspect_ai", "matplotlib", "mlcroissant", "numpy"),
    *("openpyxl", "pandas", "polars", "pyarrow", "pydantic", "rensa", "scipy", "soundfile", "torch", "yaml"),
}


def run_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout


@pytest.mark.parametrize("name", assurai_datasets.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(assurai_datasets, name) is not None


def test_the_lists_of_public_names_agree() -> None:
    assert set(assurai_datasets.__all__) == set(assurai_datasets._HOMES) | {"__version__"}
    assert set(assurai_datasets.__all__) <= set(dir(assurai_datasets))


def test_type_checkers_see_the_same_names_as_python() -> None:
    source = Path(assurai_datasets.__file__).read_text(encoding="utf-8")
    seen = source.partition("if TYPE_CHECKING:")[2].partition("\n\n_HOMES")[0]
    imported = {name.strip(" (),") for line in seen.splitlines() for name in line.rpartition("import ")[2].split(",")}
    assert set(assurai_datasets._HOMES) <= imported


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        assurai_datasets.no_such_name  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, json, assurai_datasets; print(json.dumps(sorted(sys.modules)))"
    assert not set(json.loads(run_python(code))) & HEAVY


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-verb"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, json, contextlib, io\nfrom assurai_datasets.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        f"    try: main({arguments!r})\n    except SystemExit: code = 0\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert not set(json.loads(run_python(code))) & HEAVY


@pytest.mark.parametrize("verb", list(cli.VERBS))
def test_the_help_of_a_verb_begins_as_the_list_says(verb: str) -> None:
    command = cli.main.get_command(None, verb)  # type: ignore[arg-type]
    assert command is not None
    assert (command.help or "").split("\n")[0] == cli.VERBS[verb]
