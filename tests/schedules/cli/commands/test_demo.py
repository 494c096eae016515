"""A new user's first minute: the demo, and the commands that it suggests."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

ARCHIVE = ("--archive", "khobao-demo/archive.db")


@pytest.fixture(scope="module")
def khobao(runner, tmp_path_factory):
    """Run the program, in one folder for all tests of this file."""
    return runner(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo(khobao):
    """The first run of the demo in that folder."""
    first = khobao("demo")

    assert 0 == first.code, first.err
    return first


def test_the_demo_shows_a_table_a_document_and_what_to_try_next(demo):
    """The demo archives the articles, says what it skipped and why, and shows one whole document."""
    for outlet in ("biendong", "cholon", "phuongnam", "songhong", "vntin"):
        assert f"\n{outlet}" in f"\n{demo.out}"
    for why in ("no date", "video", "listing", "gone", "robots", "foreign"):
        assert why in demo.out
    assert " date 2026-02-04 Ông Tập đề xuất 'kế hoạch lớn' với ông Putin để phát triển quan hệ\n" in demo.out
    assert "Ngọc Ánh (Theo SCMP, Xinhua, Reuters)\n" in demo.out
    assert "khobao search" in demo.out


def test_the_demo_groups_one_story_that_four_outlets_reported(demo, khobao):
    """Nothing else that the outlets invent looks like one event, and no text looks like a copy."""
    stories = [json.loads(line) for line in khobao("stories", *ARCHIVE, "--json").out.splitlines()]

    assert [4] == [len({told["outlet"] for told in story["tellings"]}) for story in stories]
    assert [None] * 4 == [told["copy_of"] for story in stories for told in story["tellings"]]


def test_the_demo_offers_to_browse_its_archive_first(demo):
    """The first thing to try next is the archive in the browser."""
    _, _, after = demo.out.partition("Try next:")
    first = next(line.strip() for line in after.splitlines() if "khobao" in line)

    assert first.endswith("khobao browse --open --archive khobao-demo/archive.db")


@pytest.mark.slow
def test_the_demo_opens_its_archive_in_the_browser(tmp_path):
    """`khobao demo --open` calls the browser with a page that answers, although another program has the usual port."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    os.mkfifo(opened)
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n', encoding="utf-8")
    browser.chmod(0o755)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # another program has it already, which is as well
            other.bind(("127.0.0.1", 8001))
            other.listen()
        running = subprocess.Popen(
            [sys.executable, "-c", "from schedules.cli.main import main; main()", "demo", "--open"],
            cwd=tmp_path,
            env=os.environ | {"BROWSER": f"{browser} %s", "KHOBAO_READING__WORKERS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        address = opened.read_text(encoding="utf-8").strip()
        with urllib.request.urlopen(address, timeout=60) as page:
            text = page.read().decode()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/today", address)
    assert "<title>" in text
    assert "Traceback" not in said
    assert running.returncode in {0, 130}, said


def test_a_second_demo_finds_nothing_new_and_says_so(demo, khobao):
    """Archived articles are not fetched again."""
    again = khobao("demo")

    assert 0 == again.code
    assert "nothing new" in again.out


def test_the_archive_of_the_demo_answers(demo, khobao):
    """The suggested commands work, and `check` finds nothing wrong."""
    found = khobao("search", *ARCHIVE, "dien dam", "--json")
    hits = [json.loads(line) for line in found.out.splitlines()]
    url = hits[0]["url"]

    assert {"biendong", "phuongnam"} <= {hit["outlet"] for hit in hits}
    assert "state       archived" in khobao("why", *ARCHIVE, url).out
    assert hits[0]["title"] in khobao("show", *ARCHIVE, hits[0]["id"]).out.splitlines()[0]
    assert "phuongnam" in khobao("status", *ARCHIVE).out
    assert "0 errors found" in khobao("check", *ARCHIVE).out


def test_why_explains_a_rejection(demo, khobao):
    """For a rejected page, the ledger shows its source, its response, and the reason."""
    story = khobao("why", *ARCHIVE, "http://cholon.example/tin.asp?muc=7&id=2190").out

    assert "in http://cholon.example/tin-tuc.asp" in story
    assert "200  rejected: no_date" in story
    assert "read, and not archived: no_date" in story


def test_an_alias_leads_to_its_article(demo, khobao):
    """A second slug of an article is an alias, and is not fetched."""
    story = khobao("why", *ARCHIVE, "http://vntin.example/ban-dau-tau-dien-tren-cao-ch-5013700.html").out

    assert "another address of an article" in story
    assert (
        "also at     http://vntin.example/tau-dien-tren-cao-chay-thu-chuyen-dem-dau-tien-trong-mua-5013700.html"
        in story
    )


def test_the_seeds_import_and_export_unchanged(runner, seeds, tmp_path):
    """Imported documents are exported under their ids, and import to the same records."""
    khobao = runner(tmp_path)

    assert "5 new" in khobao("import", seeds, "--archive", "a.db").out
    assert "wrote 5" in khobao("export", "out", "--archive", "a.db").out
    assert "5 unchanged" in khobao("import", "out", "--archive", "a.db").out
    for seed in ("3bee8cdf7b4e091a", "a7e22577bc353553", "7356cc60dd6123e1"):
        (written,) = (tmp_path / "out").glob(f"???_{seed}.txt")
        (given,) = seeds.glob(f"???_{seed}.txt")
        assert given.read_bytes() == written.read_bytes()
