"""Bad input of every kind gives one clear line and the right exit code, and loses nothing."""

import asyncio
import gzip
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from livesite import HOST, page

from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import ByteServer, reply

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

GOOD = "/cau-moi-thong-xe-4954451.html"
UNDATED = (
    "<!doctype html><html><body><h1>Cầu Mới thông xe sau ba năm thi công</h1><article>".encode()
    + b"<p>Ba c\xc3\xa2u.</p>" * 9
)
FEED = f"<rss version='2.0'><channel><item><link>{HOST}{GOOD}</link></item></channel></rss>".encode()
ANSWERS = {
    GOOD: reply(200, page()),
    "/trong.html": reply(200, b""),
    "/khong-ngay.html": reply(200, UNDATED + b"</article></body></html>"),
    "/muoi-mot-megabyte.html": reply(200, page() + b" " * 11_000_000),
    "/nua-goi.html": reply(200, gzip.compress(page())[:200], Content_Encoding="gzip"),
    "/tin.rss": reply(200, b"<rss><channel><item>", Content_Type="application/rss+xml"),
    "/trang.rss": reply(200, page()),
    "/rss": reply(200, FEED, Content_Type="application/rss+xml"),
}
DECLARATION = f'name = "Báo"\nhome = "{HOST}"\nhosts = []\n[sources]\nfeed = ["/trang.rss", "/rss"]\n'


@pytest.fixture
def against(khobao, tmp_path):
    """Run the program against a site with these responses."""
    ArchiveWriter.create_or_open(tmp_path / "a.db").close()

    def run(*arguments, **env):
        async def meanwhile():
            async with ByteServer({HOST + path: answer for path, answer in ANSWERS.items()}) as server:
                proxy = {"KHOBAO_NETWORK__PROXY": f"http://127.0.0.1:{server.port}", "KHOBAO_NETWORK__GAP": "0"}
                return await asyncio.to_thread(khobao, *arguments, "--archive", "a.db", env=proxy | env)

        return asyncio.run(meanwhile())

    return run


def test_pages_that_cannot_be_archived_are_reported_one_by_one(against, khobao):
    """Each page that cannot be archived gives a line with its reason; the good one is archived."""
    reasons = {
        "/trong.html": "empty",
        "/khong-ngay.html": "no_date",
        "/muoi-mot-megabyte.html": "too_large",
        "/nua-goi.html": "truncated",
    }

    ran = against("add", *(HOST + path for path in (GOOD, *reasons)), "khong phai", "-q")

    told = [line for line in ran.err.splitlines() if not line.startswith("{")]
    assert 1 == ran.code
    assert len(reasons) + 1 == len(told)
    for path, reason in reasons.items():
        assert [reason] == [reason for line in told if f"{HOST}{path}: {reason}" in line], ran.err
        assert reason in khobao("why", HOST + path, "--archive", "a.db").out
    assert "khong phai: bad_address: write an address like https://example.vn/a.html" in ran.err
    assert "Cầu Mới thông xe" in khobao("show", HOST + GOOD, "--archive", "a.db").out


def test_a_page_instead_of_a_feed_is_reported_and_the_others_are_read(against, khobao, tmp_path):
    """A bad source gives one line and exit code 1; the outlet's other sources are still read."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "bao.toml").write_text(DECLARATION, encoding="utf-8")

    ran = against("crawl", "bao", "-q", KHOBAO_OUTLETS__FOLDER=str(tmp_path / "outlets"))

    told = [line for line in ran.err.splitlines() if not line.startswith("{")]
    assert (1, 1) == (ran.code, len(told)), ran.err
    assert told[0].startswith(f"bao: feed {HOST}/trang.rss: malformed: ")
    assert "Cầu Mới thông xe" in khobao("show", HOST + GOOD, "--archive", "a.db").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "outlets/xau.toml"),
        ('name = "Xấu"\n', "home"),
        ('name = "Xấu"\nhome = "https://xau.example"\nartikel = "x"\n', "artikel"),
        ('name = "Xấu"\nhome = "https://xau.example"\narticle = "(["\n', "article"),
    ],
)
def test_a_broken_outlet_file_is_one_line(khobao, tmp_path, text, said):
    """A wrong declaration is reported with its file and its key, and exit code 2."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "xau.toml").write_text(text, encoding="utf-8")

    ran = khobao("outlets", "xau", env={"KHOBAO_OUTLETS__FOLDER": str(tmp_path / "outlets")})

    assert (2, 1) == (ran.code, len(ran.err.splitlines())), ran.err
    assert "xau.toml" in ran.err
    assert said in ran.err


def test_an_archive_of_a_newer_khobao_is_left_alone(khobao, tmp_path):
    """An archive with an unknown migration is refused by readers and writers."""
    khobao("init")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
        columns = [row[1] for row in db.execute("PRAGMA table_info(_sqlite_migrations)")]
        row = dict(zip(columns, db.execute("SELECT * FROM _sqlite_migrations").fetchone(), strict=True))
        row |= {"name": "9999_from_the_future"} | ({"id": 9999} if "id" in row else {})
        db.execute(f"INSERT INTO _sqlite_migrations VALUES ({', '.join('?' * len(row))})", tuple(row.values()))

    for arguments in (("status",), ("import", "x.txt")):
        ran = khobao(*arguments)

        assert (3, 1) == (ran.code, len(ran.err.splitlines())), sql
        assert "written by a newer khobao (with 9999_from_the_future); upgrade khobao to open it" in ran.err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")  # noqa: PTH110
def test_a_full_disk_is_one_line(tmp_path, seeds):
    """A full disk ends the program with one line and exit code 3."""
    program = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
    subprocess.run([*program, "import", seeds, "--archive", "a.db"], cwd=tmp_path, check=True, capture_output=True)

    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [*program, "search", "Trung", "--archive", "a.db"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )

    assert (3, "khobao: the disk is full; nothing that was archived is lost\n") == (done.returncode, done.stderr)


def test_ctrl_c_keeps_what_was_archived(khobao, newsstand, tmp_path):
    """Ctrl-C during a crawl ends it with one line and exit code 130, and archived articles are complete."""
    env = os.environ | {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0.05"}
    site = "http://vntin.example/thoi-su"
    running = subprocess.Popen(
        [sys.executable, "-c", "from schedules.cli.main import main; main()", "crawl", site, "--archive", "a.db"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    while '"outcome": "archived"' not in running.stderr.readline():
        pass  # wait until a page is archived, then interrupt
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert 130 == running.returncode, said
    assert "khobao: interrupted; what was archived is kept" in said
    assert "0 errors found" in khobao("check", "--archive", "a.db").out
