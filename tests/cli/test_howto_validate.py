"""The commands of `docs/howto/validate.md` run, and print what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main
from assurai_datasets.formats.yaml import read_yaml
from assurai_datasets.text import allow_list
from tests.deliveries_made import make_delivery, make_instance

TEXTS = ("친구와 화해하는 방법을 알려 주세요.", "무엇부터 말하면 좋을까요?", "친구랑 화해하는 방법 알려줘")


def test_every_command_of_the_page_runs_and_prints_what_it_shows(
    project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (project_folder / "docs" / "howto" / "validate.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    factors = (9, 36, 9)
    rows = [make_instance(id=f"item-{n + 1}", prompt=TEXTS[n], risk_factor=factors[n]) for n in range(3)]
    make_delivery(Path("crowd"), rows, name="crowd")
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    ran = [part for block in blocks for part in re.split(r"^\$ assurai ", block, flags=re.MULTILINE) if part]
    assert len(ran) == 4
    for line, _, shown in (part.partition("\n") for part in ran):
        result = CliRunner().invoke(main, shlex.split(line))
        assert result.exit_code == ("crowd" in line), result.output
        assert re.fullmatch(".*".join(map(re.escape, shown.split("..."))), result.output, re.DOTALL), result.output
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(script, "validate.md", "exec"), {})
    assert capsys.readouterr().out.startswith("instance-risk-factor-unknown crowd/instances.jsonl:2 item-2 risk_factor")
    (settings,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(allow_list(read_yaml(settings).value["allow_personal_data"])) == 2
