"""The commands and scripts of the pages about releases run, and print what the pages show."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from assurai_datasets.cli import main


def commands(page: str) -> list[tuple[list[str], str]]:
    """Return each command of the console blocks with the output shown for it."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ assurai ", block, flags=re.MULTILINE) if part]
    return [(shlex.split(line), shown) for line, _, shown in (part.partition("\n") for part in parts)]


def lay_out(folder: Path, rows: dict[str, str], retractions: str = "") -> None:
    folder.mkdir()
    settings = "format: assurai-delivery/1\nname: batch\nlanguage: ko\nlicense: cc-by-4.0\nstage: crowd\n"
    instances = [
        {"id": name, "modality": "text", "risk_factor": 9, "prompt_type": "Q Only", "prompt": prompt}
        for name, prompt in rows.items()
    ]
    (folder / "instances.jsonl").write_text("".join(json.dumps(row) + "\n" for row in instances), encoding="utf-8")
    if retractions:
        settings += "retractions: retractions.csv\n"
        (folder / "retractions.csv").write_text(retractions, encoding="utf-8")
    (folder / "delivery.yaml").write_text(settings, encoding="utf-8")


@pytest.mark.parametrize("name", ["howto/verify", "howto/diff", "howto/stats", "reference/release"])
def test_every_command_and_script_of_the_page_runs_and_prints_what_it_shows(
    name: str, sample_release: Path, project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (project_folder / "docs" / f"{name}.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sample_release, "assurai")
    shutil.copytree(sample_release, "damaged")
    card = Path("damaged/README.md")
    card.write_text(card.read_text(encoding="utf-8").replace("| text | 114 |", "| text | 115 |"), encoding="utf-8")
    lay_out(Path("batch"), {"item-1": "1번째 질문입니다.", "item-2": "2번째 질문입니다."})
    gone = "".join(re.findall(r"```\n(instance_id,.*?)```", page, re.DOTALL))
    rows = {"item-1": "1번째 질문입니다.", "item-2": "2번째 질문은 이것입니다.", "item-3": "새 질문입니다."}
    lay_out(Path("batch-2"), rows, gone)
    for arguments, shown in commands(page):
        result = CliRunner().invoke(main, arguments)
        pattern = re.sub(r"line\\ \d+", r"line\\ \\d+", ".*".join(map(re.escape, shown.split("..."))))
        assert re.fullmatch(pattern, result.output, re.DOTALL), result.output
    for script in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(script, name, "exec"), {})


def test_the_reference_names_every_file_and_column_of_a_release(sample_release: Path, project_folder: Path) -> None:
    page = (project_folder / "docs" / "reference" / "release.md").read_text(encoding="utf-8")
    for path in sample_release.iterdir():
        assert path.name in page
    for config in (sample_release / "data").iterdir():
        assert f"`{config.name}`" in page

    for config in ("image", "audio", "video"):
        (path,) = (sample_release / "data" / config).glob("*.parquet")
        for column in pq.read_schema(path).names:
            assert f"`{column}`" in page, column
