"""The command `khobao outlets`: the declared outlets, and a check of their sources."""

import asyncio
import json
from functools import partial

import pytest
from livesite import HOST
from rich.console import Console

from crawler.newsstand.raw_http import ByteServer, reply
from crawler.outlets.catalogue import load_catalogue
from schedules.cli.session import Session

FEED = f"<rss version='2.0'><channel><item><link>{HOST}/cau-4954451.html</link></item></channel></rss>".encode()
DECLARATION = f"""name = "Báo"
home = "{HOST}"
article = '-(?P<key>\\d+)\\.html$'
[sources]
feed = ["/rss", {{ url = "/mat.rss", unproven = true }}]
archive = ["/{{year}}.xml"]
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with one declaration."""
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "bao.toml").write_text(DECLARATION, encoding="utf-8")
    return {"KHOBAO_OUTLETS__FOLDER": str(tmp_path / "outlets")}


def checked_with(khobao, folder, feed, *arguments):
    """Run the program while the site is online with this feed."""

    async def meanwhile():
        async with ByteServer({f"{HOST}/rss": reply(200, feed, Content_Type="application/rss+xml")}) as server:
            env = folder | {"KHOBAO_NETWORK__PROXY": f"http://127.0.0.1:{server.port}", "KHOBAO_NETWORK__GAP": "0"}
            return await asyncio.to_thread(khobao, *arguments, env=env)

    return asyncio.run(meanwhile())


@pytest.fixture
def checked(khobao, folder):
    """Run the program while the site is online."""
    return partial(checked_with, khobao, folder, FEED)


def test_declared_outlets_are_listed(khobao, folder):
    """A user's outlet is listed among the built-in ones, with its sources and whether they are proven."""
    (row,) = (line for line in khobao("outlets", env=folder).out.splitlines() if line.startswith("bao "))

    assert ["bao", "Báo", HOST, "3", "-", "1", "unproven"] == row.split()
    assert "Báo" == json.loads(khobao("outlets", "bao", "--json", env=folder).out)["name"]


def test_the_list_of_outlets_is_readable_in_80_columns(inline, monkeypatch):
    """In a narrow terminal each name stands on at most two lines; the home pages give way to it."""
    monkeypatch.setattr(Session, "out", Console(width=80))

    header, *rows = inline("outlets").out.splitlines()

    assert "home" not in header
    assert len(rows) <= 2 * len(load_catalogue())
    assert not [row for row in rows if len(row) > 80]


def test_a_check_polls_every_source_and_archives_nothing(checked, tmp_path):
    """Each source is listed with its links or its failure; a failure gives exit code 1."""
    ran = checked("outlets", "bao", "--check")

    assert 1 == ran.code
    assert {f"bao: feed {HOST}/rss: 1 articles", f"bao: feed {HOST}/mat.rss: gone: 404 Not Found"} == set(
        ran.out.splitlines()
    )
    assert not list(tmp_path.glob("**/archive.db"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<rss><channel></channel></rss>", "0 articles (it lists no address)"),
        (b"<rss><channel><item><link>%s/lien-he</link></item></channel></rss>", "left out: 1 not an article"),
        (b"<rss><channel><item><title>Tin</title></item></channel></rss>", "1 entries have no address"),
        (b"<sitemapindex><sitemap><loc>%s/a.xml</loc></sitemap></sitemapindex>", "0 articles (1 sitemaps)"),
    ],
)
def test_a_check_says_why_a_source_gave_nothing(khobao, folder, content, told):
    """A source without articles is listed with what it holds instead."""
    ran = checked_with(khobao, folder, content.replace(b"%s", HOST.encode()), "outlets", "bao", "--check")

    assert told in next(line for line in ran.out.splitlines() if f"{HOST}/rss" in line)


def test_a_check_in_json_has_an_object_per_source(checked):
    """`--check --json` prints one JSON object per source."""
    told = [json.loads(line) for line in checked("outlets", "bao", "--check", "--json").out.splitlines()]

    assert {(f"{HOST}/rss", 1, None), (f"{HOST}/mat.rss", 0, "gone")} == {
        (poll["url"], poll["candidates"], poll["failure"] and poll["failure"]["reason"]) for poll in told
    }


def test_health_is_shown_after_a_crawl(checked, khobao, folder):
    """After a crawl, an outlet's row shows how many of its sources fail."""
    checked("crawl", "bao", "--limit", "0", "--archive", "a.db")

    (row,) = (
        line for line in khobao("outlets", "--archive", "a.db", env=folder).out.splitlines() if line[:4] == "bao "
    )
    assert "1/2 failing" in row


def test_the_outlets_of_a_share_are_printed_for_other_commands(inline):
    """--shard prints ids alone, all shares together are all outlets, and a wrong share is one line."""
    shares = [inline("outlets", "--shard", f"{n}/3").out.split() for n in (1, 2, 3)]
    wrong = inline("outlets", "--shard", "4/3")

    assert sorted(load_catalogue()) == sorted(name for share in shares for name in share)
    assert (2, True) == (wrong.code, "--shard 2/8" in wrong.err)
