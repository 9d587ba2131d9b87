"""The commands of `docs/howto/review.md` run, and print what the page says."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main


def commands(page: str) -> list[tuple[list[str], str]]:
    """Return each command of the console blocks with the output shown for it."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ assurai ", block, flags=re.MULTILINE) if part]
    return [(shlex.split(line), shown) for line, _, shown in (part.partition("\n") for part in parts)]


def test_every_command_of_the_page_runs_and_prints_what_it_shows(
    project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (project_folder / "docs" / "howto" / "review.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lay_out(Path("batch"))
    ran = commands(page)
    assert len(ran) == 7
    for arguments, shown in ran:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        pattern = ".*".join(map(re.escape, shown.split("...")))
        assert re.fullmatch(pattern, result.output, re.DOTALL) or not shown, result.output
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(script, "review.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[0] == "1 item-1 accept 1"
    assert sorted(path.name for path in Path("batch").iterdir()) == ["delivery.yaml", "instances.jsonl"]


def lay_out(folder: Path) -> None:
    folder.mkdir()
    settings = "format: assurai-delivery/1\nname: batch\nlanguage: ko\nlicense: cc-by-4.0\nstage: crowd\n"
    (folder / "delivery.yaml").write_text(settings, encoding="utf-8")
    rows = [
        {
            "id": f"item-{n}",
            "modality": "text",
            "risk_factor": 9,
            "prompt_type": "Q Only",
            "prompt": f"{n}번째 질문입니다.",
        }
        for n in range(1, 5)
    ]
    (folder / "instances.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
