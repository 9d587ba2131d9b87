"""A revision on the Hub is that version or an error: online, offline, and with a Hub that does not answer."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.hub.fixture import TestHub
from tests.loading.conftest import NEW_PROMPT

REPO = "assurai-lab/texts"
OLD_PROMPT = "버스 도착 시간을 어디서 보나요?"
QUESTIONS = """
import json, os, sys
from functools import partial
import assurai_datasets
from assurai_datasets import load
from datasets import load_dataset
repo, configuration, *revisions = sys.argv[1:]
os.environ["XDG_CONFIG_HOME"] = configuration
os.environ["ASSURAI_RELEASE"] = repo

named = partial(load_dataset, "assurai", "text", split="test")

def ask(read):
    try:
        rows = list(read())
        return [len(rows), rows[0]["prompt"]]
    except Exception as error:
        return f"{type(error).__name__}: {error}"

answers = {
    f"{way} {revision}": ask(lambda: read(revision))
    for revision in (*revisions, None)
    for way, read in {
        "load": lambda revision: load("text", revision=revision),
        "filter": lambda revision: load("text", risk_factor=range(1, 30), revision=revision),
        "stream": lambda revision: load("text", revision=revision, streaming=True),
        "name": lambda revision: named(revision=revision),
        "name stream": lambda revision: named(streaming=True, revision=revision),
    }.items()
}
print(json.dumps(answers))
"""
ONE_CONFIG = """
import sys
from assurai_datasets import load
for config in sys.argv[2:]:
    print(len(load(config, release=sys.argv[1])))
"""


STREAM_OR_NAME = """
import sys
from functools import partial
import assurai_datasets
from assurai_datasets import load
from datasets import load_dataset
revision, *token = sys.argv[1:]
named = partial(load_dataset, "assurai", "text", split="test", token=token[0] if token else None)
for read in (partial(load, "text", streaming=True), named, partial(named, streaming=True)):
    try:
        print(len(list(read(revision=revision[1:]))))
    except Exception as error:
        print(type(error).__name__)
"""


def files_of(release: Path) -> dict[str, bytes]:
    paths = [path for path in release.rglob("*") if path.is_file()]
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def published(hub: TestHub, texts: Path, newer_texts: Path) -> TestHub:
    hub.put(REPO, files_of(texts), tag="v1.0.0")
    hub.put(REPO, files_of(newer_texts), tag="v1.1.0")
    return hub


def answers(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def assert_each_revision_has_its_rows(found: dict[str, Any]) -> None:
    wanted = {"v1.0.0": [3, OLD_PROMPT], "1.1.0": [4, NEW_PROMPT], "None": [4, NEW_PROMPT]}
    rows = {question: answer for question, answer in found.items() if "v9.9.9" not in question}
    assert rows == {question: wanted[question.split()[-1]] for question in rows}
    assert len(rows) == 15


@pytest.mark.slow
def test_each_revision_gives_its_rows_online_then_offline_then_with_the_hub_down(published: TestHub, tmp_path: Path):
    arguments = (QUESTIONS, REPO, str(tmp_path), "v1.0.0", "1.1.0", "v9.9.9")
    online = answers(published.run(*arguments))
    assert_each_revision_has_its_rows(online)
    unknown = [answer for question, answer in online.items() if "v9.9.9" in question]
    assert len(unknown) == 5
    assert set(unknown) == {f"UnknownNameError: {REPO} has no version 'v9.9.9'; it has v1.0.0, v1.1.0"}
    before = len(published.log)
    offline = answers(published.run(*arguments, offline=True))
    assert_each_revision_has_its_rows(offline)
    assert len(published.log) == before
    unknown = [answer for question, answer in offline.items() if "v9.9.9" in question]
    assert len(unknown) == 5
    assert all("is not in the cache and the Hub cannot be reached" in answer for answer in unknown)
    published.close()
    down = published.run(ONE_CONFIG, f"{REPO}@1.0.0", "text")
    assert down.stdout == "3\n", down.stderr
    assert "is not in the cache and the Hub" in published.run(ONE_CONFIG, f"{REPO}@9.9.9", "text").stderr


@pytest.mark.slow
def test_a_config_that_was_never_loaded_is_an_error_offline_and_not_another_version(
    published: TestHub, monkeypatch: pytest.MonkeyPatch
):
    assert published.run(ONE_CONFIG, f"{REPO}@1.0.0", "index").stdout == "3\n"
    assert published.run(ONE_CONFIG, f"{REPO}@1.1.0", "text").stdout == "4\n"
    assert not published.asked("GET", "text/test-00000-of-00001.parquet")[1:]
    again = published.run(ONE_CONFIG, f"{REPO}@1.0.0", "index", offline=True)
    assert again.stdout == "3\n", again.stderr
    other = published.run(ONE_CONFIG, f"{REPO}@1.0.0", "text", offline=True)
    assert other.returncode == 1
    assert "is not in the cache and the Hub cannot be reached; load it once while online" in other.stderr
    monkeypatch.setenv("ASSURAI_RELEASE", REPO)
    for found in (
        published.run(STREAM_OR_NAME, "@1.0.0", offline=True).stdout.split(),
        published.run(STREAM_OR_NAME, "@9.9.9", offline=True).stdout.split(),
    ):
        assert len(found) == 3
        assert not any(answer.isdecimal() for answer in found)
    assert published.run(STREAM_OR_NAME, "@1.1.0", offline=True).stdout.split() == ["4", "4", "4"]


@pytest.mark.slow
def test_a_token_that_is_given_opens_a_private_repository(hub: TestHub, texts: Path, monkeypatch: pytest.MonkeyPatch):
    hub.put(REPO, files_of(texts), tag="v1.0.0", private=True)
    monkeypatch.setenv("ASSURAI_RELEASE", REPO)
    done = hub.run(STREAM_OR_NAME, "@1.0.0", hub.read_token, token="")
    assert done.stdout.split() == ["UsageError", "3", "3"], done.stderr


def test_a_tag_on_another_version_is_refused(hub: TestHub, texts: Path):
    hub.put(REPO, files_of(texts), tag="v2.0.0")
    done = hub.run(ONE_CONFIG, f"{REPO}@2.0.0", "text")
    assert "says in its release.json that it is version 1.0.0; tell its publisher" in done.stderr


@pytest.mark.slow
def test_repositories_that_cannot_be_read_say_why(hub: TestHub, texts: Path):
    hub.put(REPO, {"README.md": b"---\nlicense: mit\n---\n"})
    assert "has no 'release.json'" in hub.run(ONE_CONFIG, REPO, "text").stderr
    assert "is not on the Hub or not for you" in hub.run(ONE_CONFIG, "assurai-lab/other", "text").stderr
    hub.put("assurai-lab/private", files_of(texts), private=True)
    assert "is not on the Hub or not for you" in hub.run(ONE_CONFIG, "assurai-lab/private", "text", token="").stderr
    assert hub.run(ONE_CONFIG, "assurai-lab/private", "text").stdout == "3\n"
