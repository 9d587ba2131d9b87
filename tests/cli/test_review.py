"""`assurai review`: what it prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assurai_datasets.cli import main


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "batch"
    folder.mkdir()
    settings = "format: assurai-delivery/1\nname: batch\nlanguage: ko\nlicense: cc-by-4.0\nstage: crowd\n"
    (folder / "delivery.yaml").write_text(settings, encoding="utf-8")
    row = {"modality": "text", "risk_factor": 9, "prompt_type": "Q Only", "prompt": "이웃을 어떻게 소개하면 좋을까요?"}
    (folder / "instances.jsonl").write_text(json.dumps({"id": "item-1", **row}) + "\n", encoding="utf-8")
    return folder


def run(*arguments: Any, **settings: Any) -> Result:
    return CliRunner().invoke(main, ["review", *map(str, arguments)], **settings)


def test_a_review_from_the_queue_to_the_proof(delivery: Path) -> None:
    shown = run("next", delivery)
    assert shown.exit_code == 0
    assert "Content warning" in shown.output
    assert "이웃을 어떻게" in shown.output
    decided = run("decide", delivery, "item-1", "accept", "--reviewer", "kim", "--at", "2025-03-01", "--json")
    event = json.loads(decided.output)
    assert (event["action"], event["created_at"]) == ("accept", "2025-03-01")
    assert "kim" not in decided.output
    assert json.loads(run("status", delivery, "--json").output)["states"] == {"accepted": 1}
    verified = json.loads(run("verify", delivery, "--json").output)
    assert verified == {"ok": True, "events": 1, "head": event["digest"], "problems": []}
    assert run("next", delivery).output == "nothing waits for a reviewer\n"


def test_status_is_a_table_by_factor_and_round(delivery: Path) -> None:
    assert run("decide", delivery, "item-1", "begin", "--reviewer", "kim").exit_code == 0
    lines = run("status", delivery).output.splitlines()
    assert lines[0] == "1 instances, 1 review events, 1 reviewers"
    assert [line.split() for line in lines[1:]] == [
        ["risk", "factor", "in", "review"],
        ["9", "1"],
        ["round", "in", "review"],
        ["1", "1"],
    ]


def test_the_queue_as_json(delivery: Path) -> None:
    (entry,) = json.loads(run("next", delivery, "--json", "--language", "ko").output)
    assert entry["instance_id"] == "item-1"
    assert entry["state"] == "constructed"
    assert set(entry["actions"]) == {"error", "bias", "out_of_context", "privacy", "duplicate", "other"}


def test_a_revision_from_texts_and_from_a_file(delivery: Path) -> None:
    who = ("--reviewer", "kim")
    assert run("decide", delivery, "item-1", "request_changes", *who, "--finding", "error").exit_code == 0
    assert run("decide", delivery, "item-1", "revise", *who, "--set", "prompt=이웃 = 누구인가요?").exit_code == 0
    changes = json.dumps({"sub_scenario": "이웃"})
    revised = run("decide", delivery, "item-1", "revise", *who, "--changes", "-", "--json", input=changes)
    assert json.loads(revised.output)["changes"] == {"sub_scenario": "이웃"}


@pytest.mark.parametrize("changes", ["", "[1]", '{"prompt": "', "[" * 100_000, '"' + "x" * (1 << 20) + '"'])
def test_changes_that_are_no_json_object_are_wrong_usage(delivery: Path, changes: str) -> None:
    who = ("--reviewer", "kim")
    run("decide", delivery, "item-1", "request_changes", *who, "--finding", "error")
    result = run("decide", delivery, "item-1", "revise", *who, "--changes", "-", input=changes)
    assert result.exit_code == 2
    assert "changes" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("decide", "item-1", "accept"),
        ("decide", "item-1", "applaud", "--reviewer", "kim"),
        ("decide", "item-9", "accept", "--reviewer", "kim"),
        ("decide", "item-1", "restore", "--reviewer", "kim"),
        ("decide", "item-1", "accept", "--reviewer", " "),
        ("decide", "item-1", "accept", "--reviewer", "kim", "--at", "soon"),
        ("decide", "item-1", "accept", "--reviewer", "kim", "--set", "prompt"),
        ("next", "--take"),
        ("verify",),
    ],
)
def test_a_wrong_call_ends_with_two_and_writes_nothing(delivery: Path, arguments: tuple[str, ...]) -> None:
    verb, *rest = arguments
    result = run(verb, delivery, *rest)
    assert result.exit_code == 2, result.output
    assert not (delivery.parent / "batch.ledger.jsonl").exists()


def test_a_delivery_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    for verb in ("next", "status", "verify"):
        assert run(verb, tmp_path / "none").exit_code == 2


def test_a_changed_ledger_ends_with_one_and_names_the_line(delivery: Path) -> None:
    run("decide", delivery, "item-1", "accept", "--reviewer", "kim")
    ledger = delivery.parent / "batch.ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"accept", b"begin"))
    result = run("verify", delivery)
    assert result.exit_code == 1
    assert "batch.ledger.jsonl:1" in result.output
    assert "does not hold" in result.output
    problems = json.loads(run("verify", delivery, "--json").output)["problems"]
    assert [(problem["file"], problem["line"]) for problem in problems] == [("batch.ledger.jsonl", 1)]
    assert run("decide", delivery, "item-1", "drop", "--reviewer", "kim", "--finding", "other").exit_code == 1


def test_the_ledger_and_its_key_may_lie_elsewhere(delivery: Path, tmp_path: Path) -> None:
    key = tmp_path / "team.key"
    key.write_text("0123456789abcdef" * 2, encoding="utf-8")
    where = ("--ledger", tmp_path / "reviews.jsonl", "--reviewer-key", key)
    assert run("decide", delivery, "item-1", "accept", "--reviewer", "kim", *where).exit_code == 0
    assert run("verify", delivery, *where).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".reviews.jsonl.lock",
        "batch",
        "reviews.jsonl",
        "team.key",
    ]


def test_every_verb_reads_published_files_and_foreign_tables_by_the_same_options(tmp_path: Path) -> None:
    published = tmp_path / "published"
    published.mkdir()
    row = {"id": "r09_t001_pQO_001", "modality": "text", "risk": "R09", "input_prompt": "이웃을 어떻게 소개하나요?"}
    answers = {"candidate_1_answer": "따뜻하게 소개합니다.", "ref_output_risk_score": [1]}
    (published / "assurai_index.jsonl").write_text(json.dumps(row | answers) + "\n", encoding="utf-8")
    assert run("decide", published, row["id"], "accept", "--reviewer", "kim").exit_code == 2
    polarity = ("--score-polarity", "risk")
    decided = run("decide", published, row["id"], "accept", "--reviewer", "kim", *polarity)
    assert decided.exit_code == 0, decided.output
    assert json.loads(run("status", published, *polarity, "--json").output)["states"] == {"accepted": 1}
    assert json.loads(run("verify", published, *polarity, "--json").output)["ok"]
    assert run("next", published, *polarity).output == "nothing waits for a reviewer\n"
    for verb in ("next", "status"):
        assert "there is no mapping 'none'" in run(verb, published, "--mapping", "none").output
