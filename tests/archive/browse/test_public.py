"""What strangers can reach of an archive that is shown to the public."""

import asyncio
import html
import re
from urllib.parse import urlsplit

import pytest
import shelf

from archive.browse.serve import ServeOptions, running
from archive.record import article_id

pytestmark = pytest.mark.slow  # starts processes, or looks at many cases

HIDDEN = article_id("song", "4")
# The text that says noarchive is "Bí mật" eighty times over; an excerpt has less than forty.
MOST = 40
SEEDS = (
    *("/", "/today/2026-02-04", "/changes", "/stories", "/outlets", "/timeline?q=bi+mat", "/search?q=bi+mat"),
    *("/concordance?q=bi+mat", "/concordance.json?q=mat&sort=left", "/concordance.csv?q=bi+mat", "/compare?q=bi+mat"),
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
        "articles_folded",
        "articles_fts_content",
    ),
)


@pytest.fixture(scope="module")
def reached(tmp_path_factory):
    """Every address that a stranger who follows every link comes to, with its answer."""
    path = tmp_path_factory.mktemp("public") / "archive.db"
    shelf.fill(path)
    tables = [
        f"/archive/{table}{rest}"
        for table in TABLES
        for rest in ("", ".json", ".csv", "/1", "/1.json", "?_search=mat", f"/{HIDDEN}")
    ]
    return asyncio.run(walk(path, (*SEEDS, *tables)))


async def walk(path, seeds):
    """What a site answers, from these addresses on; the same page in other orders is asked for once."""
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
    """Whether a link leads to another page, and not to the same in another order or language."""
    return not re.search(r"_sort|_facet_size|_next|_dl|_hide_sql|lang=|[?&]q=script", urlsplit(link).query)


def test_a_stranger_comes_far(reached):
    """The walk meets every kind of page there is."""
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
        "/archive/headlines",
    ):
        assert any(address.startswith(start) for address in shown), start
    assert len(shown) > 60


def test_no_text_that_says_noarchive_is_shown(reached):
    """Wherever a stranger looks, of a text that its outlet wants out of archives there is an excerpt at the most."""
    assert [] == [a for a, answer in reached.items() if answer.text.lower().count("bí mật") >= MOST]
    assert [] == [a for a, answer in reached.items() if answer.text.count("B\\u00ed m\\u1eadt") >= MOST]


@pytest.mark.parametrize("table", TABLES)
def test_tables_of_texts_and_of_the_ledger_are_closed(reached, table):
    """Neither their rows nor their columns are shown, in no format."""
    asked = {a: r.status_code for a, r in reached.items() if re.match(rf"/archive/{table}(?:[./?]|$)", a)}

    assert len(asked) >= 7
    assert set(asked.values()) <= {403, 404}


def test_nothing_tells_of_the_machine(reached):
    """No answer has the path of the file, the version of a library or the name of a capture."""
    for address, answer in reached.items():
        if answer.status_code == 200 and "static" not in address:
            assert "archive.db" not in answer.text.replace("archive.db/", ""), address
            assert "/tmp/" not in answer.text, address
            assert "a.warc" not in answer.text, address


def test_datasettes_own_innards_are_closed(reached):
    """What Datasette tells of itself is for who runs it."""
    own = {a: reached[a].status_code for a in SEEDS if a.startswith("/-/")}

    assert {"/-/actor.json"} == {address for address, code in own.items() if code != 403}


def test_who_may_not_read_a_text_cannot_read_it_by_searching(reached):
    """A search finds an article that says noarchive, and shows how it begins, whatever was looked for."""
    (hit,) = reached["/search.json?q=bi+mat"].json()["hits"]

    assert hit["snippet"].startswith("Bí mật Bí mật")
    assert hit["snippet"].endswith("…")


def test_every_answer_has_its_headers(reached):
    """Pages of ours, of Datasette's, refusals, feeds and files alike."""
    for address, answer in reached.items():
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
        assert "nosniff" == answer.headers["x-content-type-options"], address
