"""The archive's pages, answered by a lake."""

import asyncio
import json
from datetime import date

import pytest
from lakefiles import add_part

from archive.browse.charts import renderer
from archive.browse.serve import ServeOptions, running_lake
from archive.browse.served_lake import LakeOutlets
from archive.browse.views import VIEWS
from archive.lake.compaction import compact_lake
from archive.lake.layout import open_lake
from archive.lake.manifest import read_manifest
from archive.lake.reader import LakeReader
from archive.lake.sessions import lake_session
from archive.lake.words import count_words
from archive.record import article_id
from archive.search.model import Filters
from archive.search.query import parse_query

HOSTILE = "<script>alert(1)</script> mưa"
SECRET = "Kho thóc " + "giấu kín " * 80
OUTLETS = LakeOutlets({"vntin": "Tin Việt"}, {"vntin": "Asia/Ho_Chi_Minh"})
ARTICLES = (
    ("1", 0, {"title": "Mưa lớn ở Huế", "text": "Mưa lớn làm ngập đường.", "day": date(2024, 2, 5)}),
    ("2", 0, {"title": "Giá lúa", "text": "Lúa được giá sau mưa, vụ lớn nhất vùng.", "day": date(2024, 2, 5)}),
    ("3", 0, {"title": HOSTILE, "text": "Hết mưa rồi.", "day": date(2024, 3, 1)}),
    ("4", 0, {"title": "Kho thóc", "text": SECRET, "day": date(2024, 3, 2), "noarchive": True}),
    ("5", 0, {"title": "Nắng", "text": "Nắng to.", "day": date(2023, 12, 31), "outlet": "song"}),
)


def make_lake(place):
    """Make a lake of five articles in four months."""
    add_part(place, "a", *ARTICLES)
    folder = open_lake(str(place))
    compact_lake(folder)
    return folder


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake whose words are counted; no test changes it."""
    folder = make_lake(tmp_path_factory.mktemp("lakes") / "it's a lake")
    count_words(folder)
    return folder


@pytest.fixture(scope="module")
def uncounted(tmp_path_factory):
    """The same lake before its words are counted."""
    return make_lake(tmp_path_factory.mktemp("lakes") / "uncounted")


def ask(folder, *addresses, before=lambda: None, options=None, host="localhost"):
    """Return the responses to addresses; the lake may change after it is opened."""

    async def answers():
        async with running_lake(folder, OUTLETS, options) as datasette:
            before()
            return [await datasette.client.get(address, headers={"Host": host}) for address in addresses]

    return asyncio.run(answers())


def ask_json(folder, address, **options):
    """Return the JSON of a page."""
    (answer,) = ask(folder, address, **options)
    assert 200 == answer.status_code, answer.text
    return json.loads(answer.text)


def test_a_day_lists_its_headlines(lake):
    """The front page is the newest day; each day knows the nearest days that have articles, in other months too."""
    front, newest = ask(lake, "/", "/today.json")
    day = ask_json(lake, "/today/2024-02-05.json")

    assert (302, "/today") == (front.status_code, front.headers["location"])
    assert "2024-03-02" == json.loads(newest.text)["day"]
    assert ("2023-12-31", "2024-03-01", 2) == (day["previous"], day["next"], day["total"])
    assert ["Tin Việt"] == [outlet["name"] for outlet in day["outlets"]]
    assert {"Mưa lớn ở Huế", "Giá lúa"} == {row["title"] for row in day["outlets"][0]["headlines"]}


def test_an_article_is_shown_by_its_id_and_by_its_address(lake):
    """An article has its text, its place in the file that it came from, and the forms that an archive's has."""
    name = article_id("vntin", "1")
    by_id = ask_json(lake, f"/article/{name}.json")
    by_url = ask_json(lake, "/article.json?url=https://vntin.example/vet-trang-1.html")
    text, bib, missing = ask(lake, f"/article/{name}.txt", f"/article/{name}.bib", "/article/0000000000000000.json")

    assert by_id == by_url
    assert ("Mưa lớn ở Huế", {"warc": "a", "offset": 0}) == (by_id["title"], by_id["place"])
    assert " date 2024-02-05 Mưa lớn ở Huế\n\nMưa lớn làm ngập đường." == text.text
    assert "journal = {Tin Việt}" in bib.text
    assert (404, "no article '0000000000000000' in this lake") == (missing.status_code, missing.json()["error"])


