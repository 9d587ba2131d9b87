"""The house: rooms import downwards only, and none stands outside the plan."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LINTER = [
    sys.executable,
    "-c",
    "from importlinter.cli import lint_imports_command; lint_imports_command()",
    "--no-cache",
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(LINTER, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")


def copy_of_the_house(project_folder: Path, folder: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project_folder / "assurai_datasets", folder / "assurai_datasets", ignore=ignore)
    shutil.copy(project_folder / "pyproject.toml", folder)
    return folder


def test_rooms_import_downwards_only(project_folder: Path) -> None:
    outcome = lint(project_folder)
    assert outcome.returncode == 0, outcome.stdout


def test_a_new_room_must_be_given_its_place(project_folder: Path, tmp_path: Path) -> None:
    house = copy_of_the_house(project_folder, tmp_path)
    (house / "assurai_datasets" / "attic").mkdir()
    (house / "assurai_datasets" / "attic" / "__init__.py").touch()
    outcome = lint(house)
    assert outcome.returncode != 0
    assert "attic" in outcome.stdout


def test_an_import_upwards_is_found(project_folder: Path, tmp_path: Path) -> None:
    house = copy_of_the_house(project_folder, tmp_path)
    taxonomy = house / "assurai_datasets" / "taxonomy" / "__init__.py"
    taxonomy.write_text(taxonomy.read_text(encoding="utf-8") + "\nimport assurai_datasets.cli\n", encoding="utf-8")
    outcome = lint(house)
    assert outcome.returncode != 0
    assert "BROKEN" in outcome.stdout


def test_no_module_of_the_package_is_empty_of_words(project_folder: Path) -> None:
    bare = [
        path.relative_to(project_folder).as_posix()
        for path in (project_folder / "assurai_datasets").rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert bare == []


def test_the_design_page_shows_every_room(project_folder: Path) -> None:
    page = (project_folder / "docs" / "design.md").read_text(encoding="utf-8")
    package = project_folder / "assurai_datasets"
    rooms = {p.stem for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()} - {"__init__"}
    shown = set(re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.MULTILINE))
    named = {name for cell in shown for name in re.findall(r"`(\w+)`", cell)}
    assert rooms == named
