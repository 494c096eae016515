"""The archive's own pages, requested from a real Datasette in this process."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import pytest
import shelf

from archive.browse.serve import ServeOptions, running
from archive.record import article_id

ONE, TWO, HOSTILE, HIDDEN = (
    article_id(outlet, key) for outlet, key in (("vntin", "1"), ("vntin", "2"), ("song", "3"), ("song", "4"))
)
PAGES = (
    "/today",
    "/today/2026-02-04",
    "/today/2026-02-04?outlet=vntin",
    "/today/1999-01-01",
    f"/article/{ONE}",
    f"/article/{TWO}",
    f"/article/{HOSTILE}",
    "/article?url=https://vntin.example/tin-1.html",
    "/changes",
    "/changes?outlet=vntin&class=material",
    "/changes?since=2026-02-04&until=2026-02-04",
    f"/change/{ONE}/2",
    "/stories",
    "/search",
    "/search?q=da+nang",
    "/search?q=%22",
    "/search?q=script&outlet=song&since=2026-01-01&recent=1",
    "/outlets",
    "/outlet/vntin",
    "/outlet/song",
    "/timeline",
    "/timeline?q=da+nang&q=hết&q=&q=%22+AND",
    "/timeline?q=hết&since=2026-02-01&until=2026-02-05&outlet=vntin",
    "/timeline?q=hết&by=outlet&unit=week&as=count",
    "/concordance",
    "/concordance?q=script&sort=left",
    "/concordance?q=da+nang&outlet=vntin&since=2026-01-01&sort=right",
    "/watches",
    '/watches?q=giá+vàng+"SJC"&outlet=vntin&send=surge&mail=a@bao.example',
    "/watch/da-nang",
    "/words",
    "/words?q=script",
    "/words?q=%22",
    "/words?outlet=vntin&since=2026-02-01",
    "/collocates",
    "/collocates?q=script",
    "/rising",
    "/rising?week=2026-02-04",
    "/compare",
    "/compare?q=script",
    "/compare?q=hết&since=2026-02-01&until=2026-02-05",
)
REFUSED = {
    "/article/0000000000000000": 404,
    "/article/x.json": 404,
    "/article?url=https://nowhere.example/": 404,
    f"/change/{ONE}/1": 404,
    f"/change/{ONE}/9": 404,
    f"/change/{ONE}/x": 404,
    "/change/x/2": 404,
    "/story/1": 404,
    "/story/x": 404,
    "/outlet/nobody": 404,
    "/capture/99.warc": 404,
    "/today/2026-02-30": 400,
    "/rising?week=1999-01-01": 404,
    "/rising?week=today": 400,
    "/watch/nobody": 404,
    "/watches?q=a&send=always": 400,
    "/words?q=a&since=x": 400,
    "/today?outlet=nobody": 404,
    "/changes?since=yesterday": 400,
    "/search?q=a&page=0": 400,
    "/search?q=a&page=x": 400,
    "/timeline?q=a&since=2026-02-05&until=2026-02-04": 400,
    "/timeline?q=a&since=1900-01-01&until=2026-02-04": 400,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with an archive that has data of every kind."""
    made = tmp_path_factory.mktemp("shelf")
    shelf.fill(made / "archive.db")
    return made


def ask(path, *paths, **options):
    """Return Datasette's responses for an archive."""

    async def answers():
        async with running(path, ServeOptions(**options)) as datasette:
            return [await datasette.client.get(asked) for asked in paths]

    return asyncio.run(answers())


@pytest.fixture(scope="module")
def told(folder):
    """The responses of every page in the list, as HTML and as JSON."""
    json_paths = [path.replace("?", ".json?") if "?" in path else f"{path}.json" for path in PAGES]
    return dict(zip((*PAGES, *json_paths), ask(folder / "archive.db", *PAGES, *json_paths), strict=True))


def test_every_page_is_shown_as_html_and_as_json(told):
    """Every page works on an archive with data of every kind."""
    assert {200} == {answer.status_code for answer in told.values()}
    assert all(json.loads(answer.text) for path, answer in told.items() if ".json" in path)


