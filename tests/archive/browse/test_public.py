"""Public mode: the pages that strangers can reach."""

import asyncio
import html
import re
from urllib.parse import urlsplit

import pytest
import shelf

from archive.browse.serve import ServeOptions, running
from archive.record import article_id

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

HIDDEN = article_id("song", "4")
# The text marked noarchive is "Bí mật" eighty times; an excerpt has less than forty.
MOST = 40
SEEDS = (
    *("/", "/today/2026-02-04", "/changes", "/stories", "/outlets", "/timeline?q=bi+mat", "/search?q=bi+mat"),
    *("/concordance?q=bi+mat", "/concordance.json?q=mat&sort=left", "/concordance.csv?q=bi+mat", "/compare?q=bi+mat"),
    *("/words?q=bi+mat", "/words.json?q=mat", "/words.csv?outlet=song", "/collocates?q=mat", "/collocates.json?q=bi"),
    *("/rising", "/rising.json", "/watches", "/watches.json?q=a", "/watch/da-nang", "/watch/da-nang.atom"),
    *("/compare.csv?q=mat", "/search.csv?q=bi+mat", "/timeline.csv?q=mat", f"/article/{HIDDEN}?q=mat"),
    *("/search?q=mat&recent=1", "/search.atom?q=bi+mat", "/search.json?q=bi+mat", "/outlet/song", "/outlet/song.json"),
    *("/outlet/song.atom", "/changes.atom", "/changes.json", f"/article/{HIDDEN}", f"/article/{HIDDEN}.json"),
    *(f"/article/{HIDDEN}.txt", f"/change/{HIDDEN}/2", "/capture/1.warc", "/archive", "/archive.json", "/archive.db"),
    "/archive?sql=select+text+from+articles",
    "/archive.json?sql=select+text+from+articles&_shape=array",
    *(f"/archive/headlines{rest}" for rest in ("", ".json", ".csv", "?_search=mat", "?_facet=title", "?_sort=title")),
    *(f"/archive/headlines{rest}" for rest in (".csv?_stream=1", "?_where=1", ".json?_extra=all")),
    "/archive/outlets?_through=%7B%22table%22%3A%22addresses%22%2C%22column%22%3A%22url%22%2C%22value%22%3A%22x%22%7D",
    "/archive/outlets?_col=id&_nocol=name",
    *(f"/-/{name}" for name in ("metadata", "settings.json", "databases.json", "plugins", "threads", "versions")),
    *("/-/config", "/-/config.json", "/-/permissions", "/-/allow-debug", "/-/patterns", "/-/messages", "/-/actor.json"),
)
TABLES = (
    *("articles", "revisions", "versions", "captures", "addresses", "requests", "sources", "runs", "robots", "hosts"),
    *(
        "tombstones",
        "copies",
        "imports",
        "lines",
        "sketches",
        "unindexed",
        "articles_fts",
        "headlines_fts",
        "headlines_folded",
        "tallies",
        "terms",
        "terms_by_week",
        "weeks",
        "watches",
        "watch_hits",
        "articles_folded",
        "articles_fts_content",
    ),
)


@pytest.fixture(scope="module")
def reached(tmp_path_factory):
    """Return every address that a stranger reaches by following links, with its response."""
    path = tmp_path_factory.mktemp("public") / "archive.db"
    shelf.fill(path)
    tables = [
        f"/archive/{table}{rest}"
        for table in TABLES
        for rest in ("", ".json", ".csv", "/1", "/1.json", "?_search=mat", f"/{HIDDEN}")
    ]
    return asyncio.run(walk(path, (*SEEDS, *tables)))


async def walk(path, seeds):
    """Follow the links from some addresses; a page in another sort order is requested only once."""
    waiting, answers = list(seeds), {}
    async with running(path, ServeOptions(public=True)) as datasette:
        while waiting and len(answers) < 600:
            address = waiting.pop(0)
            if address in answers:
                continue
            answer = answers[address] = await datasette.client.get(address)
            if "html" in answer.headers.get("content-type", ""):
                found = (html.unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', answer.text))
                waiting += [link for link in found if link.startswith("/") and is_worth_following(link)]
            elif answer.has_redirect_location:
                waiting.append(answer.headers["location"])
    return answers


def is_worth_following(link):
    """Return whether a link leads to another page, not to the same page in another order or language."""
    return not re.search(r"_sort|_facet_size|_next|_dl|_hide_sql|lang=|[?&]q=script", urlsplit(link).query)


def test_the_walk_meets_every_kind_of_page(reached):
    """A stranger who follows every link reaches every kind of page."""
    shown = {address for address, answer in reached.items() if answer.status_code == 200}

    for start in (
        "/today",
        "/article/",
        "/changes",
        "/stories",
        "/search",
        "/outlet/",
        "/timeline",
        "/concordance",
        "/compare",
        "/words",
        "/collocates",
        "/rising",
        "/archive/headlines",
    ):
        assert any(address.startswith(start) for address in shown), start
    assert len(shown) > 60


def test_no_text_marked_noarchive_is_shown(reached):
    """No page shows more than an excerpt of a text marked noarchive."""
    assert [] == [a for a, answer in reached.items() if answer.text.lower().count("bí mật") >= MOST]
    assert [] == [a for a, answer in reached.items() if answer.text.count("B\\u00ed m\\u1eadt") >= MOST]


@pytest.mark.parametrize("table", TABLES)
def test_public_mode_hides_the_ledger_and_tables_of_texts(reached, table):
    """Rows and columns of these tables are not shown in any format."""
    asked = {a: r.status_code for a, r in reached.items() if re.match(rf"/archive/{table}(?:[./?]|$)", a)}

    assert len(asked) >= 7
    assert set(asked.values()) <= {403, 404}


def test_no_page_shows_paths_or_capture_names(reached):
    """No response contains the path of the archive or the name of a captures file."""
    for address, answer in reached.items():
        if answer.status_code == 200 and "static" not in address:
            assert "archive.db" not in answer.text.replace("archive.db/", ""), address
            assert "/tmp/" not in answer.text, address
            assert "a.warc" not in answer.text, address


def test_internal_pages_of_datasette_are_closed(reached):
    """Nobody can see the server's settings, versions and metadata."""
    own = {a: reached[a].status_code for a in SEEDS if a.startswith("/-/")}

    assert {"/-/actor.json"} == {address for address, code in own.items() if code != 403}


def test_a_hidden_text_cannot_be_read_by_searching(reached):
    """A hit in a text marked noarchive shows only the beginning of the text, whatever the query."""
    (hit,) = reached["/search.json?q=bi+mat"].json()["hits"]

    assert hit["snippet"].startswith("Bí mật Bí mật")
    assert hit["snippet"].endswith("…")


def test_every_response_has_security_headers(reached):
    """Our pages, Datasette's pages, refusals, feeds and files all have the security headers."""
    for address, answer in reached.items():
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
        assert "nosniff" == answer.headers["x-content-type-options"], address


def test_saved_searches_are_private(reached):
    """What somebody watches is not shown to strangers, in any format."""
    asked = {a: r.status_code for a, r in reached.items() if a.startswith("/watch")}

    assert len(asked) >= 4
    assert {404} == set(asked.values())
    assert [] == [a for a, r in reached.items() if "/watches" in r.text and not a.startswith("/watch")]
