"""Multiply an archive by SQL: `python tests/bench/multiply.py FILE [--records N] [--base M]`.

FILE is an archive that `tests/bench/storage.py fill` made; filling a million takes hours, multiplying 200,000 by five
takes minutes. Every round copies all articles into the days after the last one, with ids, addresses and numbers of
their own. The text of a new article is the first half of one text and the second half of another, and its headline is
made of two headlines, so that no two are the same but copies, which stay copies. The search index is filled by the
archive's own triggers, and merged in the end. What compares articles with their neighbours (sketches, stories) is that
of the article with the first half.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from archive.record import article_id
from archive.store.writer import ArchiveWriter

if TYPE_CHECKING:
    from sqlite_utils import Database

BATCH = 20_000
INDEX_MEMORY = 1 << 26  # bytes of the search index collected before they are written; FTS5's default is 2**20
_SHIFTED_TIMES = ("published_at", "modified_at", "first_published_at", "published_hint")


def halves(one: str, other: str, separator: str) -> str:
    """Return the first half of the parts of one text, and the second half of those of another."""
    first, second = one.split(separator), other.split(separator)
    return separator.join([*first[: (len(first) + 1) // 2], *second[(len(second) + 1) // 2 :]])


def columns(db: Database, table: str) -> list[str]:
    """Return the names of the columns that are stored."""
    return [name for _, name, *_ in db.execute(f"PRAGMA table_info ({table})").fetchall()]


def copied(db: Database, table: str, changed: dict[str, str], source: str) -> str:
    """Return the statement that copies rows, with some columns changed and instants shifted by :days."""
    names = columns(db, table)
    shifted = {name: f"strftime('%Y-%m-%dT%H:%M:%fZ', x.{name}, :days || ' days')" for name in _SHIFTED_TIMES}
    chosen = ", ".join(changed.get(name, shifted.get(name, f"x.{name}")) for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {source}"


def statements(db: Database) -> list[str]:
    """Return what copies the articles from :first to :last, with everything that refers to them."""
    new_id = "new_id(a.outlet, a.number - 1 + :added)"
    articles = "articles AS a ON a.id = x.article WHERE a.number BETWEEN :first AND :last"
    new_url = "replace(x.url, '/bai-viet-so-', '/bai-viet-so-' || :round || '-')"
    partner = "1 + (coalesce(o.number, x.number) * 31 + :round * 7919) % :base"
    return [
        copied(
            db,
            "articles",
            {
                "number": "x.number + :added",
                "id": "new_id(x.outlet, x.number - 1 + :added)",
                "url": new_url,
                "date": "date(x.date, :days || ' days')",
                "title": "halves(x.title, p.title, ' ')",
                "text": "halves(x.text, p.text, char(10, 10))",
                "story": "x.story + :stories",
            },
            "articles AS x LEFT JOIN copies AS c ON c.article = x.id LEFT JOIN articles AS o ON o.id = c.of"
            f" JOIN articles AS p ON p.number = {partner} WHERE x.number BETWEEN :first AND :last ORDER BY x.number",
        ),
        copied(db, "revisions", {"id": "NULL", "article": new_id}, f"revisions AS x JOIN {articles}"),
        copied(db, "addresses", {"url": new_url, "article": new_id}, f"addresses AS x JOIN {articles}"),
        copied(
            db,
            "sketches",
            {"article": "x.article + :added"},
            "sketches AS x WHERE x.article BETWEEN :first AND :last",
        ),
        copied(
            db,
            "copies",
            {"article": new_id, "of": "new_id(o.outlet, o.number - 1 + :added)"},
            f"copies AS x JOIN articles AS o ON o.id = x.of JOIN {articles}",
        ),
    ]


def multiply(path: Path, count: int, base: int | None) -> None:
    """Copy the filled articles into later days until there are that many, printing the progress.

    Args:
        path: The archive.
        count: The wanted number of articles.
        base: How many articles were filled, to go on after a stop; None for all.
    """
    with ArchiveWriter.create_or_open(path) as archive:
        db = archive.db
        db.conn.create_function("new_id", 2, lambda outlet, key: article_id(outlet, str(key)), deterministic=True)
        db.conn.create_function("halves", 3, halves, deterministic=True)
        db.execute("PRAGMA cache_size = -500000")
        db.execute("PRAGMA foreign_keys = OFF")  # a copy may come before its original
        configure = "INSERT INTO articles_fts (articles_fts, rank) VALUES ('hashsize', ?)"
        db.execute(configure, (INDEX_MEMORY,))
        (have,) = db.execute("SELECT max(number) FROM articles").fetchone()
        base = base or have
        facts = "SELECT max(story), 1 + julianday(max(date)) - julianday(min(date)) FROM articles WHERE number <= ?"
        stories, days = db.execute(facts, (base,)).fetchone()
        every = statements(db)
        for added in range(have, count, base):
            number = added // base
            given = {
                "added": added,
                "round": number,
                "base": base,
                "days": f"+{round(days) * number}",
                "stories": stories * number,
            }
            with archive._transaction():
                source = f"stories AS x WHERE x.id <= {stories} AND x.id + :stories NOT IN (SELECT id FROM stories)"
                db.execute(copied(db, "stories", {"id": "x.id + :stories"}, source), given)
            for first in range(1, min(base, count - added) + 1, BATCH):
                begun = time.perf_counter(), time.process_time()
                last = min(first + BATCH - 1, base, count - added)
                with archive.batch():
                    for statement in every:
                        db.execute(statement, {**given, "first": first, "last": last})
                wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
                print(f"{added + last:9} articles, {wall:6.1f} s, of CPU {cpu:6.1f} s", flush=True)
        db.execute("DELETE FROM articles_fts_config WHERE k = 'hashsize'")
        db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
        db.execute("INSERT INTO headlines_fts (headlines_fts) VALUES ('optimize')")
        archive.optimize()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--base", type=int)
    options = parser.parse_args()
    multiply(options.file, options.records, options.base)