def test_texts_of_the_archive_are_escaped(told):
    """A hostile headline, text, tag, section or name is shown as plain text."""
    pages = "".join(answer.text for path, answer in told.items() if ".json" not in path)

    assert "&lt;script&gt;alert(1)" in pages
    assert "<script" not in pages
    assert "<img" not in pages
    assert "onerror=alert" not in pages.replace("onerror=alert(2)&gt;", "")


def test_every_response_carries_its_headers(told):
    """Our pages allow no scripts and no external content."""
    policies = {answer.headers["content-security-policy"] for answer in told.values()}

    assert len(policies) == 1
    assert "script-src" not in policies.pop()
    assert {"nosniff"} == {answer.headers["x-content-type-options"] for answer in told.values()}


@pytest.mark.parametrize(("path", "status"), REFUSED.items())
def test_a_missing_page_is_reported_cleanly(folder, path, status):
    """A missing id, day or page gives one line, the right status and no internal details."""
    (answer,) = ask(folder / "archive.db", path)

    assert status == answer.status_code
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text.lower()


def test_an_unknown_id_names_similar_ones(folder):
    """A mistyped id gets suggestions of ids with the same beginning."""
    (answer,) = ask(folder / "archive.db", f"/article/{ONE[:12]}ffff.json")

    assert ONE in answer.json()["error"]


def test_what_was_audited_is_shown_with_what_is_missing(told):
    """An outlet's completeness links to its days with missing articles; strangers do not see the reasons."""
    every, one = told["/outlets"].text, told["/outlet/vntin"].text

    assert '<a href="/outlet/vntin#missing">33.3 %</a>' in every
    assert "<title>VnTin, 2026-02-03: 1 / 4 (2026-02-04)</title>" in every
    assert 'fill="var(--l1)"' in every
    assert ["2026-02-03", "2026-02-02"] == re.findall(r'scope="row" class="day"><a [^>]+>([\d-]+)<', one)
    assert "<td>gone 2</td>" in one
    assert "#missing" not in told["/outlet/song"].text


def test_a_day_has_its_outlets_and_its_neighbours(told):
    """The page of a day lists the articles of every outlet, and links to the neighbouring days."""
    day = told["/today/2026-02-04.json"].json()

    assert ("2026-02-03", "2026-02-05", 3) == (day["previous"], day["next"], day["total"])
    assert {"vntin": 2, "song": 1} == {outlet["id"]: outlet["articles"] for outlet in day["outlets"]}


def test_an_article_is_shown_with_its_parts(told):
    """Standfirst, caption, item and signature are marked up differently from the text."""
    article = told[f"/article/{TWO}.json"].json()

    assert ["standfirst", "text", "caption", "item", "signature"] == [p["kind"] for p in article["paragraphs"]]


def test_an_article_is_a_dated_document_at_its_txt_address(folder):
    """The dated document of an article is one link away, byte for byte."""
    (answer,) = ask(folder / "archive.db", f"/article/{ONE}.txt")

    assert " date 2026-02-04 Ông Tập điện đàm\n\nCó 15 người.\n\nHết." == answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_capture_is_a_file_to_save(folder):
    """The bytes of a WARC record are served unchanged, as a download."""
    (answer,) = ask(folder / "archive.db", "/capture/1.warc")

    assert b"WARC" == answer.content
    assert answer.headers["content-disposition"].startswith("attachment")


def test_an_edit_is_shown_word_by_word(told):
    """The list of changes and the page of a change mark removed and added words."""
    (change,) = told["/changes.json"].json()["changes"]

    assert (1, 1, "material") == (change["words_gone"], change["words_new"], change["change"])
    assert "<del>12 </del><ins>15 </ins>" in told["/changes"].text
    assert "<ins>15 </ins>" in told[f"/change/{ONE}/2"].text


def test_a_search_highlights_its_matches(told):
    """A phrase that was typed without marks is highlighted where it occurs with marks."""
    assert "<mark>Đà Nẵng</mark>" in told["/search?q=da+nang"].text


def test_share_over_time_counts_each_day(told):
    """The matching articles of each day are counted."""
    page = told["/timeline.json?q=hết&since=2026-02-01&until=2026-02-05&outlet=vntin"].json()

    assert [0, 0, 0, 1, 0] == page["series"]["hết"]


