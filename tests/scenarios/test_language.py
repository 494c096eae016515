"""Docstrings and comments are short and plain, as CONTRIBUTING requires."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for package in ("archive", "crawler", "schedules") for path in (ROOT / package).rglob("*.py"))
LONGEST = 100  # characters of a first line, so that an editor can show it in a list
LARGEST = 400  # lines of a module
RIDDLES = re.compile(  # phrases that do not say who does what
    r"\b(?:likewise|of ours|what of it|tell whether|(?:is|are) told|as far as it|so many of|that which|at one look|"
    r"where there (?:is|are) none|where it does not|what is none)\b",
    re.IGNORECASE,
)
AT_THE_TOP = 4  # modules that lie directly in a package, beside its folders


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_a_docstring_is_short(module):
    """The first line of each docstring has at most 100 characters."""
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    nodes = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, documented)]
    first_lines = [(ast.get_docstring(node) or "").partition("\n")[0] for node in nodes]

    assert [] == [line for line in first_lines if len(line) > LONGEST]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_and_comments_contain_no_riddles(module):
    """No docstring or comment contains a phrase that hides who does what."""
    source = module.read_text(encoding="utf-8")
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    comments = re.findall(r"(?:^|  )# (.*)", source, re.MULTILINE)

    assert [] == [match[0] for text in docstrings + comments for match in RIDDLES.finditer(text)]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_begin_with_a_verb(module):
    """The docstring of a function begins with a verb; only that of a property may begin with `Whether`."""
    functions = [
        node
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list
    ]
    openings = {node.name: (ast.get_docstring(node) or "").partition(" ")[0] for node in functions}

    assert {} == {name: word for name, word in openings.items() if word in {"Whether", "What", "How", "Where", "Why"}}


def test_modules_are_small():
    """No module has more than 400 lines."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {} == {path: length for path, length in lengths.items() if length > LARGEST}


@pytest.mark.parametrize("package", ["archive", "crawler", "schedules"])
def test_a_package_consists_of_folders(package):
    """At most four modules lie directly in a package; all others are in a folder."""
    assert len([path for path in (ROOT / package).glob("*.py") if path.stem != "__init__"]) <= AT_THE_TOP
