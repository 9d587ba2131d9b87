"""`assurai annotate`, and the commands of `docs/howto/annotate.md`."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from assurai_datasets.cli import main
from tests.deliveries_made import make_delivery, make_instance

SECRET = "sentinel-annotator"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def lay_out(folder: Path) -> Path:
    response = {"text": "경찰청 112에 신고하세요."}
    rows = [make_instance(), make_instance(id="fraud-2", responses=[response, response])]
    return make_delivery(folder, rows)


def fill(path: Path, score: int) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["annotate"]
    column = next(cell.column for cell in sheet[1] if cell.value == "safety_score")
    for row in range(5, sheet.max_row + 1):
        sheet.cell(row, column, score)
    workbook.save(path)


def write_export(path: Path, who: Any = 7) -> Path:
    result = [{"from_name": "safety_score", "type": "choices", "value": {"choices": ["5"]}}]
    task = {"data": {"instance_id": "fraud-1"}, "annotations": [{"completed_by": who, "result": result}]}
    path.write_text(json.dumps([task]), encoding="utf-8")
    return path


def commands(page: str) -> list[tuple[list[str], str]]:
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ assurai ", block, flags=re.MULTILINE) if part]
    return [(shlex.split(line), shown) for line, _, shown in (part.partition("\n") for part in parts)]


def test_every_command_of_the_page_runs_and_prints_what_it_shows(
    project_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (project_folder / "docs" / "howto" / "annotate.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    lay_out(Path("batch"))
    write_export(Path("export.json"))
    ran = commands(page)
    assert len(ran) == 4
    for arguments, shown in ran:
        if "import" in arguments:
            for number in (1, 2):
                fill(Path(f"forms/annotator-{number}.xlsx"), number + 2)
        outcome = run(*arguments)
        assert outcome.exit_code == 0, outcome.output
        assert outcome.output == shown
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(script, "annotate.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["3 ('annotator-1.xlsx',)", "1 {}"]


def test_faults_end_with_1_name_their_place_and_write_nothing(tmp_path: Path) -> None:
    run("annotate", "export", lay_out(tmp_path / "batch"), "-o", tmp_path / "forms", "--to", "xlsx")
    form = tmp_path / "forms" / "annotator-1.xlsx"
    fill(form, 6)
    outcome = run("annotate", "import", form, "-o", tmp_path / "annotations.jsonl")
    assert outcome.exit_code == 1
    assert "annotator-1.xlsx#annotate:5" in outcome.output
    assert "nothing was written" in outcome.output
    assert not (tmp_path / "annotations.jsonl").exists()


def test_no_annotator_is_named_whatever_happens(tmp_path: Path) -> None:
    export = write_export(tmp_path / "export.json", SECRET)
    again = write_export(tmp_path / "again.json", SECRET)
    fine = run("annotate", "import", export, "-o", tmp_path / "annotations.jsonl")
    twice = run("annotate", "import", export, again, "-o", tmp_path / "both.jsonl")
    odd = run("annotate", "import", write_export(again, [SECRET]), "-o", tmp_path / "odd.jsonl")
    assert [outcome.exit_code for outcome in (fine, twice, odd)] == [0, 1, 1]
    assert not any(SECRET in outcome.output for outcome in (fine, twice, odd))
    assert SECRET in (tmp_path / "annotations.jsonl").read_text(encoding="utf-8")


def test_a_delivery_with_errors_ends_with_1_and_a_wrong_word_with_2(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "batch", [make_instance(prompt=" ")])
    failed = run("annotate", "export", delivery, "-o", tmp_path / "out", "--to", "xlsx")
    assert failed.exit_code == 1
    assert "instance-prompt-blank" in failed.output
    for arguments in (
        ["export", delivery, "-o", tmp_path / "out", "--to", "paper"],
        ["export", delivery, "-o", tmp_path / "out", "--to", "xlsx", "--annotators", "0"],
        ["export", tmp_path / "none", "-o", tmp_path / "out", "--to", "xlsx"],
        ["import", tmp_path / "none.json", "-o", tmp_path / "out.jsonl"],
        ["import", delivery / "delivery.yaml", "-o", tmp_path / "out.jsonl"],
        ["guidelines", delivery / "delivery.yaml"],
    ):
        assert run("annotate", *arguments).exit_code == 2
