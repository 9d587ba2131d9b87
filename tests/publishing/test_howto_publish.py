"""The how-to of publishing does what it says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from tests.hub.fixture import TestHub
from tests.publishing.built import EDITED, FIRST, SECOND, build_text_release


@pytest.fixture
def my_org(hub: TestHub) -> TestHub:
    hub.token = hub.state.accounts.add("writer", "hf_writerwritetokenwriterwritetok0", orgs=("my-org",))
    return hub


@pytest.fixture
def page(project_folder: Path) -> str:
    return (project_folder / "docs" / "howto" / "publish.md").read_text(encoding="utf-8")


def test_the_python_examples_run_one_after_the_other(my_org: TestHub, page: str, tmp_path: Path) -> None:
    release = build_text_release(tmp_path, "1.0.0", FIRST)
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)).replace('"assurai-1.0.0"', repr(str(release)))
    done = my_org.run(code)
    assert done.stdout.splitlines() == ["new v1.0.0 True", "True False", "release.json"], done.stderr
    assert my_org.state.repository("dataset", "my-org/assurai").gated == "auto"


def test_the_commands_run_and_print_what_the_page_shows(
    my_org: TestHub, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, prompts in (("1.0.0", (FIRST, SECOND)), ("1.1.0", (FIRST, SECOND, EDITED))):
        build_text_release(tmp_path, version, *prompts).rename(tmp_path / f"assurai-{version}")
    monkeypatch.setattr("assurai_datasets.workflow.publish.HfApi", my_org.api)
    monkeypatch.chdir(tmp_path)
    console = "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL))
    parts = [part.partition("\n") for part in re.split(r"^\$ assurai ", console, flags=re.MULTILINE) if part]
    assert len(parts) == 3
    for line, _, shown in parts:
        done = CliRunner().invoke(main, shlex.split(line))
        assert done.exit_code == 0, done.output
        pattern = ".*".join(map(re.escape, shown.split("...")))
        assert not shown or re.fullmatch(pattern, done.stdout, re.DOTALL), done.stdout


def test_every_message_of_the_table_is_one_the_code_has(project_folder: Path):
    page = (project_folder / "docs" / "howto" / "publish.md").read_text(encoding="utf-8")
    table = page.split("## When it stops")[1].split("## ")[0]
    messages = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:]
    sources = (project_folder / "assurai_datasets" / "publishing").glob("*.py")
    code = re.sub(r'"\s+f?"', "", " ".join(path.read_text(encoding="utf-8") for path in sources))
    parts = {part for message in messages for part in message.split(" ... ")}
    assert {part for part in parts if part not in code} == {"storage limit reached"}, "the Hub's own words"
