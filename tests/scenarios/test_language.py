"""The code speaks plainly: what CONTRIBUTING asks of docstrings and names is checked here."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in ("archive", "crawler", "schedules") for path in (ROOT / package).rglob("*.py"))
LONGEST = 100  # characters of a first line: what a reader takes in at one look, and an editor shows in a list
LARGEST = 400  # lines of a module
AT_THE_TOP = 4  # modules that lie directly in a package, beside its rooms


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_a_docstring_is_short(module):
    """The first line of each docstring has at most 100 characters."""
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    nodes = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, documented)]
    first_lines = [(ast.get_docstring(node) or "").partition("\n")[0] for node in nodes]

    assert [] == [line for line in first_lines if len(line) > LONGEST]


def test_modules_are_small():
    """No module has more than 400 lines."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {} == {path: length for path, length in lengths.items() if length > LARGEST}


@pytest.mark.parametrize("package", ["archive", "crawler", "schedules"])
def test_a_package_is_a_house_of_rooms(package):
    """At most four modules lie directly in a package; the rest has its room."""
    assert len([path for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]) <= AT_THE_TOP
