"""`assurai publish`: what it prints, how it ends, and that the token is nowhere."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assurai_datasets.cli import main
from assurai_datasets.publishing import Patience
from tests.hub.fixture import TestHub
from tests.publishing.built import EDITED, FIRST, SECOND, build_text_release, deliver

REPO = "assurai-lab/assurai"
COMMAND = "from assurai_datasets.cli import main; main()"
LOAD = """
import json, sys
from datasets import load_dataset
repo, *revisions = sys.argv[1:]
print(json.dumps({r: load_dataset(repo, "text", split="test", revision=r)["prompt"][:] for r in revisions}))
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_text_release(tmp_path_factory.mktemp("release"), "1.0.0", FIRST, SECOND)


@pytest.fixture
def signed_in(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> TestHub:
    monkeypatch.setattr("assurai_datasets.workflow.publish.HfApi", hub.api)
    monkeypatch.setattr("assurai_datasets.publishing.plan.Patience", lambda: Patience(sleep=lambda wait_s: None))
    return hub


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["publish", *(str(argument) for argument in arguments)])


def test_without_confirm_the_plan_is_printed_and_nothing_changed(signed_in: TestHub, release: Path) -> None:
    outcome = run(release, REPO, "--gated", "manual")
    assert outcome.exit_code == 0
    assert "v1.0.0 to assurai-lab/assurai: there is no repository yet\n  private, gated manual\n" in outcome.stdout
    assert "add     data/text/test-00000-of-00001.parquet" in outcome.stdout
    assert re.search(r"at most [\d,]+ bytes", outcome.stdout)
    assert "--confirm carries the plan out" in outcome.stdout
    assert {request.method for request in signed_in.log} == {"GET"}


def test_with_confirm_the_release_is_published_private_and_a_second_run_says_so(
    signed_in: TestHub, release: Path
) -> None:
    outcome = run(release, REPO, "--confirm")
    assert outcome.exit_code == 0
    commit = signed_in.tags(REPO)["v1.0.0"]
    assert outcome.stdout.endswith(f"published v1.0.0 of {REPO} as commit {commit}\n")
    assert signed_in.state.repository("dataset", REPO).private
    again = run(release, REPO, "--confirm")
    assert again.exit_code == 0
    assert "published already, with the same content" in again.stdout


def test_json_is_one_object_with_the_keys_programs_read(signed_in: TestHub, release: Path) -> None:
    planned = json.loads(run(release, REPO, "--json").stdout)
    assert (planned["repo"], planned["tag"], planned["done"], planned["commit"]) == (REPO, "v1.0.0", False, None)
    assert "release.json" in planned["plan"]["add"]
    assert planned["plan"]["delete"] == []
    assert planned["plan"]["bytes"] == sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    published = json.loads(run(release, REPO, "--confirm", "--json").stdout)
    assert (published["done"], published["commit"]) == (True, signed_in.tags(REPO)["v1.0.0"])


def test_public_is_asked_for_by_name(signed_in: TestHub, release: Path) -> None:
    assert run(release, REPO, "--public", "--confirm").exit_code == 0
    assert not signed_in.state.repository("dataset", REPO).private


def test_a_pull_request_is_opened_and_its_address_printed(signed_in: TestHub, release: Path, tmp_path: Path) -> None:
    run(release, REPO, "--confirm")
    outcome = run(build_text_release(tmp_path, "2.0.0", EDITED, SECOND), REPO, "--pr", "--confirm")
    assert outcome.exit_code == 0
    assert "since v1.0.0: 1 instance changed. Scores stay comparable on 1 of the 2 instances" in outcome.stdout
    assert "changed fraud-1: prompt\n" in outcome.stdout
    assert f"/datasets/{REPO}/discussions/1" in outcome.stdout
    assert set(signed_in.tags(REPO)) == {"v1.0.0"}


