"""The command line: one clear line and the right exit code, whatever is typed."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from schedules.cli.main import COMMANDS

ADDRESS = "http://vntin.example/"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(khobao, name):
    """Each command says what it does, and takes the common options."""
    ran = khobao(name, "--help")

    assert 0 == ran.code, ran.err
    assert "--archive FILE" in ran.out
    assert "--config FILE" in ran.out


def test_help_names_every_command(khobao):
    """`khobao --help` lists the commands with a line each."""
    ran = khobao("--help")

    for name, (_, text) in COMMANDS.items():
        assert name in ran.out
        assert text in ran.out


def test_help_is_quick():
    """`khobao --help` imports nothing that is slow to import."""
    slow = {"asyncio", "datasette", "httpx", "lxml", "pydantic", "rich", "selectolax", "sqlite_utils", "trafilatura"}
    told = "import sys; from schedules.cli.main import _run; _run(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, encoding="utf-8", check=True)

    assert set() == slow & set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("crawl", "vnexpres"), 2, "no outlet 'vnexpres'; did you mean 'vnexpress'?"),
        (("outlets", "nope"), 2, "no outlet 'nope'"),
        (("status",), 3, "no archive there"),
        (("search", "x"), 3, "no archive there"),
        (("crawl", "--limit", "-1"), 2, "-1"),
        (("search", "--since", "yesterday", "x"), 2, "'yesterday' is no day; write it as 2026-02-04"),
        (("read",), 2, "name pages to read"),
        (("read", "--index", "none.tsv"), 2, "none.tsv: cannot be read"),
        (("read", "none.html"), 1, "none.html"),
        (("status", "--config", "none.toml"), 2, "none.toml: no such settings file"),
        (("import", "none"), 1, "none: no such file or folder"),
        (("demoo",), 2, "No such command"),
    ],
)
def test_a_mistake_is_one_clear_line(khobao, arguments, code, said):
    """A mistake of any kind is told in one line, with the exit code of its kind."""
    ran = khobao(*arguments)

    assert said in ran.err
    assert code == ran.code
    assert "Traceback" not in ran.err


def test_a_settings_file_with_an_unknown_key_is_one_clear_line(khobao, tmp_path):
    """A wrong key is named with its file and with the right one."""
    (tmp_path / "khobao.toml").write_text("[network]\ngapp = 1\n", encoding="utf-8")

    ran = khobao("status")

    assert (2, "khobao: khobao.toml: unknown key 'network.gapp'; did you mean 'gap'?\n") == (ran.code, ran.err)


def test_a_file_that_is_no_archive_is_left_alone(khobao, tmp_path):
    """A file of something else is refused by readers and writers, and not touched."""
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("CREATE TABLE mine (x)")
    before = other.read_bytes()

    for arguments in (("status",), ("import", "x.txt")):
        ran = khobao(*arguments, "--archive", "other.db")
        assert 3 == ran.code
        assert "not a khobao archive" in ran.err
    assert before == other.read_bytes()


def test_init_writes_settings_and_an_archive(khobao, tmp_path):
    """After `khobao init`, the folder's own archive is used, and a second init touches nothing."""
    assert 0 == khobao("init", "mine").code
    assert (tmp_path / "mine" / "archive.db").exists()

    again = khobao("init", "mine")
    assert (2, True) == (again.code, "already there" in again.err)
    assert "the archive is empty" in khobao("status", cwd=tmp_path / "mine").out


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
    """A row that cannot be read is told with its line, the rest is read, and the exit code is 1."""
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
    """The first line of an index names its columns."""
    (tmp_path / "index.tsv").write_text("page.html\n", encoding="utf-8")

    ran = khobao("read", "--index", "index.tsv")

    assert (2, True) == (ran.code, "index.tsv, line 1: the columns url and file are required" in ran.err)


def test_a_site_that_nobody_declared_is_crawled(khobao, newsstand):
    """An address alone is enough: feeds and sections are found, and articles archived, in the page's language."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}

    khobao("crawl", "http://vntin.example/thoi-su", "--archive", "a.db", env=env)
    found = khobao("search", "tàu điện", "--archive", "a.db")

    assert "Tàu điện trên cao chạy thử chuyến đêm đầu tiên trong mưa" in found.out


def test_a_page_is_added_by_its_address(khobao, newsstand):
    """`khobao add` archives one page; an address that is none is told so."""
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0"}
    url = next(f"http://{host}{path}" for host, path in newsstand.addresses if "5013700" in path)

    added = khobao("add", url, "--archive", "a.db", env=env)

    assert 0 == added.code, added.err
    assert "Tàu điện" in khobao("show", url, "--archive", "a.db").out
    assert "bad_address" in khobao("add", "ftp://x", "--archive", "a.db", env=env).err
