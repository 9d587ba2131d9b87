"""The examples of `docs/reference/agreement.md` run and print what the page says."""

import contextlib
import io
import re
from pathlib import Path


def test_the_examples_of_the_page_print_what_it_says(project_folder: Path):
    page = (project_folder / "docs" / "reference" / "agreement.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n\n```output\n(.*?)```", page, flags=re.DOTALL)
    assert len(examples) == page.count("```python") == 3
    for code, expected in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, {})
        assert printed.getvalue() == expected
