"""Archives of every released schema, as SQL, for today's khobao to open.

A schema is released by `python tests/support/releases.py`, which writes its dump, and by its name in `RELEASED`.
After that neither the script nor the dump may change. Before that its dump is made whenever it is needed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from keeping import Crawl

from archive.database.schema import SCRIPTS
from archive.store.writer import ArchiveWriter

OLD = Path(__file__).parents[1] / "archive" / "database" / "old"
RELEASED = frozenset({"0001_first_schema", "0002_facts_in_columns", "0003_words_and_watches", "0004_text_digests"})
_TABLES = (
    "_sqlite_migrations outlets stories articles revisions tombstones runs captures sources addresses requests"
).split()


def digest_of(schema: str) -> str:
    """Return a digest that changes if a script is edited."""
    return hashlib.sha256(SCRIPTS[schema].encode()).hexdigest()


def dump_of(path: Path, schema: str) -> str:
    """Return the schema's script, and a statement for every row; derived rows are derived again."""
    scripts = [script.rstrip() for name, script in SCRIPTS.items() if name <= schema]
    lines = [f"-- {schema} {digest_of(schema)}", *scripts]
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(":memory:")) as old:
        (migrations,) = db.execute("SELECT sql FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
        lines.append(f"{migrations};")
        old.executescript("\n".join((*scripts, f"{migrations};")))
        for table in _TABLES:
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA table_info({table})"))
            quoted = " || ', ' || ".join(f"quote({name})" for name in columns.split(", "))
            known = f"name <= '{schema}'" if table == "_sqlite_migrations" else "true"
            rows = db.execute(f"SELECT {quoted} FROM {table} WHERE {known} ORDER BY rowid")
            lines += [f"INSERT INTO {table} ({columns}) VALUES ({values});" for (values,) in rows]
    return "\n".join(lines) + "\n"


def make_dump(schema: str) -> str:
    """Return the dump of a small archive: two articles, one edited, one gone, each with its captures."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        with ArchiveWriter.create_or_open(path) as archive:
            crawl = Crawl(archive, Path(folder) / "captures")
            crawl.see("1")
            crawl.see("1", "Cầu dài 820 mét.")
            crawl.see("2")
            crawl.miss("2")
            crawl.end()
            return dump_of(path, schema)


def released_dumps() -> dict[str, str]:
    """Return the dump of every schema, by name: as released, or as it is today if it is not released yet."""
    frozen = {path.read_text(encoding="utf-8").split()[1]: path for path in OLD.glob("*.sql")}
    return {
        schema: frozen[schema].read_text(encoding="utf-8") if schema in RELEASED else make_dump(schema)
        for schema in SCRIPTS
    }


if __name__ == "__main__":
    newest = max(SCRIPTS)
    OLD.mkdir(exist_ok=True)
    (OLD / f"{newest[:4]}.sql").write_text(make_dump(newest), encoding="utf-8")
