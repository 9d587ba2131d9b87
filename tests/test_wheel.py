"""Everything works from an installed wheel in an empty environment, and from a fresh clone."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def call(*command: str | Path, cwd: Path, code: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VIRTUAL_ENV"))}
    outcome = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert outcome.returncode == code, outcome.stdout + outcome.stderr
    return outcome.stdout + outcome.stderr


@pytest.fixture(scope="module")
def assurai(project_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command of a wheel installed with its core dependencies alone."""
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", folder, project_folder, cwd=folder)
    venv.create(folder / "venv", with_pip=True)
    (wheel,) = folder.glob("*.whl")
    call(folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", wheel, cwd=folder)
    return folder / "venv" / "bin" / "assurai"


def test_demo_help_and_wrong_words_from_the_wheel(assurai: Path, tmp_path: Path) -> None:
    assert "0 errors" in call(assurai, "demo", cwd=tmp_path)
    assert "0 errors" in call(assurai, "demo", cwd=tmp_path)
    assert "sound" in call(assurai, "verify", "assurai", cwd=tmp_path)
    assert "Commands:" in call(assurai, "--help", cwd=tmp_path)
    assert "does not exist" in call(assurai, "validate", "nowhere", cwd=tmp_path, code=2)
    call(assurai, "init", "batch", cwd=tmp_path)
    assert "1.0.0" in call(assurai, "build", "batch", "-o", "out", "--version", "one", cwd=tmp_path, code=2)
    assert "--overwrite" in call(assurai, "build", "batch", "-o", "assurai", "--version", "1.0.0", cwd=tmp_path, code=2)


def test_load_dataset_reads_the_demo_in_the_same_folder(assurai: Path, tmp_path: Path) -> None:
    call(assurai, "demo", cwd=tmp_path)
    code = "from datasets import load_dataset; d = load_dataset('assurai', 'text', split='test'); print(d)"
    assert "num_rows: 114" in call(assurai.parent / "python", "-c", code, cwd=tmp_path)


def test_torch_is_not_needed(assurai: Path, tmp_path: Path) -> None:
    call(assurai, "demo", cwd=tmp_path)
    code = (
        "import importlib.util, assurai_datasets as a\n"
        "assert importlib.util.find_spec('torch') is None and importlib.util.find_spec('torchcodec') is None\n"
        "for kind in ('text', 'image', 'audio', 'video'):\n"
        "    row = a.load(kind, release='assurai')[0]\n"
        "    print(kind, type(row.get(kind)).__name__)\n"
    )
    assert [
        line.split()[0]
        for line in call(assurai.parent / "python", "-c", code, cwd=tmp_path).splitlines()
        if line[:5] in ("text ", "image", "audio", "video")
    ] == ["text", "image", "audio", "video"]


def test_figures_without_their_extra_say_what_to_install(assurai: Path, tmp_path: Path) -> None:
    call(assurai, "demo", cwd=tmp_path)
    said = call(assurai, "stats", "assurai", "--figures", "out", cwd=tmp_path, code=1)
    assert "assurai-datasets[plots]" in said


def test_a_fresh_clone_runs_the_demo_with_one_command(project_folder: Path, tmp_path: Path) -> None:
    call("git", "clone", "-q", project_folder, tmp_path / "clone", cwd=tmp_path)
    assert "0 errors" in call("make", f"PYTHON={sys.executable}", "demo", cwd=tmp_path / "clone")
    assert (tmp_path / "clone" / "assurai" / "release.json").is_file()
