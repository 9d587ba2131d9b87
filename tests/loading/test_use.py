"""`assurai use`: the choice is found, brought here, recorded, and then meant by the bare name."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from datasets import load_dataset

from assurai_datasets.cli import main
from assurai_datasets.loading.address import configuration_path
from tests.hub.fixture import TestHub
from tests.loading.test_revisions import REPO, files_of

USE = "import sys\nfrom assurai_datasets.cli import main\nmain(['use', *sys.argv[1:]])"


def use(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["use", *arguments])


def recorded() -> str:
    return str(json.loads(configuration_path().read_text(encoding="utf-8"))["release"])


def test_a_folder_is_chosen_once_and_for_all(texts: Path):
    done = use(str(texts))
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == f"assurai 1.0.0 in {texts}"
    assert recorded() == str(texts)
    assert len(load_dataset("assurai", "text", split="test")) == 3


def test_a_relative_folder_is_recorded_by_its_whole_path(texts: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(texts.parent)
    assert use(texts.name).exit_code == 0
    assert recorded() == str(texts)


def test_without_an_argument_the_choice_is_shown(texts: Path):
    nothing = use()
    assert nothing.exit_code == 2
    assert "assurai demo" in nothing.stderr
    use(str(texts))
    assert use().stdout == f"{texts}\n"


def test_what_wins_here_is_told(texts: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSURAI_RELEASE", "org/name@1.0.0")
    done = use(str(texts))
    assert done.exit_code == 0
    assert "here org/name@1.0.0 wins over it" in done.stderr


@pytest.mark.parametrize("place", ["no/such/place", "nothing", ".", "org/name@main"])
def test_what_is_no_release_is_wrong_usage_and_records_nothing(place: str):
    done = use(place)
    assert done.exit_code == 2
    assert not configuration_path().exists()


def test_another_version_than_the_folders_is_refused(texts: Path):
    done = use(f"{texts}@2.0.0")
    assert done.exit_code == 2
    assert "holds version 1.0.0, not '2.0.0'" in done.stderr
    assert not configuration_path().exists()


@pytest.mark.slow
def test_a_release_on_the_hub_is_brought_here_whole_and_loads_offline(
    hub: TestHub, texts: Path, newer_texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hub.put(REPO, files_of(texts), tag="v1.0.0")
    hub.put(REPO, files_of(newer_texts), tag="v1.1.0")
    newest = hub.run(USE, REPO)
    assert newest.stdout.splitlines()[0] == f"assurai 1.1.0 in {REPO}@1.1.0", newest.stderr
    assert recorded() == f"{REPO}@1.1.0"
    done = hub.run(USE, f"{REPO}@1.0.0")
    assert done.returncode == 0, done.stderr
    assert recorded() == f"{REPO}@1.0.0"
    load = "import assurai_datasets, datasets\nprint(len(datasets.load_dataset('assurai', 'index', split='test')))"
    offline = hub.run(load, offline=True)
    assert offline.stdout.splitlines()[-1] == "3", offline.stderr
    unknown = hub.run(USE, f"{REPO}@3.0.0")
    assert unknown.returncode == 2
    assert "has no version '3.0.0'; it has v1.0.0, v1.1.0" in unknown.stderr
