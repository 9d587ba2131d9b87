"""The pages about loading and filtering do what they say."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

BLOCK = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```output\n(?P<output>.*?)```)?", re.DOTALL)


@pytest.mark.parametrize("page", ["load", "filter"])
def test_the_examples_run_one_after_the_other_and_print_what_stands_there(
    page: str, release: Path, project_folder: Path
):
    Path("assurai").symlink_to(release)
    names: dict[str, Any] = {}
    blocks = list(BLOCK.finditer((project_folder / "docs" / "howto" / f"{page}.md").read_text(encoding="utf-8")))
    for block in blocks:
        printed = StringIO()
        with redirect_stdout(printed):
            exec(block["code"], names)
        if block["output"] is not None:
            assert printed.getvalue() == block["output"], block["code"]
    assert len(blocks) >= 6
