"""Releases built from the bundled sample, and a user with an empty cache and an empty configuration."""

import json
import shutil
from pathlib import Path

import datasets
import pytest

from assurai_datasets.workflow import build_release
from assurai_datasets.workflow.sample import make_sample_delivery

NEW_PROMPT = "새 판에서 고친 물음입니다."


@pytest.fixture(scope="session")
def sample_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample_delivery(tmp_path_factory.mktemp("delivery") / "sample")


@pytest.fixture(scope="session")
def release(sample_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1.0.0 of the bundled sample."""
    return build(sample_delivery, tmp_path_factory.mktemp("first") / "sample", "1.0.0")


@pytest.fixture(scope="session")
def text_delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three texts of our own: quick to build."""
    folder = tmp_path_factory.mktemp("delivery") / "texts"
    folder.mkdir()
    settings = {"format": "assurai-delivery/1", "name": "texts", "language": "ko", "license": "cc-by-4.0"}
    (folder / "delivery.yaml").write_text(json.dumps({**settings, "instances": "instances.jsonl"}), encoding="utf-8")
    write_texts(
        folder, ["버스 도착 시간을 어디서 보나요?", "도서관 회원증은 어떻게 만드나요?", "동네 축제 일정을 알려 주세요."]
    )
    return folder


@pytest.fixture(scope="session")
def texts(text_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1.0.0 of the three texts."""
    return build(text_delivery, tmp_path_factory.mktemp("first") / "texts", "1.0.0")


@pytest.fixture(scope="session")
def newer_texts(text_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 1.1.0 of the texts, in a folder of the same name: one prompt differs, one instance is new."""
    delivery = tmp_path_factory.mktemp("delivery") / "texts"
    shutil.copytree(text_delivery, delivery)
    write_texts(
        delivery,
        [NEW_PROMPT, "도서관 회원증은 어떻게 만드나요?", "동네 축제 일정을 알려 주세요.", "우체국은 몇 시에 여나요?"],
    )
    return build(delivery, tmp_path_factory.mktemp("second") / "texts", "1.1.0")


@pytest.fixture(autouse=True)
def _fresh_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.delenv("ASSURAI_RELEASE", raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    datasets.disable_progress_bars()


def write_texts(folder: Path, prompts: list[str]) -> None:
    rows = [
        {"id": f"text-{n}", "modality": "text", "risk_factor": 9 + n, "prompt_type": "Q Only", "prompt": prompt}
        for n, prompt in enumerate(prompts)
    ]
    (folder / "instances.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def build(delivery: Path, folder: Path, version: str, *, overwrite: bool = False) -> Path:
    built = build_release(delivery, output=folder, version=version, date="2026-01-02", workers=1, overwrite=overwrite)
    assert built.release is not None, built.report.errors
    return folder