def test_marks_count_where_they_are_typed(folder):
    """A word with marks counts only itself; a word without marks counts every word that it may stand for."""
    words = ("nẵng", "nang", "nắng")
    told = ask(folder / "archive.db", *(f"/timeline.json?q={word}" for word in words))
    marked, bare, other = (sum(answer.json()["series"][word]) for word, answer in zip(words, told, strict=True))

    assert 0 == other < marked == bare


def test_deletions_and_returns_are_changes(tmp_path):
    """The list of changes and its feed show deleted and returned articles, each in its own class."""
    shelf.fill(tmp_path / "archive.db")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute(
            "INSERT INTO tombstones (article, missed_at, confirmed_at, back_at, url, reason)"
            " VALUES (?, '2026-02-05T00', '2026-02-05T10:00:00.000Z', '2026-02-06T10:00:00.000Z', 'u', 'gone')",
            (TWO,),
        )
    paths = ("/changes.json", "/changes.json?class=gone", "/changes.json?class=back&outlet=vntin", "/changes.atom")
    every, gone, back, feed = ask(tmp_path / "archive.db", *paths)

    assert ["back", "gone", "material"] == [change["change"] for change in every.json()["changes"]]
    assert [["gone"], ["back"]] == [[change["change"] for change in told.json()["changes"]] for told in (gone, back)]
    assert f"/article/{TWO}" in feed.text


def test_a_story_shows_who_copied_whom(tmp_path):
    """Each report of a story shows whose text it copied, and when it was published."""
    shelf.fill(tmp_path / "archive.db")
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db, db:
        db.execute("INSERT INTO stories VALUES (7, 'Tin', '2026-02-04T01:00:00.000Z')")
        db.execute("UPDATE articles SET story = 7 WHERE id IN (?, ?)", (ONE, HOSTILE))
        db.execute("DELETE FROM copies")
        db.execute("INSERT INTO copies (article, of, likeness) VALUES (?, ?, 0.93)", (HOSTILE, ONE))
    page, story, listed = ask(tmp_path / "archive.db", "/story/7", "/story/7.json", "/stories.json")

    assert [(None, None), (ONE, 0.93)] == [(r["copy_of"], r["likeness"]) for r in story.json()["reports"]]
    assert f'<a href="/article/{ONE}">VnTin</a>, 93' in page.text
    assert (2, 2, 1) == tuple(listed.json()["stories"][0][name] for name in ("articles", "outlets", "copies"))


@pytest.mark.parametrize("path", ["/changes.atom", "/search.atom?q=da+nang", "/outlet/vntin.atom", "/outlet/song.atom"])
def test_feeds_are_atom(folder, path):
    """Feeds are well-formed, and each entry has the elements that RFC 4287 requires."""
    (answer,) = ask(folder / "archive.db", path)
    entries = ET.fromstring(answer.content).findall("{http://www.w3.org/2005/Atom}entry")

    assert entries
    assert all(
        entry.find(f"{{http://www.w3.org/2005/Atom}}{name}") is not None
        for entry in entries
        for name in ("id", "title", "updated", "link", "author")
    )


def test_pages_speak_vietnamese(folder):
    """Labels are in the requested language, or in the one that the browser prefers."""
    (asked,) = ask(folder / "archive.db", "/outlets?lang=vi")

    assert '<html lang="vi">' in asked.text
    assert "Số bài theo ngày" in asked.text


def test_strangers_see_no_text_marked_noarchive(folder):
    """In public mode, an article marked noarchive shows only headline, link and excerpt, on every page."""
    paths = (f"/article/{HIDDEN}", f"/article/{HIDDEN}.json", "/search?q=bi+mat", "/today/2026-02-04", "/changes")
    answers = ask(folder / "archive.db", *paths, public=True)

    assert {200} == {answer.status_code for answer in answers}
    assert all(answer.text.count("Bí mật") < 40 for answer in answers)


