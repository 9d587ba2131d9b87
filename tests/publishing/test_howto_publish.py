"""The how-to of publishing does what it says."""

import re
from pathlib import Path

from tests.hub.fixture import TestHub
from tests.publishing.releases import make_release


def test_the_python_examples_run_one_after_the_other(hub: TestHub, project_folder: Path, tmp_path: Path):
    hub.token = hub.state.accounts.add("writer", "hf_writerwritetokenwriterwritetok0", orgs=("my-org",))
    release = make_release(tmp_path / "assurai")
    page = (project_folder / "docs" / "howto" / "publish.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)).replace('"assurai"', repr(str(release)))
    done = hub.run(code)
    assert done.stdout.splitlines() == ["new v1.0.0 4 files", "True False", "release.json"], done.stderr
    assert hub.state.repository("dataset", "my-org/assurai").gated == "auto"


def test_every_message_of_the_table_is_one_the_code_has(project_folder: Path):
    page = (project_folder / "docs" / "howto" / "publish.md").read_text(encoding="utf-8")
    table = page.split("## When it stops")[1].split("## ")[0]
    messages = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:]
    sources = (project_folder / "assurai_datasets" / "publishing").glob("*.py")
    code = re.sub(r'"\s+f?"', "", " ".join(path.read_text(encoding="utf-8") for path in sources))
    parts = {part for message in messages for part in message.split(" ... ")}
    assert {part for part in parts if part not in code} == {"storage limit reached"}, "the Hub's own words"
