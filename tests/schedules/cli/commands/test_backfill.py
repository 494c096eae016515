"""`khobao backfill`, alone and while the service holds the archive."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from oldpress import HOST, OldPress
from warcfiles import pages_of

from archive.errors import ArchiveError
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from crawler.newsstand.raw_http import ByteServer, reply

DECLARED = f"""
name = "Báo Cũ"
home = "{HOST}"
article = '-(?P<key>\\d{{7}})\\.html$'
timezone = "Asia/Ho_Chi_Minh"
[sources]
archive = ["/ngay/{{year}}/{{month}}/{{day}}/trang-{{page}}"]
[reading]
title = "h1"
body = "article"
"""
DAYS = ("--since", "2024-01-10", "--until", "2024-01-12", "cu")


@pytest.fixture
def press(tmp_path):
    """The outlet on loopback, declared in a folder with its settings; and the server."""
    server, loop = ByteServer(OldPress()), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "cu.toml").write_text(DECLARED)
    (tmp_path / "khobao.toml").write_text(
        '[archive]\npath = "archive.db"\n[outlets]\nfolder = "outlets"\n'
        f'[network]\nproxy = "http://127.0.0.1:{server.port}"\ngap = 0\n'
    )
    ArchiveWriter.create_or_open(tmp_path / "archive.db").close()
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_backfill_is_planned_carried_out_and_listed(khobao, press):
    """A dry run fetches no page and estimates the cost; the same command without it continues, and is listed."""
    dry = khobao("backfill", "--dry-run", "--json", *DAYS)
    (row,) = json.loads(dry.out)
    pages = [path for path in press.paths if "/bai-" in path]
    lists = len(press.paths)
    done = khobao("backfill", "--json", *DAYS)
    listed = json.loads(khobao("backfill", "--list", "--json").out)

    assert (0, 0, 0) == (dry.code, done.code, len(pages))
    assert ("cu", 9, 9, True) == (row["outlet"], row["addresses"], row["requests"], row["assumed"])
    assert 9 == json.loads(done.out)["cu"]["archived"]
    assert 9 == len(press.paths) - lists
    assert [("done", 9, 9)] == [(one["state"], one["found"], one["done"]) for one in listed]
    assert "2024-01-10 to 2024-01-12" in khobao("backfill", "--list").out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("cu",), "--since is required, for example --since 2026-01-31"),
        (("--since", "2024-02-01", "--until", "2024-01-01", "cu"), "is after --until"),
        (("--since", "2924-02-01", "cu"), "is in the future"),
        (("--cancel", "7"), "no backfill 7"),
    ],
)
def test_wrong_usage_is_one_line(khobao, press, arguments, line):
    """A wrong request ends with exit code 2 and says what would be right."""
    assert 0 == khobao("crawl", "--limit", "0", "cu").code
    ran = khobao("backfill", *arguments)

    assert 2 == ran.code
    assert line in ran.err
    assert 1 == len(ran.err.splitlines())


def test_days_without_articles_end_immediately(khobao, press):
    """A backfill of days without any articles ends immediately, and says so."""
    ran = khobao("backfill", "--since", "2001-01-01", "--until", "2001-01-02", "cu")

    assert 0 == ran.code
    assert 2 == len([path for path in press.paths if "/ngay/" in path])


@contextmanager
def serving(folder):
    """`khobao run` in a folder, from its start to its end."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-c", "from schedules.cli.main import main; main()", "run"]
        settings = {"KHOBAO_SERVICE__TICK_SECONDS": "0.1", "KHOBAO_SERVICE__LOW_DISK_MEGABYTES": "0"}
        settings |= {"KHOBAO_OUTLETS__ENABLED": "cu"}
        process = subprocess.Popen(command, cwd=folder, env=clean | settings, stderr=log)
    try:
        while not _is_at_work(folder / "archive.db"):
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield
        process.terminate()
        assert 0 == process.wait(60)
    finally:
        process.kill()
        process.wait()


def _is_at_work(path):
    try:
        with ArchiveReader.open(path) as archive:
            return archive.is_service_running()
    except ArchiveError:
        return False


def test_the_service_does_delegated_work(khobao, press, tmp_path):
    """While the service holds the archive, it runs backfills and added pages, and the command shows the progress."""
    with serving(tmp_path):
        (dry,) = json.loads(khobao("backfill", "--dry-run", "--json", *DAYS).out)
        (planned,) = json.loads(khobao("backfill", "--list", "--json").out)
        pages = [path for path in press.paths if "/bai-" in path]
        done = khobao("backfill", "--json", *DAYS)
        cancelled = khobao("backfill", "--cancel", str(planned["run"]))
        added = khobao("add", "--json", f"{HOST}/bai-0000001.html", f"{HOST}/bai-9999999.html")

    assert (9, "stopped", []) == (dry["requests"], planned["state"], pages), "a plan fetches no page"
    assert (0, 9) == (done.code, json.loads(done.out)["cu"]["archived"]), done.err
    assert "delegated to the service" in done.err
    assert (2, True) == (cancelled.code, "done already" in cancelled.err)
    assert (1, 1) == (added.code, json.loads(added.out)["cu"]["archived"]), added.err
    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        assert 10 == sum(status.articles for status in archive.status())