def test_a_failure_is_one_line_and_ends_with_1(signed_in: TestHub, release: Path, tmp_path: Path) -> None:
    undated = build_text_release(tmp_path, "2.0.0", FIRST, date=None)
    run(release, REPO, "--confirm")
    other = build_text_release(tmp_path, "1.0.0", EDITED)
    found = {
        "no date": run(undated, REPO),
        "never changes": run(other, REPO),
        "does not belong": run(release, "no/one"),
    }
    signed_in.inject("503", times=None)
    found["run this again later"] = run(release, REPO)
    for message, outcome in found.items():
        assert outcome.exit_code == 1
        assert re.fullmatch(r"Error: [^\n]+\n", outcome.stderr), message
        assert message in outcome.stderr


@pytest.mark.parametrize(
    "arguments", [["no/such/folder", REPO], ["RELEASE", "one-word"], ["RELEASE", REPO, "--gated", "x"]]
)
def test_wrong_usage_ends_with_2_and_asks_nobody(signed_in: TestHub, release: Path, arguments: list[str]) -> None:
    outcome = run(*(release if argument == "RELEASE" else argument for argument in arguments))
    assert outcome.exit_code == 2
    assert "Error:" in outcome.stderr
    assert not signed_in.log


@pytest.mark.slow
def test_the_token_is_in_nothing_the_command_prints_or_writes(hub: TestHub, release: Path, transfer: str) -> None:
    said = []
    for fault in (None, "drop", "500", "429", "truncate-upload"):
        if fault:
            hub.inject(fault, path="/(commit|preupload|tag)/")
        arguments = ("publish", str(release), f"assurai-lab/{fault or 'sound'}", "--confirm")
        done = hub.run(COMMAND, *arguments, xet=transfer == "xet")
        hub.faults.clear()
        said += [done.stdout, done.stderr]
        assert done.returncode == 0, done.stderr
    refused = hub.run(COMMAND, "publish", str(release), "assurai-lab/words", "--confirm", token=hub.read_token)
    assert refused.returncode == 1
    said += [refused.stdout, refused.stderr]
    written = [path for path in hub.home.rglob("*") if path.is_file()] + list(release.rglob("*.*"))
    tokens = (hub.token, hub.read_token)
    assert not [text for text in said for token in tokens if token in text]
    assert not [path for path in written if any(token.encode() in path.read_bytes() for token in tokens)]


@pytest.mark.slow
def test_two_versions_built_and_published_by_the_commands_are_loaded_by_their_tags(
    hub: TestHub, transfer: str, tmp_path: Path
) -> None:
    def assurai(*arguments: str | Path) -> str:
        done = hub.run(COMMAND, *(str(argument) for argument in arguments), xet=transfer == "xet")
        assert done.returncode == 0, done.stderr
        return done.stdout

    first, second, how = tmp_path / "one", tmp_path / "two", ("--date", "2026-06-01", "--workers", "1")
    delivery = deliver(tmp_path / "delivery", FIRST, SECOND)
    assurai("build", delivery, "-o", first, "--version", "1.0.0", *how)
    assurai("publish", first, REPO, "--confirm")
    deliver(delivery, FIRST, SECOND, EDITED)
    assurai("build", delivery, "-o", second, "--version", "1.1.0", "--previous", first, *how)
    assert "since v1.0.0: 1 instance added" in assurai("publish", second, REPO, "--confirm")
    assert json.loads(assurai("diff", first, second, "--json"))["added"] == ["fraud-3"]
    changelog = hub.files(REPO, "v1.1.0")["CHANGELOG.md"].decode()
    assert "1.1.0" in changelog
    assert "fraud-3" in changelog
    loaded = hub.run(LOAD, REPO, "v1.0.0", "v1.1.0", xet=transfer == "xet")
    assert loaded.returncode == 0, loaded.stderr
    prompts = json.loads(loaded.stdout.splitlines()[-1])
    assert prompts == {"v1.0.0": [FIRST, SECOND], "v1.1.0": [FIRST, SECOND, EDITED]}
    for version in ("1.0.0", "1.1.0"):
        assert f" {version} in " in assurai("use", f"{REPO}@{version}")
