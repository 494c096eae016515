"""SQL stands in the archive only, so that a change of the schema affects one package."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTSIDE = sorted(path for package in ("crawler", "schedules") for path in (ROOT / package).rglob("*.py"))
SQL = re.compile(
    r"\bSELECT\s+\S|\bINSERT\s+(?:OR\s+\w+\s+)?INTO\b|\bUPDATE\s+\w+\s+SET\b|\bDELETE\s+FROM\b|\bPRAGMA\s+\w"
    r"|\b(?:CREATE|ALTER|DROP)\s+(?:\w+\s+)?(?:TABLE|VIEW|INDEX|TRIGGER)\b|\bBEGIN\s+IMMEDIATE\b",
)


def sql_strings(source):
    """Return the strings of a module that contain SQL; docstrings are help for people and may show an example."""
    tree = ast.parse(source)
    documented = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and has_text(node)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in strings if id(node) not in docstrings and SQL.search(node.value)]


def has_text(node):
    """Return whether the body of a module, class or function begins with a docstring."""
    return bool(node.body) and ast.get_docstring(node) is not None


@pytest.mark.parametrize("module", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sql_stands_outside_the_archive(module):
    """No string of a module outside the archive is SQL."""
    assert [] == sql_strings(module.read_text(encoding="utf-8"))


def test_sql_in_a_string_is_found():
    """The check finds SQL in plain and in formatted strings, and ignores a docstring that shows some."""
    source = '"""Run `SELECT 1`."""\nfirst = "SELECT id FROM outlets"\nsecond = f"UPDATE lists SET {first}"\n'

    assert ["SELECT id FROM outlets", "UPDATE lists SET "] == sql_strings(source)
    assert sql_strings((ROOT / "archive" / "store" / "ledger_queries.py").read_text(encoding="utf-8"))
