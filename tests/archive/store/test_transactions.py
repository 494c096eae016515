"""A transaction is written completely or not at all."""

import sqlite3
from contextlib import closing

import pytest
from sqlite_utils import Database

from archive.errors import ArchiveLocked
from archive.store.transactions import Transactions


@pytest.fixture
def db(tmp_path):
    """A database with an empty table, whose connection commits by itself."""
    with closing(Database(sqlite3.connect(tmp_path / "a.db", isolation_level=None, timeout=0))) as db:
        db.execute("CREATE TABLE words (word TEXT)")
        yield db


def words(db):
    """Return what is stored."""
    return [word for (word,) in db.execute("SELECT word FROM words ORDER BY rowid")]


def test_a_transaction_that_ends_is_committed(db, tmp_path):
    """What was written is there for every other connection."""
    with Transactions(tmp_path / "a.db", db).begin() as inside:
        inside.execute("INSERT INTO words VALUES ('cầu')")

    assert not db.conn.in_transaction
    with closing(sqlite3.connect(tmp_path / "a.db")) as other:
        assert ["cầu"] == words(other)


def test_an_exception_rolls_everything_back(db, tmp_path):
    """Nothing of the transaction stays, and whoever keeps it in memory is told once to forget it."""
    told = []
    transactions = Transactions(tmp_path / "a.db", db, lambda: told.append("rolled back"))

    def write():
        with transactions.begin() as outer:
            outer.execute("INSERT INTO words VALUES ('cầu')")
            with transactions.begin() as inner:
                inner.execute("INSERT INTO words VALUES ('đường')")
                raise KeyError

    with pytest.raises(KeyError):
        write()

    assert ([], ["rolled back"], False) == (words(db), told, db.conn.in_transaction)


def test_a_transaction_within_another_joins_it(db, tmp_path):
    """The inner block commits nothing by itself; the outer one commits both."""
    transactions = Transactions(tmp_path / "a.db", db)
    with transactions.begin() as outer:
        with transactions.begin() as inner:
            inner.execute("INSERT INTO words VALUES ('cầu')")
        assert db.conn.in_transaction
        outer.execute("INSERT INTO words VALUES ('đường')")

    assert ["cầu", "đường"] == words(db)


def test_a_locked_database_names_its_file(db, tmp_path):
    """Another program that holds the lock gives an error of the archive before anything is written."""
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(ArchiveLocked, match=r"a\.db: another program holds it locked"),
            Transactions(tmp_path / "a.db", db).begin(),
        ):
            pass
