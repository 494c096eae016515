"""The recipes in archive/docs/queries.md are correct, and every canned query runs."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from archive import browse
from archive.browse import table_metadata as tables
from archive.browse.canned_queries import CANNED_QUERIES, filled_queries, read_examples
from archive.browse.pages.changes import CLASSES
from archive.browse.translations import VIETNAMESE

DOCUMENT = Path(__file__).parents[3] / "archive" / "docs" / "queries.md"
RECIPES = re.findall(
    r"\*\*(\d+)\. .*?\*\*\n\n```sql\n(.*?)\n```\n\n```text\n(.*?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
)


def test_there_are_ten_recipes():
    """All ten recipes are found."""
    assert [str(number) for number in range(1, 11)] == [number for number, _, _ in RECIPES]


@pytest.mark.parametrize(("number", "sql", "answer"), RECIPES)
def test_a_recipe_has_its_answer(demo, number, sql, answer):
    """Each query gives exactly the documented answer on the demo archive."""
    with closing(sqlite3.connect(demo)) as db:
        cursor = db.execute(sql)
        names = [column[0] for column in cursor.description]
        rows = [" | ".join(map(str, row)) for row in (names, *cursor)]

    assert answer.splitlines() == rows


@pytest.mark.parametrize("name", CANNED_QUERIES)
def test_every_canned_query_has_an_example_that_finds_rows(press, name):
    """Each canned query runs with the example of this archive, and finds rows."""
    with closing(sqlite3.connect(press)) as db:
        example = dict(parse_qsl(filled_queries(read_examples(db))[name]["example"]))
        rows = db.execute(CANNED_QUERIES[name]["sql"], example).fetchall()

    assert set(re.findall(r":(\w+)", CANNED_QUERIES[name]["sql"])) == set(example)
    assert rows


def test_every_shown_table_is_described(press):
    """Every visible table or view has a description."""
    with closing(sqlite3.connect(press)) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    plumbing = {
        name for name in names if name.startswith(("sqlite_", "articles_fts", "headlines_fts")) or name in tables.HIDDEN
    }
    described = {name for name, facts in tables.table_metadata().items() if facts.get("description")}

    assert set() == names - plumbing - described


def test_every_label_is_vietnamese_too():
    """Every label that the pages pass to `t` has a Vietnamese translation."""
    pages = "".join(
        file.read_text(encoding="utf-8") for file in (Path(browse.__file__).parent / "templates").rglob("*.html")
    )
    said = set(re.findall(r"\bt\('([^']+)'\)", pages))
    by_variable = set(re.findall(r"'([A-Z][a-z]+)'", " ".join(re.findall(r"{% for [^%]+ in \(\(.*?%}", pages))))

    assert set() == (said | by_variable | {f"change {kind}" for kind in CLASSES}) - set(VIETNAMESE) - {"English"}
