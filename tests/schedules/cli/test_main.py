"""The command line: one clear line and the right exit code for any input."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import click
import pytest
from keeping import Crawl, id_of

from archive.store.writer import ArchiveWriter
from schedules.cli.main import COMMANDS, khobao_group

ADDRESS = "http://vntin.example/"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_within_80_columns(inline, monkeypatch, name):
    """Each command has help with the shared options, no line longer than 80 columns, and help on each option."""
    monkeypatch.setenv("COLUMNS", "80")

    ran = inline(name, "--help")

    assert 0 == ran.code
    assert [] == [line for line in ran.out.splitlines() if len(line) > 80]
    assert {"--archive FILE", "--config FILE", "--no-color"} <= set(re.findall(r"--[a-z-]+(?: FILE)?", ran.out))
    made = khobao_group.get_command(click.Context(khobao_group), name)
    assert [] == [option.name for option in made.params if isinstance(option, click.Option) and not option.help]


def test_help_names_every_command(inline):
    """`khobao --help` lists the commands, one per line."""
    ran = inline("--help")

    for name, (_, text) in COMMANDS.items():
        assert f"{name} " in ran.out
        assert text in ran.out


def loaded_by(*arguments, cwd):
    """Return the modules that a process has loaded when a command has ended."""
    program = "import sys; from schedules.cli.main import run_program; run_program(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, encoding="utf-8", check=True, cwd=cwd
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_is_quick(tmp_path):
    """`khobao --help` imports no slow module."""
    slow = {"asyncio", "datasette", "httpx", "lxml", "pydantic", "rich", "selectolax", "sqlite_utils", "trafilatura"}

    assert set() == slow & loaded_by("--help", cwd=tmp_path)


SLOW = {"datasette", "feedparser", "fsspec", "httpx", "lxml", "pydantic", "selectolax", "sqlite_utils", "trafilatura"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (("search", "cầu"), {"asyncio", "rich", "warcio"}),
        (("search", "cầu", "--json"), {"asyncio", "rich", "warcio"}),
        (("show", "PAGE"), {"asyncio", "rich", "warcio"}),
        (("stories",), {"asyncio", "warcio"}),
        (("changes",), {"asyncio", "warcio"}),
        (("status",), {"asyncio", "warcio", "structlog"}),
        (("status", "--json"), {"asyncio", "rich", "warcio", "structlog"}),
    ],
)
def test_a_command_that_only_reads_imports_little(tmp_path, arguments, more):
    """Commands that only ask the archive import nothing that crawling, validating or migrating needs."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        crawl.see("1")
        crawl.captures.close()

    loaded = loaded_by(*(id_of("1") if word == "PAGE" else word for word in arguments), cwd=tmp_path)

    assert "archive.store.reader" in loaded
    assert set() == (SLOW | more) & loaded


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("crawl", "bao", "--limit", "0"), ("add", "http://127.0.0.1:9/tin-1.html")])
def test_the_process_that_fetches_imports_nothing_that_parses(tmp_path, monkeypatch, arguments):
    """Pages are parsed in other processes, so the parsers cost the first process neither time nor memory."""
    monkeypatch.setenv("KHOBAO_OUTLETS__FOLDER", str(tmp_path))
    (tmp_path / "bao.toml").write_text(
        "name = 'Báo'\nhome = 'http://127.0.0.1:9/'\n[sources]\nfeed = '/rss'\n", encoding="utf-8"
    )
    ArchiveWriter.create_or_open(tmp_path / "archive.db").close()

    loaded = loaded_by(*arguments, cwd=tmp_path)

    assert "schedules.pipeline.archiving" in loaded
    assert set() == {"datasette", "dateparser", "feedparser", "htmldate", "lxml", "trafilatura", "warcio"} & loaded


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("crawl", "vnexpres"), 2, "no outlet 'vnexpres'; did you mean 'vnexpress'?"),
        (("outlets", "nope"), 2, "no outlet 'nope'"),
        (("status",), 3, "no archive there"),
        (("search", "x"), 3, "no archive there"),
        (("crawl", "--limit", "-1"), 2, "-1"),
        (("search", "--since", "yesterday", "x"), 2, "'yesterday' is not a day; write it as 2026-02-04"),
        (("search", "--since", "2026-02-05", "--until", "2026-02-04", "x"), 2, "write the earlier day first"),
        (("search", '"hai chữ'), 2, "a quotation mark is not closed"),
        (("search", "--kind", "vidio", "x"), 2, "did you mean 'video'?"),
        (("changes", "--class", "gon"), 2, "did you mean 'gone'?"),
        (("search", "--lmit", "3", "x"), 2, "--limit"),
        (("read",), 2, "name pages to read"),
        (("read", "--index", "none.tsv"), 2, "none.tsv: cannot be read"),
        (("status", "--config", "none.toml"), 2, "none.toml: no such settings file"),
        (("import", "none"), 1, "none: no such file or folder"),
        (("demoo",), 2, "No such command 'demoo'; did you mean 'demo'? `khobao --help`"),
        (("xyzzy",), 2, "`khobao --help` lists the commands"),
        (("--json", "vacuum"), 2, "this command does not print JSON"),
    ],
)
def test_a_mistake_is_one_clear_line(inline, arguments, code, message):
    """Any mistake is reported in one line, with the exit code of its kind."""
    ran = inline(*arguments)

    assert message in ran.err
    assert code == ran.code


