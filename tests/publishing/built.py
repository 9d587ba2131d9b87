"""Releases as `assurai build` makes them, for the tests of the verb."""

from pathlib import Path

from assurai_datasets.workflow import build_release
from tests.deliveries_made import make_delivery, make_instance

FIRST, SECOND, EDITED = "신고는 어디에 하나요?", "상담은 어디에서 받나요?", "신고는 어느 기관에 하나요?"


def build_text_release(folder: Path, version: str, *prompts: str, date: str | None = "2026-06-01") -> Path:
    """Return a release of text instances with these prompts: `fraud-1`, `fraud-2`, and so on."""
    delivery = deliver(folder / f"delivery-{version}", *prompts)
    built = build_release(delivery, output=folder / version, version=version, date=date, workers=1)
    assert built.release is not None, built.report.errors
    return folder / version


def deliver(folder: Path, *prompts: str) -> Path:
    """Return a delivery of text instances with these prompts."""
    rows = [make_instance(id=f"fraud-{number}", prompt=prompt) for number, prompt in enumerate(prompts, 1)]
    return make_delivery(folder, rows)
