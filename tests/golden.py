"""Golden bad deliveries: one folder for each issue code, with the exact report that must come of it.

`tests/deliveries/<code>/delivery/` holds the files that can stand in git; `make.py`, if there is one, adds those
that cannot (media, archives, links) to a copy. `options.json` holds arguments of `validate`,
and `policy.yaml` the policy of the case.
`expected.json` is the report: `python -m tests.golden CODE...` writes it anew, to be read before it is kept.
"""

import json
import runpy
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assurai_datasets import validate

CASES = Path(__file__).parent / "deliveries"


def lay_out(case: Path, folder: Path) -> list[Path]:
    """Return the deliveries of a case, made under a folder."""
    given = sorted(path for path in case.iterdir() if path.is_dir() and path.name.startswith("delivery"))
    made = [Path(shutil.copytree(path, folder / path.name, symlinks=True)) for path in given] or [folder / "delivery"]
    for path in made:
        path.mkdir(exist_ok=True)
    if (case / "make.py").is_file():
        runpy.run_path(str(case / "make.py"))["make"](made[0])
    return made


def report_of(case: Path) -> dict[str, Any]:
    """Return the report of a case as JSON."""
    options = case / "options.json"
    arguments = json.loads(options.read_text(encoding="utf-8")) if options.is_file() else {}
    if (case / "policy.yaml").is_file():
        arguments["policy"] = case / "policy.yaml"
    with TemporaryDirectory() as folder:
        return validate(*lay_out(case, Path(folder)), workers=1, **arguments).to_json()


def write_expected(case: Path) -> None:
    """Write the report of a case beside it."""
    text = json.dumps(report_of(case), ensure_ascii=False, indent=2) + "\n"
    (case / "expected.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for code in sys.argv[1:] or sorted(path.name for path in CASES.iterdir()):
        write_expected(CASES / code)
