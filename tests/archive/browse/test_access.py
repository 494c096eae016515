"""Access control: the host names of the server, and the limits of one statement."""

import asyncio
import shutil
import sqlite3

import pytest
import shelf

from archive.browse.access import is_known_host
from archive.browse.bounded_connection import connect_bounded
from archive.browse.serve import ServeOptions, running

BOMBS = [
    "select length(hex(zeroblob(400000000)))",
    "with recursive n(i) as (select 1 union all select i + 1 from n limit 1000) select zeroblob(8000000) from n",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select group_concat(hex(zeroblob(9999))) from n",
]


@pytest.fixture
def path(tmp_path):
    """An archive with data of every kind."""
    shelf.fill(tmp_path / "archive.db")
    return tmp_path / "archive.db"


def ask(path, *requests, hosts=()):
    """Return the responses to requests, each with an address and a host name."""

    async def answers():
        async with running(path, ServeOptions(hosts=hosts)) as datasette:
            return [await datasette.client.get(address, headers={"Host": host}) for address, host in requests]

    return asyncio.run(answers())


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("localhost:8001", True),
        ("LOCALHOST.", True),
        ("archive.localhost:80", True),
        ("127.0.0.1:8001", True),
        ("192.168.1.5", True),
        ("[::1]:8001", True),
        ("[fe80::1]", True),
        ("archive.example.org", True),
        ("Archive.Example.ORG:443", True),
        ("evil.example", False),
        ("evil.example:8001", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("archive.example.org.evil.example", False),
        ("2130706433", False),
        ("0x7f.1", False),
    ],
)
def test_only_configured_names_are_known(host, known):
    """Every IP address is accepted, because it cannot be rebound; a name is accepted only if it is configured."""
    assert known is is_known_host(host, ["archive.example.org"])


def test_a_request_for_another_name_is_refused(path):
    """Pages, SQL and captures answer 421 to an unknown host name, and say how to allow it."""
    addresses = ("/today", "/archive.json?sql=select+1", "/capture/1.warc", "/archive/articles")
    refused = ask(path, *((address, "evil.example") for address in addresses))
    served = ask(path, *((address, "archive.example.org") for address in addresses), hosts=("archive.example.org",))

    assert {421} == {answer.status_code for answer in refused}
    assert all("browse --name" in answer.text for answer in refused)
    assert {200} == {answer.status_code for answer in served}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_statement_cannot_take_all_memory(path, bomb):
    """A statement that would build strings of hundreds of megabytes, or a result of gigabytes, fails immediately."""
    (answer,) = ask(path, (f"/archive.json?sql={bomb.replace('+', '%2B')}", "localhost"))

    assert 400 == answer.status_code
    assert not answer.json()["ok"]


def test_a_result_within_the_bounds_is_whole(path):
    """Rows of a few megabytes are returned in full, by every way of reading them."""
    connection = connect_bounded(path, mutable=True)
    sql = "select hex(zeroblob(1000000)) union all select 'b'"

    assert [2_000_000, 1] == [len(value) for (value,) in connection.execute(sql).fetchall()]
    assert 1 == len(connection.cursor().execute(sql).fetchmany(1))
    with pytest.raises(sqlite3.DataError, match="fewer rows"):
        connection.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n limit 99) select zeroblob(2000000) from n"
        ).fetchall()
    connection.close()


@pytest.mark.parametrize("name", ["what?.db", "100%.db", "a#b.db"])
def test_a_path_with_special_characters_is_browsed(path, tmp_path, name):
    """`?`, `%` and `#` may occur in the archive's path, and no other file is created."""
    odd = tmp_path / "odd" / name
    odd.parent.mkdir()
    shutil.copy(path, odd)
    (answer,) = ask(odd, ("/today.json", "localhost"))

    assert (200, "2026-02-05") == (answer.status_code, answer.json()["day"])
    assert {name} == {file.name.removesuffix("-wal").removesuffix("-shm") for file in odd.parent.iterdir()}


def test_captures_of_a_merged_archive_are_served_and_no_others(path):
    """A capture in the folder of a merged archive is served; a name that leads elsewhere, or to a link, is not."""
    captures = path.parent / "captures"
    (captures / "from-0123456789ab").mkdir()
    (captures / "from-0123456789ab" / "a.warc").write_bytes(b"...MERGED")
    (path.parent / "secret.warc").write_bytes(b"...SECRET")
    (captures / "link.warc").symlink_to(path.parent / "secret.warc")
    names = ("from-0123456789ab/a.warc", "../secret.warc", "link.warc", str(path.parent / "secret.warc"))
    with sqlite3.connect(path) as db:
        db.executemany(
            "INSERT INTO captures (id, url, fetched_at, status, file, offset, length, digest)"
            " VALUES (?, 'u', '', 200, ?, 3, 6, '')",
            [(100 + number, name) for number, name in enumerate(names)],
        )
    db.close()
    merged, *others = ask(path, *((f"/capture/{100 + number}.warc", "localhost") for number in range(len(names))))

    assert (200, b"MERGED") == (merged.status_code, merged.content)
    assert {404} == {answer.status_code for answer in others}
    assert all(b"SECRET" not in answer.content for answer in others)