def test_outlets_are_listed_with_their_days(lake):
    """Each outlet has its articles of the last weeks of the lake; an unknown one is named."""
    listed = {row["id"]: row for row in ask_json(lake, "/outlets.json")["outlets"]}
    one = ask_json(lake, "/outlet/vntin.json")
    feed, missing = ask(lake, "/outlet/vntin.atom", "/outlet/nobody.json")

    assert (4, 0) == (listed["vntin"]["articles"], listed["song"]["articles"])
    assert {"2024-02-05": 2, "2024-03-01": 1, "2024-03-02": 1} == one["coverage"]
    assert "Kho thóc" == one["articles"][0]["title"]
    assert feed.text.count("<entry>") == 4
    assert (404, "no outlet 'nobody' in this lake") == (missing.status_code, missing.json()["error"])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("mưa", {"Mưa lớn ở Huế", "Giá lúa", HOSTILE}),
        ("MƯA", {"Mưa lớn ở Huế", "Giá lúa", HOSTILE}),
        ("mua", set()),
        ("mư", set()),
        ("mưa lớn", {"Mưa lớn ở Huế"}),
        ("mưa AND lớn", {"Mưa lớn ở Huế", "Giá lúa"}),
        ("mưa NOT lớn", {HOSTILE}),
        ("nắng OR huế", {"Nắng", "Mưa lớn ở Huế"}),
        ("lú*", {"Giá lúa"}),
        ('"huế mưa"', set()),
        ("xyzzy", set()),
    ],
)
def test_a_query_finds_and_counts_articles(lake, uncounted, query, titles):
    """Words match as written, in any case; the search lists what the timeline counts, with words counted or not."""
    span = f"&since=2023-12-01&until=2024-03-31&q={query}"
    found = ask_json(lake, f"/search.json?{span}")
    counted = ask_json(lake, f"/timeline.json?unit=month{span}")
    again = ask_json(uncounted, f"/timeline.json?unit=month{span}")

    assert titles == {hit["title"] for hit in found["hits"]}
    assert len(titles) == found["found"] == sum(counted["series"][query]) == sum(again["series"][query])
    assert counted["series"] == again["series"]
    assert [1, 0, 2, 2] == [*counted["totals"][query]]


def test_a_search_without_time_says_back_to_when_texts_were_read(lake):
    """A reader that has no time left returns what it found, and from which month on; a count is not complete."""
    answers = iter([True, False, True, False])
    query = parse_query('"hết mưa" OR "mưa lớn"').as_phrases()
    with lake_session(lake.path) as session:
        reader = LakeReader(session, lake.path, read_manifest(lake), lambda: next(answers))
        found = reader.search(query, Filters(), 10)
        counted = reader.count_matches(query, "2023-01-01", "2024-12-31")

    assert ([HOSTILE], "2024-03") == ([row["title"] for row in found.rows], found.back_to)
    assert (1, False) == (sum(counted.cells.values()), counted.complete)


def test_the_pages_are_drawn_without_what_a_lake_lacks(lake, monkeypatch):
    """HTML pages escape hostile texts, link only to pages that a lake answers, and run no script."""
    monkeypatch.setattr(renderer, "is_available", lambda: False)  # the tables are enough here
    addresses = ("/today/2024-03-01", "/search?q=mưa", "/timeline?q=mưa&lang=vi", "/outlets", "/outlet/vntin")
    pages = ask(lake, *addresses, f"/article/{article_id('vntin', '3')}")
    served = {view.path.partition("(")[0].partition("/(")[0] for view in VIEWS}

    for page in pages:
        assert 200 == page.status_code, page.text
        assert "<script" not in page.text
        assert "default-src 'none'; style-src 'self'" in page.headers["content-security-policy"]
        for lacking in ("/stories", "/changes", "/concordance", "/compare", "/words", "/collocates", "/watches"):
            assert f'href="{lacking}' not in page.text, page.url
            assert lacking.strip("/") in {path.strip("/") for path in served}
    assert "Hồ dữ liệu tìm từ đúng như đã viết, có dấu." in pages[2].text


