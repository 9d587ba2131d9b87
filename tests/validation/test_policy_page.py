"""`docs/reference/policy.md` tells what policies are."""

import re
from pathlib import Path

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.policy import Policy
from assurai_datasets.validation import load_policy


def test_the_example_of_the_page_is_a_policy_that_sets_every_field(project_folder: Path, tmp_path: Path) -> None:
    page = (project_folder / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "policy.yaml").write_text(example, encoding="utf-8")
    policy = load_policy(tmp_path / "policy.yaml")
    assert policy.waivers[0].field == "risk_factor.4.image"
    assert set(re.findall(r"^([a-z_]+):", example, re.MULTILINE)) == set(Policy.model_fields)


def test_every_code_of_the_gate_stands_on_the_page(project_folder: Path) -> None:
    page = (project_folder / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    assert {code.value for code in Code if code.value.startswith("policy-")} <= set(re.findall(r"`([a-z-]+)`", page))