def test_shared_options_work_before_and_after_the_command(inline, tmp_path):
    """An archive that is named before the command has the same effect as after it."""
    inline("init")
    (tmp_path / "archive.db").rename(tmp_path / "moved.db")

    before, after = inline("--archive", "moved.db", "status"), inline("status", "--archive", "moved.db")

    assert (0, 0) == (before.code, after.code)
    assert "the archive is empty" in before.out
    assert before.out == after.out
    assert '"archive.path"' in inline("--json", "--archive", "x.db", "config").out


@pytest.mark.parametrize(
    "arguments", [("add", "http://x.example/1"), ("run",), ("backfill", "--since", "2026-01-01", "vov"), ("vacuum",)]
)
def test_a_mistyped_archive_is_not_created(inline, tmp_path, arguments):
    """A command that does not create archives refuses a missing path, and creates nothing."""
    ran = inline(*arguments, "--archive", "typo.db")

    assert 3 == ran.code
    assert "typo.db: no archive there; `khobao init` makes one" in ran.err
    assert [] == list(tmp_path.glob("typo*"))


def test_an_archive_that_is_created_is_named(inline, seeds):
    """A command that creates an archive says so."""
    assert "created the archive" in inline("import", seeds, "--archive", "new.db").err
    assert "created the archive" not in inline("import", seeds, "--archive", "new.db").err


def test_a_settings_file_with_an_unknown_key_is_one_clear_line(inline, tmp_path):
    """A wrong key is named with its file and with the right one."""
    (tmp_path / "khobao.toml").write_text("[network]\ngapp = 1\n", encoding="utf-8")

    ran = inline("status")

    assert (2, "khobao: khobao.toml: unknown key 'network.gapp'; did you mean 'gap'?\n") == (ran.code, ran.err)


def test_a_file_that_is_not_an_archive_is_left_alone(inline, tmp_path):
    """A file that is not an archive is refused by readers and writers, and unchanged."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("CREATE TABLE mine (x)")
    before = other.read_bytes()

    for arguments in (("status",), ("import", "x.txt")):
        ran = inline(*arguments, "--archive", "other.db")
        assert 3 == ran.code
        assert "not a khobao archive" in ran.err
    assert before == other.read_bytes()


def test_init_writes_settings_and_an_archive(inline, tmp_path, monkeypatch):
    """After `khobao init`, the folder's archive is used, and a second init changes nothing."""
    assert 0 == inline("init", "mine").code
    assert (tmp_path / "mine" / "archive.db").exists()

    again = inline("init", "mine")
    assert (2, True) == (again.code, "exists already" in again.err)
    monkeypatch.chdir(tmp_path / "mine")
    assert "the archive is empty" in inline("status").out


def test_a_page_is_read_as_a_document_or_as_json(khobao, newsstand, tmp_path):
    """`khobao read` prints the dated document of a saved page, without an archive."""
    answer = newsstand.answer("vntin.example", next(path for host, path in newsstand.addresses if "5013771" in path))
    (tmp_path / "page.html").write_bytes(answer.body)

    document = khobao("read", "page.html", "--url", "https://example.org/5013771.html")

    assert 0 == document.code, document.err
    assert document.out.startswith(" date 2026-02-04 Ông Tập đề xuất")
    assert '"url": "", "title": "Ông Tập đề xuất' in khobao("read", "page.html", "--json").out
    assert not list(tmp_path.glob("*.db"))


def test_a_bad_row_of_an_index_does_not_end_the_run(khobao, tmp_path):
    """A bad row is reported with its line, the others are read, and the exit code is 1."""
    (tmp_path / "page.html").write_text("<title>Tin</title><h1>Tin dài trong ngày</h1><p>Một câu dài để đọc thử.</p>")
    rows = ["https://a.example/x-1.html\tpage.html", "xhttps://a.example/y.html\tpage.html", "only one", "\t\t", ""]
    rows += ["https://a.example/z\tnot-there.html", "https://a.example/z-2.html\tpage.html\ttext/html"]
    (tmp_path / "index.tsv").write_text("url\tfile\ttype\n" + "\n".join(rows), encoding="utf-8")

    ran = khobao("read", "--index", "index.tsv", "--json")

    assert 1 == ran.code
    assert ["page.html", "not-there.html", "page.html"] == [json.loads(line)["file"] for line in ran.out.splitlines()]
    assert "index.tsv, line 3: not an address: 'xhttps://a.example/y.html'" in ran.err
    assert "index.tsv, line 4: a row needs an address and a file" in ran.err


def test_an_index_without_its_columns_is_a_usage_error(khobao, tmp_path):
    """The first line of an index must name its columns."""
    (tmp_path / "index.tsv").write_text("page.html\n", encoding="utf-8")

    ran = khobao("read", "--index", "index.tsv")

    assert (2, True) == (ran.code, "index.tsv, line 1: the columns url and file are required" in ran.err)


def test_an_undeclared_site_is_crawled(khobao, newsstand):
    """For an undeclared site, feeds and sections are found, and articles archived in the page's language."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}

    crawled = khobao("crawl", "http://vntin.example/thoi-su", "--archive", "a.db", env=env)
    found = khobao("search", "tàu điện", "--archive", "a.db")

    assert "Tàu điện trên cao chạy thử chuyến đêm đầu tiên trong mưa" in found.out
    assert (0, False) == (crawled.code, "gone" in crawled.out + crawled.err)  # guessed addresses of feeds


def test_a_page_is_added_by_its_address(khobao, newsstand):
    """`khobao add` archives one page; an invalid address is reported."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}
    url = next(f"http://{host}{path}" for host, path in newsstand.addresses if "5013700" in path)

    khobao("init")
    added = khobao("add", url, env=env)

    assert 0 == added.code, added.err
    assert "Tàu điện" in khobao("show", url).out
    assert "bad_address" in khobao("add", "ftp://x", env=env).err