@pytest.mark.parametrize(
    "address", ["/stories", "/story/1", "/changes", "/words?q=a", "/compare?q=a", "/watches", "/rising", "/concordance"]
)
def test_what_a_lake_cannot_answer_is_one_line(lake, address):
    """A page of the archive that a lake has nothing for says so."""
    path, _, query = address.partition("?")
    (answer,) = ask(lake, f"{path}.json?{query}")

    assert 404 == answer.status_code
    assert "a lake cannot answer this page; `khobao browse` shows it for an archive" == answer.json()["error"]


@pytest.mark.parametrize(
    "address",
    ["/_memory", "/_memory?sql=select+1", "/-/databases.json", "/-/settings", "/_internal", "/capture/1.warc"],
)
def test_datasettes_own_pages_are_closed(lake, address):
    """A lake shows no database, no SQL and no settings of the server."""
    (answer,) = ask(lake, address)

    assert 404 == answer.status_code
    assert len(answer.text) < 2000


def test_an_unknown_host_is_refused(lake):
    """Another site cannot read a lake through a visitor's browser."""
    (answer,) = ask(lake, "/today.json", host="evil.example")
    (named,) = ask(lake, "/today.json", host="lake.example", options=ServeOptions(hosts=("lake.example",)))

    assert [421, 200] == [answer.status_code, named.status_code]


def test_strangers_see_no_text_marked_noarchive(lake):
    """With --public, a text that its outlet keeps from archives is only an excerpt on every page."""
    name = article_id("vntin", "4")
    addresses = (
        *("/today/2024-03-02", "/search?q=giấu", "/search.json?q=kín", "/search.atom?q=giấu", "/search.csv?q=giấu"),
        *(f"/article/{name}", f"/article/{name}.json", f"/article/{name}.txt", f"/article/{name}.jsonld"),
        *("/outlet/vntin.json", "/outlet/vntin.atom", "/timeline.json?q=giấu"),
    )
    public = ask(lake, *addresses, options=ServeOptions(public=True))
    private = ask(lake, f"/article/{name}.json")

    assert 40 > max(answer.text.count("giấu kín") for answer in public)
    assert "a.warc" not in "".join(answer.text for answer in public)
    assert 80 <= private[0].text.count("giấu kín")


@pytest.mark.parametrize(
    "address",
    [
        f"/search?q={'a' * 32_000}",
        "/search?q=%00%00",
        "/search?q=%ff%fe",
        "/search?q=%ED%A0%80",
        "/search?q=(a%7Cb)*.*%5B",
        f"/search?q=a&page={'9' * 5000}",
        "/search?q=a&since=2024-13-01",
        "/search?q=a&since=9999-12-31&until=0001-01-01",
        "/timeline?q=a&until=0001-01-02",
        "/timeline?" + "&".join(f"q=w{i}" for i in range(2000)),
        "/today/9999-12-31",
        "/today/0001-01-01",
        f"/article/{'9' * 5000}",
        "/article?url=%27%20OR%201=1",
        "/outlet/%27",
    ],
)
def test_long_and_odd_requests_are_answered_briefly(lake, address):
    """The response to any long or unusual request is short and no error of the server."""
    (answer,) = ask(lake, address)

    assert answer.status_code in {200, 400, 404}, answer.text
    assert len(answer.text) < 60_000
    assert "Traceback" not in answer.text


def test_a_compaction_is_shown_at_once_and_a_lost_file_is_one_line(tmp_path):
    """The next request sees a new compaction; if a file of the lake is gone, the page says what to do."""
    lake = make_lake(tmp_path / "lake")

    def grow():
        add_part(lake.path, "b", ("6", 0, {"title": "Mới", "text": "Mưa mới.", "day": date(2024, 4, 1)}))
        compact_lake(lake)

    def lose():
        for file in (lake.path / "articles").rglob("*.parquet"):
            file.unlink()

    assert "2024-04-01" == ask_json(lake, "/today.json", before=grow)["day"]
    (answer,) = ask(lake, "/today.json", before=lose)
    assert 503 == answer.status_code
    assert "the lake cannot be read just now; `khobao lake check` finds out why" == answer.json()["error"]
