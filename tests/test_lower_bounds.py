"""The oldest versions that pyproject.toml allows do the main job."""

import subprocess
import tomllib
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

JOB = """
import sys
from assurai_datasets import build_release, decode_audio, decode_video, load, summarize
from assurai_datasets.workflow.demo import build_sample, load_back
from assurai_datasets.workflow.agreement import AgreementSettings, agree_on
from assurai_datasets.workflow.sample import make_sample_delivery
from pathlib import Path

assert build_sample("assurai").release is not None
assert {config.name for config in load_back("assurai")} >= {"text", "image", "audio", "video", "annotations", "reviews"}
assert load("text", risk_factor="Fraud", release="assurai").num_rows == 4
delivery = make_sample_delivery(Path("sample"))
assert agree_on(delivery, settings=AgreementSettings(resamples=10))["safety_score"].agreement.n_annotations > 400
assert decode_audio(next((delivery / "Risk_03").rglob("*.wav")))[1] == 16_000
assert summarize("assurai").total == 150
"""


def lowest(requirement: str) -> str:
    return requirement.replace(">=", "==")


def test_the_main_job_runs_with_the_oldest_allowed_versions(project_folder: Path, tmp_path: Path) -> None:
    project = tomllib.loads((project_folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = [lowest(requirement) for requirement in project["dependencies"]]
    assert all("==" in pin for pin in pins)
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *pins, project_folder], check=True)
    subprocess.run([python, "-W", "ignore", "-c", JOB], check=True, cwd=tmp_path)
