"""The command line: what it prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assurai_datasets.cli import main
from assurai_datasets.cli.output import print_json
from tests.deliveries_made import make_delivery, make_instance, make_mixed_delivery


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_init_makes_a_delivery_that_validates_and_builds(tmp_path: Path) -> None:
    assert run("init", tmp_path / "mine").exit_code == 0
    assert "0 errors, 0 warnings" in run("validate", tmp_path / "mine").output
    assert run("build", tmp_path / "mine", "-o", tmp_path / "assurai", "--version", "0.1.0").exit_code == 0


def test_init_leaves_a_folder_alone_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    outcome = run("init", tmp_path)
    assert outcome.exit_code == 2
    assert "not empty" in outcome.output


def test_validate_ends_with_1_on_an_error_and_says_where_and_what_to_do(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", [make_instance(risk_factor="Frauds")])
    outcome = run("validate", delivery)
    assert outcome.exit_code == 1
    assert "instances.jsonl:1 fraud-1 risk_factor" in outcome.output
    assert "1 error" in outcome.output


def test_validate_json_has_the_keys_programs_read(tmp_path: Path) -> None:
    outcome = run("validate", make_delivery(tmp_path / "delivery", [make_instance(prompt=None)]), "--json")
    report = json.loads(outcome.stdout)
    assert (report["instances"], report["errors"], report["warnings"]) == (1, 1, 0)
    assert report["counts"] == {"instance-field-missing": 1}
    (issue,) = report["issues"]
    assert issue["where"] == {"file": "instances.jsonl", "line": 1, "instance_id": "fraud-1", "field": "prompt"}
    assert {"code", "severity", "message", "hint"} <= issue.keys()


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "no/such/folder"],
        ["build", "no/such/folder", "-o", "out", "--version", "1.0.0"],
        ["verify", "no/such/folder"],
        ["stats", "no/such/folder"],
        ["stats", "."],
        ["validate"],
        ["validate", ".", "--policy", "no-such-policy"],
        ["no-such-verb"],
    ],
)
def test_a_path_that_cannot_be_read_and_a_wrong_word_are_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert "Error:" in outcome.output
    assert "Traceback" not in outcome.output


def test_a_folder_without_settings_is_data_that_fails(tmp_path: Path) -> None:
    outcome = run("validate", tmp_path)
    assert outcome.exit_code == 1
    assert "delivery-settings-missing" in outcome.output


def test_build_says_what_it_wrote(tmp_path: Path) -> None:
    delivery = make_mixed_delivery(tmp_path / "delivery")
    outcome = run("build", delivery, "-o", tmp_path / "assurai", "--version", "1.0.0")
    assert outcome.exit_code == 0
    assert "text                3 rows" in outcome.output
    assert run("verify", tmp_path / "assurai").exit_code == 0


@pytest.mark.parametrize("version", ["1", "one", "v1.0.0"])
def test_a_wrong_version_is_wrong_usage(tmp_path: Path, version: str) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    outcome = run("build", delivery, "-o", tmp_path / "assurai", "--version", version)
    assert outcome.exit_code == 2
    assert "1.0.0" in outcome.output


def test_a_target_that_exists_is_wrong_usage_and_stays(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine", encoding="utf-8")
    outcome = run("build", delivery, "-o", tmp_path / "thesis", "--version", "1.0.0", "--overwrite")
    assert outcome.exit_code == 2
    assert (tmp_path / "thesis" / "chapter.txt").read_text(encoding="utf-8") == "mine"


def test_a_refused_build_ends_with_1_and_writes_nothing(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery", [make_instance(prompt=" ")])
    outcome = run("build", delivery, "-o", tmp_path / "assurai", "--version", "1.0.0")
    assert outcome.exit_code == 1
    assert not (tmp_path / "assurai").exists()


def test_verify_names_what_was_changed_and_ends_with_1(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    run("build", delivery, "-o", tmp_path / "assurai", "--version", "1.0.0")
    with (tmp_path / "assurai" / "LICENSE").open("ab") as file:
        file.write(b" ")
    outcome = run("verify", tmp_path / "assurai", "--json")
    assert outcome.exit_code == 1
    found = json.loads(outcome.stdout)
    assert not found["ok"]
    assert {problem["file"] for problem in found["problems"]} == {"LICENSE"}


def test_schemas_are_fresh_and_a_stale_one_is_named(tmp_path: Path) -> None:
    assert run("schema", "-o", tmp_path).exit_code == 0
    assert run("schema", "--check", "-o", tmp_path).exit_code == 0
    (tmp_path / "instance.schema.json").write_text("{}", encoding="utf-8")
    outcome = run("schema", "--check", "-o", tmp_path)
    assert outcome.exit_code == 1
    assert "instance.schema.json" in outcome.output


def test_the_schemas_of_the_project_are_fresh(project_folder: Path) -> None:
    assert run("schema", "--check", "-o", project_folder / "schemas").exit_code == 0


def test_demo_builds_loads_back_and_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        outcome = run("demo")
        assert outcome.exit_code == 0
        for config in ("text", "image", "video", "audio", "index", "annotations", "reviews", "taxonomy"):
            assert f"{config}: " in outcome.output


def test_demo_does_not_replace_a_release_of_somebody_else(tmp_path: Path) -> None:
    run("build", make_delivery(tmp_path / "delivery"), "-o", tmp_path / "assurai", "--version", "1.0.0")
    outcome = run("demo", "-o", tmp_path / "assurai")
    assert outcome.exit_code == 2
    assert "your own" in outcome.output


def test_the_installed_command_runs() -> None:
    command = [str(Path(sys.executable).parent / "assurai"), "--help"]
    outcome = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert "Exit status: 0 done, 1 the data or the release fails, 2 wrong usage." in outcome.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "{}"),
        ("verify", "{}"),
        ("stats", "{}"),
        ("diff", "{}", "{}"),
        ("agreement", "{}"),
        ("init", "{}"),
        ("use", "{}"),
        ("schema", "-o", "{}"),
        ("review", "status", "{}"),
    ],
)
def test_a_name_no_file_system_holds_is_wrong_usage(command: tuple[str, ...]) -> None:
    outcome = run(*(part.format("x" * 5000) for part in command))
    assert outcome.exit_code == 2
    assert "too long" in outcome.output


HOSTILE = "x\x1b[31m\x07\n\u202egnp\u2028.png"
CODED = "x<U+001B>[31m<U+0007><U+000A><U+202E>gnp<U+2028>.png"


def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    (delivery / HOSTILE).write_bytes(b"no picture")
    outcome = run("validate", delivery)
    assert f"  {CODED}: no instance mentions this file\n" in outcome.output
    assert all(char.isprintable() or char == "\n" for char in outcome.output)


def test_json_keeps_a_file_name_and_writes_it_in_escapes(tmp_path: Path) -> None:
    delivery = make_delivery(tmp_path / "delivery")
    (delivery / HOSTILE).write_bytes(b"no picture")
    outcome = run("validate", delivery, "--json")
    assert json.loads(outcome.stdout)["issues"][0]["where"]["file"] == HOSTILE
    assert "\\u202e" in outcome.stdout
    assert all(char.isprintable() or char == "\n" for char in outcome.stdout)


def test_an_error_that_quotes_a_path_cannot_steer_the_terminal(tmp_path: Path) -> None:
    outcome = run("verify", tmp_path / "no\x1b[2Jne")
    assert outcome.exit_code == 2
    assert "\x1b" not in outcome.output


@pytest.mark.parametrize("char", ["\x9b", "\u200b", "\U000e0041", "\ud800"])
def test_printed_json_reads_back_whatever_characters_it_holds(char: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": f"가{char}é"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"name": f"가{char}é"}
    assert char not in printed
    assert "é" in printed
