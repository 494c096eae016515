"""Bad requests, and files that are replaced, missing or damaged, give a clean page with the right status."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

import pytest
import shelf

from archive.browse.local_time import LocalTimes, format_local
from archive.browse.serve import running
from archive.record import article_id

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

LONG = "a" * 32_000  # the server itself refuses addresses of more than 64 kB
ONE = article_id("vntin", "1")


@pytest.fixture
def path(tmp_path):
    """An archive with data of every kind."""
    shelf.fill(tmp_path / "archive.db")
    return tmp_path / "archive.db"


def answers(path, *asked, before=(), **options):
    """Return the responses of a Datasette before and after its file changes."""

    async def whole(happens):
        async with running(path, **options) as datasette:
            first = [await datasette.client.get(address) for address in before]
            happens()
            return first, [await datasette.client.get(address) for address in asked]

    return lambda happens=lambda: None: asyncio.run(whole(happens))


@pytest.mark.parametrize(
    "address",
    [
        f"/search?q={LONG}",
        f"/timeline?q={LONG}&q={LONG}",
        "/timeline?" + "&".join(f"q=w{i}" for i in range(2000)),
        "/search?" + "&".join(f"n{i}=w" for i in range(2000)),
        "/archive/articles?" + "&".join(f"n{i}=w" for i in range(2000)),
        "/archive/outlets?" + "&".join(f"_search{i}=w" for i in range(2000)),
        f"/changes?outlet={LONG}",
        f"/stories?before={LONG}",
        f"/article?url={LONG}",
        f"/article/{LONG}",
        f"/today?outlet={LONG}",
        f"/today/{LONG}",
        f"/story/{'9' * 5000}",
        f"/search?q=a&page={'9' * 5000}",
        "/search?q=%00%00",
        "/search?q=%ff%fe",
        "/search?q=%ED%A0%80",
        "/today/9999-12-31",
        "/today/0001-01-01",
        "/changes?until=9999-12-31",
        "/timeline?q=a&until=0001-01-02",
    ],
)
def test_long_and_odd_requests_are_answered_briefly(path, address):
    """The response to any long or unusual request is short, fast and not a server error."""
    _, (answer,) = answers(path, address)()

    assert answer.status_code in {200, 400, 404}
    assert len(answer.text) < 60_000
    assert "Traceback" not in answer.text


def test_a_replaced_file_is_read_at_once(path, tmp_path):
    """If another archive replaces the served file, the next request reads it."""
    other = tmp_path / "other" / "archive.db"
    other.parent.mkdir()
    shutil.copy(path, other)
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("UPDATE articles SET title = 'Tin thay' WHERE id = ?", (ONE,))

    def replace():
        for file in tmp_path.glob("archive.db-*"):
            file.unlink()
        other.replace(path)

    address = f"/article/{ONE}.json"
    (first,), (second,) = answers(path, address, before=[address])(replace)

    assert ["Ông Tập điện đàm", "Tin thay"] == [first.json()["title"], second.json()["title"]]


def test_a_missing_file_gives_503(path, tmp_path):
    """Without its file, every page answers 503, in JSON too."""

    def take_away():
        for file in tmp_path.glob("archive.db*"):
            file.unlink()

    asked = ("/today", "/today.json", "/archive/articles", "/archive/articles.json", "/capture/1.warc")
    _, told = answers(path, *asked, before=asked)(take_away)

    assert {503} == {answer.status_code for answer in told}
    assert all("cannot be read" in answer.text and str(path) not in answer.text for answer in told)


def test_a_missing_table_gives_503(path):
    """During a migration, a page asks to try again."""

    def migrate():
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("ALTER TABLE stories RENAME TO stories_old")

    _, (answer,) = answers(path, "/stories")(migrate)

    assert 503 == answer.status_code
    assert "stories_old" not in answer.text


def test_a_damaged_file_gives_a_clean_page(path):
    """A file that is no longer a database gives a page without a traceback."""
    _, told = answers(path, "/today", "/archive/articles")(lambda: path.write_bytes(b"no database at all" * 1000))

    assert {answer.status_code for answer in told} <= {404, 503}
    assert all("Traceback" not in answer.text for answer in told)


def test_an_allow_block_guards_our_pages(path):
    """Only visitors whom Datasette's configuration allows see our pages."""
    tokens = [{"token": "letmein", "actor": {"id": "reader"}}]
    more = {"allow": {"id": "reader"}, "plugins": {"datasette-auth-tokens": {"tokens": tokens}}}
    asked = (
        "/today",
        f"/article/{ONE}.json",
        f"/article/{ONE}.txt",
        "/search.atom?q=hết",
        "/capture/1.warc",
        "/archive",
    )

    async def told():
        key = {"Authorization": "Bearer letmein"}
        async with running(path, more=more) as datasette:
            return [
                ((await datasette.client.get(a)).status_code, (await datasette.client.get(a, headers=key)).status_code)
                for a in asked
            ]

    assert {(403, 200)} == set(asyncio.run(told()))


def test_a_password_lets_in(path):
    """datasette-auth-passwords, configured as documented, signs visitors in."""
    from datasette_auth_passwords.utils import hash_password

    plugin = {"reader_password_hash": hash_password("bí mật"), "actors": {"reader": {"id": "reader"}}}
    more = {"allow": {"id": "reader"}, "plugins": {"datasette-auth-passwords": plugin}}

    async def told():
        async with running(path, more=more) as datasette:
            form = await datasette.client.get("/-/login")
            fields = {"username": "reader", "password": "bí mật", "csrftoken": form.cookies["ds_csrftoken"]}
            signed = await datasette.client.post("/-/login", data=fields, cookies=dict(form.cookies))
            before = await datasette.client.get("/today")
            after = await datasette.client.get("/today", cookies={"ds_actor": signed.cookies["ds_actor"]})
            return before.status_code, after.status_code

    assert (403, 200) == asyncio.run(told())


def test_times_are_local_to_the_outlet():
    """Instants are shown in the outlet's timezone, or in UTC with a Z if it is unknown; a bare day stays a day."""
    when = "2026-02-04T18:30:00.000Z"
    clock = LocalTimes({"a": "Asia/Ho_Chi_Minh", "b": "Asia/Ho_Chi_Minh", "c": "Europe/Paris"})

    assert "2026-02-05 01:30" == format_local(when, "Asia/Ho_Chi_Minh") == clock(when, "a") == clock(when)
    assert "2026-02-04 19:30" == clock(when, "c")
    assert "2026-02-04 18:30Z" == format_local(when, "") == format_local(when, "../etc/passwd")
    assert ("2026-02-04", "") == (format_local("2026-02-04", "Asia/Ho_Chi_Minh"), format_local(None, ""))