def test_a_killed_backfill_resumes(khobao, press, tmp_path):
    """Killed at any moment, the same command fetches nothing twice, and archives every article once."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
    command = [sys.executable, "-c", "from schedules.cli.main import main; main()", "backfill", *DAYS]
    archived = set()
    for kill_at in (3, 8, 14):
        asked = len(press.paths)
        process = subprocess.Popen(
            command, cwd=tmp_path, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while len(press.paths) < max(kill_at, asked) and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        process.wait()
        assert not archived & {path.removeprefix(HOST) for path in press.paths[asked:]}
        archived |= kept_paths(tmp_path / "archive.db")
    asked = len(press.paths)
    done = khobao("backfill", "--json", *DAYS)
    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        dates = archive.db.execute("SELECT date, count(*) FROM articles GROUP BY date").fetchall()

    assert 0 == done.code, done.err
    assert [("2024-01-10", 3), ("2024-01-11", 3), ("2024-01-12", 3)] == dates
    assert not archived & {path.removeprefix(HOST) for path in press.paths[asked:]}


def kept_paths(path):
    """Return the paths of the archived articles, or of the lists that were read."""
    try:
        with ArchiveReader.open(path) as archive:
            urls = archive.db.execute("SELECT url FROM articles UNION SELECT url FROM lists WHERE state = 'done'")
            return {url.removeprefix(HOST) for (url,) in urls}
    except ArchiveError:
        return set()


def test_lists_without_days_are_reported_and_not_guessed(khobao, press, tmp_path):
    """A dry run does not count the articles of lists without days, and says so; a second one does not start again."""
    declared = (tmp_path / "outlets" / "cu.toml").read_text()
    way = declared.replace("/ngay/{year}/{month}/{day}/trang-{page}", "/timeline/trang-{page}.htm")
    (tmp_path / "outlets" / "cu.toml").write_text(way)
    dry = khobao("backfill", "--dry-run", "--json", *DAYS)
    (row,) = json.loads(dry.out)
    audited = khobao("audit", "--json", *DAYS)

    assert (0, 10) == (row["addresses"], row["undated"])
    assert "cu: not counted: 1 lists without days, with 10 addresses on their first pages" in dry.err
    assert "not counted: 1 lists" in audited.err
    assert 3 == len(json.loads(audited.out)["cu"])


def test_an_audit_reports_missing_articles_and_fills_the_gaps(khobao, press, tmp_path):
    """Lists show what was published, the table and the ledger what is archived; `--fill` fetches the rest."""
    assert 0 == khobao("add", f"{HOST}/bai-0000030.html").code
    before = khobao("audit", "--svg", "days.svg", *DAYS)
    pages = len([path for path in press.paths if "/bai-" in path])
    filled = json.loads(khobao("audit", "--fill", "--json", *DAYS).out)["cu"]
    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        kept = archive.db.execute("SELECT day, announced, archived, missing FROM coverage").fetchall()

    assert (0, 1) == (before.code, pages), before.err
    assert "11.1%" in before.out
    assert "2024-01          ×▒×" in before.out or "2024-01          ×░×" in before.out
    assert (tmp_path / "days.svg").read_text().startswith("<svg")
    assert [(3, 0), (3, 0), (3, 0)] == [(row["archived"], row["missing"]) for row in filled]
    assert [("2024-01-10", 3, 3, 0), ("2024-01-11", 3, 3, 0), ("2024-01-12", 3, 3, 0)] == kept


def test_a_broken_download_is_resumed(khobao, press, tmp_path):
    """Pages before a truncation of a WARC file are not read again; a file that cannot be downloaded is retried."""
    whole = b"".join(pages_of(9))
    asked = []

    async def in_halves(writer):
        first = not asked
        asked.append(press.asked[-1])
        head = "200 OK" if first else f"206 Partial\r\nContent-Range: bytes 1000-{len(whole) - 1}/{len(whole)}"
        rest = whole if first else whole[1000:]
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(rest)}\r\n\r\n".encode())
        writer.write(rest[:1000] if first else rest)
        writer.close()

    press.answers.given |= {"http://luu.example/a.warc.gz": in_halves, "http://luu.example/b.warc": reply(404)}
    command = ("backfill", "--json", *DAYS[:1], "2024-01-01", "cu", "--warc")
    ran = khobao(*command, "http://luu.example/a.warc.gz")
    lost = khobao(*command, "http://luu.example/b.warc")

    assert (0, 9) == (ran.code, json.loads(ran.out)["new"]), ran.err
    assert [False, True] == [b"Range: bytes=1000-" in head for head in asked]
    assert (1, 1) == (lost.code, lost.err.count("http://luu.example/b.warc: gone"))
    assert "stopped" == json.loads(khobao("backfill", "--list", "--json").out)[0]["state"]


def test_a_file_of_addresses_is_archived(khobao, press, tmp_path):
    """Each address in a file is fetched once; invalid lines and an empty file are reported."""
    (tmp_path / "list.txt").write_text(f"# of cu\n{HOST}/bai-0000030.html\nkhông\n{HOST}/bai-0000031.html\n")
    (tmp_path / "none.txt").write_text("\n")
    done = khobao("backfill", "--urls", "list.txt", "--json")

    assert (0, 2) == (done.code, json.loads(done.out)["cu"]["archived"]), done.err
    assert "list.txt, line 3: 'không' is not an address" in done.err
    assert 2 == khobao("backfill", "--urls", "none.txt").code