@pytest.mark.parametrize(
    "path",
    [
        "/archive?sql=select+1",
        "/archive/articles",
        "/archive/revisions",
        "/archive/addresses.json",
        "/archive/versions",
        "/archive.db",
        "/capture/1.warc",
        f"/article/{HIDDEN}.txt",
    ],
)
def test_strangers_are_kept_from_sql_ledger_and_texts(folder, path):
    """Public mode has no SQL, no downloads, and no tables with texts or the ledger."""
    (answer,) = ask(folder / "archive.db", path, public=True)

    assert answer.status_code in {403, 404}


def test_strangers_may_see_headlines(folder):
    """The tables without texts stay readable in public mode."""
    answers = ask(
        folder / "archive.db",
        "/archive/headlines.json",
        "/archive/outlets",
        "/archive/taken_down?outlet=%25",
        public=True,
    )

    assert [200, 200, 200] == [answer.status_code for answer in answers]


def test_robots_txt_disallows_crawlers(folder):
    """robots.txt disallows everything: search engines must not list the archive beside the outlets."""
    (answer,) = ask(folder / "archive.db", "/robots.txt")

    assert "User-agent: *\nDisallow: /\n" == answer.text


def test_the_front_page_leads_to_today(folder, tmp_path):
    """`/` redirects to the newest day if an archive is served; otherwise it is Datasette's own page."""
    import sqlite_utils

    with closing(sqlite_utils.Database(tmp_path / "other.db")) as other:
        other["t"].insert({"a": 1})
    ours, theirs, nothing = (
        *ask(folder / "archive.db", "/"),
        *ask(tmp_path / "other.db", "/", "/today"),
    )

    assert (302, "/today") == (ours.status_code, ours.headers["location"])
    assert (200, 404) == (theirs.status_code, nothing.status_code)


def test_tables_and_columns_are_described(folder):
    """Datasette shows the schema's descriptions of tables and columns, and canned queries can be run."""
    articles, query = ask(
        folder / "archive.db", "/archive/articles", "/archive/headlines_of_a_day.json?date=2026-02-04&_shape=array"
    )

    assert "the outlet-local civil date" in articles.text
    assert 3 == len(query.json())


def test_a_removed_file_gives_a_clean_page(tmp_path):
    """If the served archive disappears, the page says so in one line."""
    shelf.fill(tmp_path / "archive.db")

    async def answers():
        async with running(tmp_path / "archive.db") as datasette:
            for file in tmp_path.glob("archive.db*"):
                file.unlink()
            return [await datasette.client.get(path) for path in ("/today", "/archive/articles")]

    for answer in asyncio.run(answers()):
        assert answer.status_code in {404, 503}
        assert "Traceback" not in answer.text


def test_datasettes_own_pages_are_of_the_house(folder):
    """Tables, queries and errors of Datasette have our navigation and colours; rows come before notes on columns."""
    pages = ask(
        folder / "archive.db", "/archive", "/archive/articles", "/archive/articles/1", "/archive/nothing", "/-/nothing"
    )

    for page in pages:
        assert 'href="/stories"' in page.text
        assert "datasette.css" in page.text
    home, table, row, *missing = (page.text for page in pages)
    assert "select date, outlet, title" in home
    assert 'href="/archive/headlines_of_a_day?date=2026-02-05"' in home
    assert "order by number desc limit 50</textarea>" in home
    assert table.index("<tbody>") < table.index("column-notes")
    assert "<dt>text</dt>" in row
    assert [404, 404] == [page.status_code for page in pages[3:]]
    assert all('role="alert"' in text or "404" in text for text in missing)


def test_the_other_reading_of_a_query_keeps_the_filters(told):
    """The link that finds the words anywhere keeps outlet, days, sorting and the other queries."""
    lines = told["/concordance?q=da+nang&outlet=vntin&since=2026-01-01&sort=right"].text
    shares = told["/timeline?q=da+nang&q=hết&q=&q=%22+AND"].text

    assert "/concordance?q=da+AND+nang&amp;outlet=vntin&amp;since=2026-01-01&amp;sort=right" in lines
    assert "/timeline?q=da+AND+nang&amp;q=h%E1%BA%BFt&amp;" in shares


def test_a_query_without_a_word_has_no_typical_words(told):
    """A query of only punctuation finds nothing; it does not stand for the whole archive."""
    page = told["/words?q=%22"]

    assert "nothing found" in page.text
    assert "<table" not in page.text
