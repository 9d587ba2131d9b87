"""The loading script, in the environments it is for."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from assurai_datasets.loading import load
from assurai_datasets.taxonomy import load_taxonomy
from tests.environments import CLIENTS, client_python

pytestmark = pytest.mark.slow
CALLER = Path(__file__).with_name("use_script.py")
OLD = [client for client in CLIENTS if int(client.datasets[0]) < 4]
CONDITIONS: list[dict[str, Any]] = [
    {"risk_factor": ["Hate Speech", 9, "r04", "괴롭힘"]},
    {"category": "대인 피해", "prompt_type": ["QO", "Rail"]},
    {"stage": "seed", "scope": "global", "min_agreement": 0.9},
]


def ask(client: Any, script: Path, calls: list[Any], folder: Path, **variables: str) -> list[dict[str, Any]]:
    environment = {**os.environ, "HF_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1", **variables}
    command = [client_python(client), str(CALLER), str(script), json.dumps(calls)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return answers


@pytest.fixture
def script(project_folder: Path) -> Path:
    return project_folder / "loading_scripts" / "assurai.py"


@pytest.mark.parametrize("client", OLD, ids=lambda client: client.datasets)
def test_conditions_are_arguments(client: Any, script: Path, release: Path, tmp_path: Path):
    calls = [("index", {"release": str(release), **conditions}) for conditions in CONDITIONS]
    for found, conditions in zip(ask(client, script, calls, tmp_path), CONDITIONS, strict=True):
        expected = load("index", release=release, **conditions)
        assert len(expected) > 0
        assert found["ids"] == expected["id"][:]
        assert (found["version"], found["description"]) == ("1.0.0", expected.info.description)


@pytest.mark.parametrize("client", OLD, ids=lambda client: client.datasets)
def test_every_config_is_typed(client: Any, script: Path, release: Path, tmp_path: Path):
    configs = ["text", "image", "audio", "video", "annotations", "taxonomy"]
    answers = ask(client, script, [(config, {}) for config in configs], tmp_path, ASSURAI_RELEASE=str(release))
    for config, found in zip(configs, answers, strict=True):
        if config == "video" and client.datasets.startswith("2."):
            assert "needs datasets 3.1 or newer" in found["error"]
            continue
        assert len(found["ids"]) == len(load(config, release=release))
        if config in ("image", "audio", "video"):
            assert found["kinds"][config] == config.capitalize()


@pytest.mark.parametrize("client", OLD, ids=lambda client: client.datasets)
def test_wrong_calls_say_what_to_do(client: Any, script: Path, release: Path, tmp_path: Path):
    here = {"release": str(release)}
    calls = [
        ("text", {}),
        ("text", {"release": str(tmp_path)}),
        ("text", {**here, "risk_factor": "Hate Speach"}),
        ("text", {**here, "risk_factor": "Hate Speech", "min_agreement": 1.1}),
        ("annotations", {**here, "risk_factor": 9}),
    ]
    errors = [found["error"] for found in ask(client, script, calls, tmp_path)]
    wanted = ["which release? give release=", "has no release.json", "unknown risk_factor", "no row of the config", ""]
    assert all(text in error for text, error in zip(wanted, errors, strict=True)), errors


@pytest.mark.parametrize("client", OLD, ids=lambda client: client.datasets)
def test_an_upgraded_release_gives_its_new_rows(
    client: Any, script: Path, texts: Path, newer_texts: Path, tmp_path: Path
):
    folder = tmp_path / "assurai-release"
    counts = []
    for version in (texts, newer_texts):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(version, folder)
        counts.append(len(ask(client, script, [("text", {"release": str(folder)})], tmp_path)[0]["ids"]))
    assert counts == [3, 4]


def test_the_script_knows_every_prompt_type(script: Path):
    codes = {each.name: each.code for each in load_taxonomy().prompt_types}
    text = script.read_text(encoding="utf-8")
    assert all(f'"{name}": "{code}"' in text for name, code in codes.items())
