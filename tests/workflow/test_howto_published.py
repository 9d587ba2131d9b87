"""The commands and the code of `docs/howto/published-assurai.md` run, and print what the page shows."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from tests.hub.fixture import TestHub
from tests.published_files import published_files


def test_the_page_does_what_it_says(
    hub: TestHub,
    project_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hub.put("TTA01/AssurAI", published_files(), tag="v1")
    monkeypatch.setattr("huggingface_hub.HfApi", hub.api)
    monkeypatch.chdir(tmp_path)
    page = (project_folder / "docs" / "howto" / "published-assurai.md").read_text(encoding="utf-8")
    console = "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL))
    parts = [part.partition("\n") for part in re.split(r"^\$ assurai ", console, flags=re.MULTILINE) if part]
    assert len(parts) == 4
    for line, _, shown in parts:
        done = CliRunner().invoke(main, shlex.split(line))
        assert done.exit_code == (1 if shown else 0), done.output
        assert done.stdout.startswith(shown.partition("...")[0])
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(code, "published-assurai.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[0] == "12 instances, 0 errors"
