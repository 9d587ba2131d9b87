"""Two versions, built, published, and loaded by their tags with nothing but `datasets`."""

import json
from pathlib import Path

import pytest

from assurai_datasets.publishing import Patience, download_release, plan_publication, publish
from assurai_datasets.release import verify_release
from assurai_datasets.workflow import build_release, init_delivery
from tests.hub.fixture import TestHub

REPO = "assurai-lab/assurai"
QUICK = Patience(tries=2, sleep=lambda wait_s: None)
EDIT = " 부탁해요."
LOAD = """
import json, sys
from datasets import load_dataset
repo, *revisions = sys.argv[1:]
print(json.dumps({r: load_dataset(repo, "text", split="test", revision=r)["prompt"][:] for r in revisions}))
"""


def edit_first_prompt(delivery: Path) -> str:
    """Change the first prompt of a delivery; return what it was."""
    path = delivery / "instances.jsonl"
    first, *others = path.read_text(encoding="utf-8").splitlines()
    prompt = json.loads(first)["prompt"]
    path.write_text("\n".join([json.dumps(json.loads(first) | {"prompt": prompt + EDIT}), *others]) + "\n")
    return str(prompt)


@pytest.mark.slow
def test_each_tag_of_the_hub_loads_its_own_rows(hub: TestHub, transfer: str, tmp_path: Path):
    delivery = tmp_path / "delivery"
    init_delivery(delivery)
    for version in ("1.0.0", "1.1.0"):
        built = build_release(delivery, output=tmp_path / version, version=version, date="2026-06-01")
        assert built.release is not None
        planned = plan_publication(tmp_path / version, REPO, api=hub.api(), patience=QUICK)
        assert publish(planned, api=hub.api(), patience=QUICK).done
        last = edit_first_prompt(delivery)
        copy = download_release(REPO, version, api=hub.api(), cache_dir=tmp_path / "cache", patience=QUICK)
        assert verify_release(copy).ok
    done = hub.run(LOAD, REPO, "v1.0.0", "v1.1.0", "main", xet=transfer == "xet")
    assert done.returncode == 0, done.stderr
    prompts = json.loads(done.stdout.splitlines()[-1])
    assert last.removesuffix(EDIT) in prompts["v1.0.0"]
    assert last in prompts["v1.1.0"]
    assert last not in prompts["v1.0.0"]
    assert prompts["main"] == prompts["v1.1.0"]
