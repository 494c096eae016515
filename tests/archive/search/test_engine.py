"""Searching Vietnamese as people type it, with and without marks, in the seeds and in other texts."""

import sqlite3
import unicodedata
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.record import Document, Record, article_id, loads
from archive.search import engine as search
from archive.search.folding import fold, spellings
from archive.search.model import Filters, SearchResult
from archive.search.query import MOST_CHARACTERS, SCATTERED, MatchLevel, parse_query
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter

NOW = datetime(2026, 2, 6, tzinfo=UTC)
SEEDS = Path(__file__).parents[3] / "seeds"


def record(text, title="Tin", outlet="vntin", day=date(2026, 2, 4), **facts) -> Record:
    """Return a record whose id is derived from its headline and text."""
    document = Document(day, title, text)
    return Record(id=article_id(outlet, title + text), outlet=outlet, url=None, document=document, **facts)


@pytest.fixture
def archive(tmp_path):
    """An empty archive."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        yield archive


@pytest.fixture
def keep(archive):
    """Archive new records."""

    def keep(*records: Record) -> None:
        for one in records:
            assert "new" == archive.save_document(one, NOW)

    return keep


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """An archive of the five seeds, with the ids 0 to 4."""
    with ArchiveWriter.create_or_open(tmp_path_factory.mktemp("seeds") / "archive.db") as archive:
        for number, path in enumerate(sorted(SEEDS.glob("*.txt"))):
            document = loads(path.read_text(encoding="utf-8"))
            archive.save_document(Record(id=f"{number:016}", outlet="seeds", url=None, document=document), NOW)
        yield archive


def found(archive, query, **options) -> list[int]:
    """Return the numbers of the matching seeds, in order."""
    return [int(hit.id) for hit in archive.reader.search(query, **options).hits]


def titles(archive, query, filters=None, **options) -> list[str]:
    """Return the headlines of the hits, in order."""
    return [hit.title for hit in archive.reader.search(query, filters, **options).hits]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("điện đàm", {0, 1, 2, 3, 4}),
        ("dien dam", {0, 1, 2, 3, 4}),
        ('"điện đàm"', {0, 1, 3}),
        ('"dien dam"', {0, 1, 3}),
        ("dien-dam", {0, 1, 3}),
        ('"van de"', {0, 1, 2, 3}),
        ('"Đài Loan"', {3}),
        ('"dai loan"', {3}),
        ('"ĐÀI LOAN"', {3}),
        ("Đài Loan", {0, 3}),
        ("đai loan", set()),
        ("Venezuela OR Litva", {2, 4}),
        ("venezuela", {2}),
        ("điện đàm NOT Trump", {1, 2}),
        ("Iran AND Cuba", {2}),
        ("Iran NOT Cuba", {3}),
        ("Kreml*", {0, 1, 2, 4}),
        ("kremli", set()),
        ('"hội đàm trực t*"', set()),
        ("Truth NOT Social", set()),
        ("Novo-Ogaryovo", {4}),
        ("???", set()),
        ("", set()),
    ],
)
def test_the_seeds_are_found_as_people_type(seeds, query, expected):
    """Typed marks must match; phrases, prefixes, AND, OR and NOT work as in FTS5."""
    assert expected == set(found(seeds, query))


@pytest.mark.parametrize(
    ("query", "words", "syllables"),
    [
        ("điện đàm", {0, 1, 3}, {2, 4}),
        ("dien dam", {0, 1, 3}, {2, 4}),
        ("van de", {0, 1, 2, 3}, {4}),
        ("Đài Loan", {3}, {0}),
    ],
)
def test_adjacent_syllables_come_before_scattered_ones(seeds, query, words, syllables):
    """All five seeds contain *điện* and *đàm*; the three with the word *điện đàm* come first."""
    assert words == set(found(seeds, query)[: len(words)])
    assert syllables == set(found(seeds, query)[len(words) :])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("điện đàm", {0, 1, 3}),
        ("dien dam", {0, 1, 3}),
        ("điện AND đàm", {0, 1, 2, 3, 4}),
        ("Đài Loan", {3}),
        ("van de OR Litva", {0, 1, 2, 3, 4}),
        ("điện đàm NOT Trump", {1}),
        ("điện đ*", {0, 1, 3}),
        ('"điện đàm" Đài Loan', {3}),
    ],
)
def test_words_side_by_side_can_be_searched_as_a_phrase(seeds, query, expected):
    """As a phrase, only articles with the words side by side match; operators still work."""
    assert expected == set(found(seeds, query, phrases=True))


@pytest.mark.parametrize(
    ("typed", "phrases", "apart"),
    [
        ("kinh tế", '"kinh tế"', "kinh AND tế"),
        ('giá vàng "Đà Nẵng" sjc', '"giá vàng" AND "đà nẵng" AND sjc', 'giá AND vàng AND "đà nẵng" AND sjc'),
        ("bão NOT mưa to OR lụt", 'bão NOT "mưa to" OR lụt', "bão NOT mưa to OR lụt"),
        ("kinh* tế Việt", 'kinh* AND "tế việt"', "kinh* AND tế AND việt"),
    ],
)
def test_a_query_can_be_written_as_phrases_and_apart(typed, phrases, apart):
    """The text of a query shows how it was interpreted, and parses to the same query."""
    query = parse_query(typed)

    assert (phrases, apart) == (query.as_phrases().text(), query.text())
    assert apart == parse_query(query.text()).text()


@pytest.mark.parametrize("query", ["dien dam", "điện đàm", "Đài Loan", "van de", '"điện đàm"'])
def test_any_client_finds_the_same_without_functions_of_ours(seeds, query):
    """Datasette's form of a query, with every word quoted, finds the same as the program, with or without marks."""
    table = seeds.db["articles"].detect_fts()
    quoted = query if query.startswith('"') else " ".join(f'"{word}"' for word in query.split())
    rows = seeds.db.execute(
        f"SELECT id FROM articles WHERE rowid IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", (quoted,)
    )

    assert set(found(seeds, query)) == {int(article) for (article,) in rows}


@pytest.mark.parametrize("typed", ["hoà bình", "hòa bình", "HÒA BÌNH", "hoa binh", '"hoà bình"', "hòa*"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_old_and_new_tone_placement_and_both_unicode_forms_are_one_word(archive, keep, typed, form):
    """`hoà` matches `hòa`, and decomposed text matches composed text."""
    keep(record("Cuộc gặp vì hoà bình.", "mới"), record("Cuộc gặp vì hòa bình.", "cũ"))

    assert {"mới", "cũ"} == set(titles(archive, unicodedata.normalize(form, typed)))


@pytest.mark.parametrize(
    ("one", "other"), [("thuỷ", "thủy"), ("khoẻ", "khỏe"), ("xoá", "xóa"), ("tuỳ", "tùy"), ("loạ", "lọa")]
)
def test_spellings_go_both_ways(one, other):
    """Each way to place the tone mark gives the other one, itself first."""
    assert (one, other) == spellings(one)
    assert (other, one) == spellings(other)


@pytest.mark.parametrize("word", ["hoàn", "toán", "hoa", "nga", "muốn", "trump", "2026"])
def test_a_word_with_one_spelling_has_one(word):
    """A syllable that ends in a consonant, or has no tone mark, has one spelling."""
    assert (word,) == spellings(word)


def test_a_prefix_keeps_its_spelling(archive, keep):
    """`hòa*` matches hoà, which is the same word, but not hoàn, which is another."""
    keep(record("hoà", "hoà"), record("hoàn", "hoàn"), record("hòa", "hòa"))

    assert {"hoà", "hòa"} == set(titles(archive, "hòa*"))
    assert {"hoà", "hòa", "hoàn"} == set(titles(archive, "hoà*"))


def test_exact_words_come_before_folded_ones(archive, keep):
    """A word without marks first matches itself, then the words that it may stand for."""
    keep(
        record("Bài về ma túy.", "folded", day=date(2026, 2, 5)),
        record("Mạ non, má mì.", "other tones", day=date(2026, 2, 6)),
        record("Ma là hồn.", "exact", day=date(2026, 2, 3)),
    )

    assert ["folded", "exact", "other tones"] == titles(archive, "ma")
    assert ["folded", "exact"] == titles(archive, '"ma"', limit=2)
    assert ["folded"] == titles(archive, "ma túy")
    assert [] == titles(archive, "mà")


def test_ranks_are_adjacent_exact_headline_newest(archive, keep):
    """Hits are ranked by the certainty of the match, or by day on request."""
    days = iter(range(1, 28))

    def put(title, text):
        keep(record(text, title, day=date(2026, 2, next(days))))

    put("Cau Long Bien lit up", "one")
    put("Two", "the cau long near by")
    put("Cầu Long ba", "three")
    put("Four", "trên cầu long lanh")
    put("Long and cau, five", "five")
    put("Six", "long before any cau")
    put("Long lanh những chiếc cầu, bảy", "seven")
    put("Eight", "long lanh và cái cầu")
    put("Nine", "long lanh và cái cầu")
    ranked = ["Cau Long Bien lit up", "Two", "Cầu Long ba", "Four", "Long and cau, five", "Six"]
    ranked += ["Long lanh những chiếc cầu, bảy", "Nine", "Eight"]

    assert ranked == titles(archive, "cau long")
    assert ranked[:3] == titles(archive, "cau long", limit=3)
    assert ["Nine", "Eight", "Long lanh những chiếc cầu, bảy"] == titles(archive, "cau long", limit=3, recent=True)


def test_words_with_and_without_marks_may_be_mixed(archive, keep):
    """A word with marks matches exactly, and one without marks matches freely; in a quoted phrase all match exactly."""
    keep(record("Cầu Rồng ở Đà Nẵng.", "city"), record("Đã nắng lên rồi.", "weather"))

    assert ["city"] == titles(archive, "Đà nang")
    assert ["weather"] == titles(archive, "nắng len")
    assert [] == titles(archive, '"đà nang"')


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mèo OR chó đen", {"mèo trắng", "mèo đen", "chó đen"}),
        ("mèo chó OR đen", {"mèo đen", "chó đen"}),
        ("mèo NOT đen OR chó", {"mèo trắng", "chó đen", "chó trắng"}),
        ("trắng NOT mèo", {"chó trắng"}),
        ("trắng NOT meo", {"chó trắng"}),
        ("NOT trắng", set()),
        ("trắng AND", set()),
        ("OR OR OR", set()),
        ("trắng AND OR mèo", {"mèo trắng", "mèo đen"}),
        ('trắng "', {"mèo trắng", "chó trắng"}),
        ('"mèo trắng', {"mèo trắng"}),
        ("title:mèo", set()),
        ("mèo and trắng", set()),
        ("mè*", {"mèo trắng", "mèo đen"}),
        ("me*", {"mèo trắng", "mèo đen"}),
        ("*", set()),
    ],
)
def test_operators_join_terms_and_stray_ones_are_words(archive, keep, query, expected):
    """Words side by side bind tightest, then AND and NOT, then OR; an operator without two sides is a word."""
    keep(
        *(
            record(f"{animal} {colour}", f"{animal} {colour}")
            for animal in ("mèo", "chó")
            for colour in ("trắng", "đen")
        )
    )

    assert expected == set(titles(archive, query))


def test_filters_narrow_what_is_found(archive, keep):
    """Outlet, first and last day, section and kind each exclude other articles."""
    keep(
        record("mưa", "a", "vntin", date(2026, 2, 1), section="Thời sự"),
        record("mưa", "b", "songhong", date(2026, 2, 2), kind="photo"),
        record("mưa", "c", "songhong", date(2026, 2, 3)),
    )

    assert ["c", "b", "a"] == titles(archive, "mưa")
    assert ["c", "b"] == titles(archive, "mưa", Filters(outlet="songhong"))
    assert ["b", "a"] == titles(archive, "mưa", Filters(until=date(2026, 2, 2)))
    assert ["c", "b"] == titles(archive, "mưa", Filters(since=date(2026, 2, 2)))
    assert ["a"] == titles(archive, "mưa", Filters(section="Thời sự"))
    assert ["b"] == titles(archive, "mưa", Filters(kind="photo"))


@pytest.fixture
def small_months(monkeypatch):
    """Search one month at a time, as in an archive with a thousand times as many articles."""
    monkeypatch.setattr(search, "_AT_ONCE", 0)


@pytest.mark.parametrize("count", [3, 30])
def test_a_sentence_is_found_whether_few_or_many_texts_have_its_words(archive, keep, count):
    """A quoted sentence finds its article; unquoted, articles with the words apart are found too, after it."""
    sentence, apart = "cầu mới bắc qua sông", "sông cũ qua mới cầu bắc"
    keep(*(record(f"{apart} {n}", title=f"apart {n}") for n in range(count)))
    keep(*(record(f"{sentence} {n}", title=f"whole {n}") for n in range(count)))

    assert {f"whole {n}" for n in range(count)} == set(titles(archive, f'"{sentence}"', limit=100))
    every = titles(archive, sentence, limit=2 * count)
    assert (["whole"] * count + ["apart"] * count, 2 * count) == ([t.split()[0] for t in every], len(set(every)))


@pytest.mark.usefixtures("small_months")
def test_a_search_that_runs_out_of_time_says_how_far_back_it_looked(archive, keep):
    """Texts are searched month by month, newest first, until the time is over; headlines always in full."""
    keep(
        record("mưa", "tháng hai"),
        record("mưa", "tháng một", day=date(2026, 1, 4)),
        record("mưa", "năm ngoái", day=date(2025, 1, 4)),
        record("Nắng.", "Mưa năm xưa", day=date(2020, 1, 4)),
    )

    ticks = count()
    hurried = archive.reader.search("mưa", clock=lambda: next(ticks))
    assert (["Mưa năm xưa", "tháng hai"], "2026-02") == ([hit.title for hit in hurried.hits], hurried.back_to)
    assert ["tháng hai"] == titles(archive, "mưa", recent=True, clock=lambda: next(ticks))
    patient = archive.reader.search("mưa")
    assert (4, None) == (len(patient.hits), patient.back_to)
    assert None is archive.reader.search("mưa", limit=2, clock=lambda: next(ticks)).back_to
    assert ["năm ngoái"] == titles(
        archive, "mưa", Filters(since=date(2025, 1, 1), until=date(2025, 9, 1)), clock=lambda: next(ticks)
    )
    assert SearchResult() == archive.reader.search("mưa", Filters(outlet="songhong"))


@pytest.mark.usefixtures("small_months")
def test_recent_hits_are_sorted_by_day_not_by_arrival(archive, keep):
    """A backfill archives old articles last, but they still come after newer ones."""
    keep(record("mưa", "mới", day=date(2026, 2, 4)), record("mưa", "hôm sau", day=date(2026, 2, 5)))
    keep(*(record("mưa", f"cũ {n}", day=date(2020, 1, n)) for n in range(1, 9)))

    assert ["hôm sau", "mới"] == titles(archive, "mưa", limit=2)
    assert ["hôm sau", "mới", "cũ 8"] == titles(archive, "mưa", limit=3, recent=True)


@pytest.mark.usefixtures("small_months")
def test_a_common_prefix_is_expanded_to_words_of_the_newest_articles(archive, keep):
    """A common prefix is replaced by the most frequent words of the newest articles, and the search says so."""
    keep(record("Thẳm sâu.", "xa xưa", day=date(2020, 1, 1)))
    keep(*(record(f"thời sự {n}", f"tin {n}") for n in range(search._SAMPLE)), record("mưa", "Thành phố"))
    keep(record("mưa", "tin mưa"), record("nắng", "Thời tiết"))

    def found_in_time(query):
        answer = archive.reader.search(query, limit=100, clock=lambda: 0.0)
        return {hit.title for hit in answer.hits}, answer.back_to

    assert search._SAMPLE + 3 == len(titles(archive, "th*", limit=100))
    assert (search._SAMPLE + 2, "2026-02") == (len(found_in_time("th*")[0]), found_in_time("th*")[1])
    assert ({"Thành phố"}, "2026-02") == found_in_time("mưa th*")
    assert {"tin mưa"} == found_in_time("mưa NOT th*")[0]
    assert {"tin 3"} == found_in_time('"thời sự 3" th*')[0]
    assert search._SAMPLE == len(found_in_time("thoi-s*")[0])
    assert set() == found_in_time("mưa-th*")[0]
    assert (set(), None) == found_in_time("xyz*")


def test_an_edit_of_outlet_or_date_moves_an_article_in_the_index(archive, keep):
    """Outlet and month are words in the index, which an edit updates."""
    keep(record("mưa", "một", day=date(2026, 1, 4)))
    with archive._transaction() as db:
        db.execute("INSERT INTO outlets (id, name) VALUES ('bao-moi', 'Báo Mới')")
        db.execute("UPDATE articles SET outlet = 'bao-moi', date = '2025-05-05'")

    assert ["một"] == titles(archive, "mưa", Filters("bao-moi", date(2025, 5, 1), date(2025, 5, 31)))
    assert [] == titles(archive, "mưa", Filters("vntin"))


def test_a_snippet_is_of_the_original_text_around_what_was_found(archive, keep):
    """The snippet shows the place where the words are side by side, with their marks, and where it is cut."""
    keep(record("Điện một nơi. " + "Chữ nghĩa. " * 60 + "Hai bên đã điện đàm hôm qua. " + "Chữ nghĩa. " * 60))
    (hit,) = archive.reader.search("dien dam").hits

    assert "Hai bên đã điện đàm hôm qua." in hit.snippet
    assert "…" == hit.snippet[0] == hit.snippet[-1]


def test_a_hit_in_the_headline_shows_how_the_text_begins(archive, keep):
    """If the text has none of the words, the snippet is its beginning."""
    keep(record("Không có gì ở đây.", "Mưa lớn"))

    assert ["Không có gì ở đây."] == [hit.snippet for hit in archive.reader.search("mưa lớn").hits]


@given(st.text(max_size=60) | st.from_regex(r'([\wđàộ"*()^:+{}\-]+| |AND|OR|NOT|NEAR){1,12}', fullmatch=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_is_a_wrong_query(seeds, text):
    """Every text can be searched for, in both orders."""
    seeds.reader.search(text)
    seeds.reader.search(text, recent=True)


@pytest.mark.slow
@given(
    st.lists(
        st.sampled_from(["điện", "dien", "đàm", "Nga", "hoà", '"trực tuyến"', "trực*", "AND", "OR", "NOT"]), max_size=8
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_order_does_not_change_what_is_found(seeds, words):
    """The ranked hits and the newest hits of a query are the same articles."""
    text = " ".join(words)

    assert set(found(seeds, text)) == set(found(seeds, text, recent=True))


@given(
    st.lists(
        st.sampled_from(
            [
                "điện",
                "dien",
                "đàm",
                "dam",
                "Nga",
                "hoà",
                '"trực tuyến"',
                '"dien dam"',
                "tr*",
                "hội đ*",
                "AND",
                "OR",
                "NOT",
            ]
        ),
        max_size=6,
    ),
    st.sampled_from(
        [
            MatchLevel(),
            MatchLevel(adjacent=True),
            MatchLevel(exact=True),
            MatchLevel(exact=True, adjacent=True),
            SCATTERED,
        ]
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_matcher_agrees_with_the_index(seeds, words, level):
    """The matcher of a query and its FTS5 expression match the same articles, at every level."""
    query = parse_query(" ".join(words))
    if query is None:
        return
    rows = seeds.db.execute(
        "SELECT id FROM articles WHERE number IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)",
        (query.expression(level),),
    ).fetchall()
    every = seeds.db.execute("SELECT id, title, text FROM articles").fetchall()

    assert {id_ for (id_,) in rows} == {id_ for id_, *parts in every if query.matcher(level)(parts)}


def test_a_very_long_query_is_cut(seeds):
    """Only the beginning of a query of 100 kB is searched for."""
    assert {0, 1, 2, 3, 4} == set(found(seeds, "Nga " + "Nga " * 25_000))
    assert parse_query("x" * MOST_CHARACTERS) == parse_query("x" * MOST_CHARACTERS + " y")


@given(st.text("aăâeêioôơuưyđ" + "\u0300\u0309\u0303\u0301\u0323" + "AĐEbgh \n-", max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_index_folds_as_queries_are_folded(archive, text):
    """The view that feeds the index and the function `fold` fold the same letters."""
    document = Document(date(2026, 2, 4), "Ứ " + text, text + " ợ")
    with archive._transaction() as db:
        db.execute("INSERT OR IGNORE INTO outlets (id, name) VALUES ('o', 'o')")
        db.execute(
            "INSERT INTO articles (id, outlet, date, title, text, first_seen_at) VALUES (?, 'o', '', ?, ?, '')",
            (article_id("o", repr(document)), document.title, document.text),
        )
        (row,) = db.execute("SELECT title_folded, text_folded FROM articles_folded ORDER BY number DESC LIMIT 1")
        db.execute("DELETE FROM articles")

    assert (fold(document.title), fold(document.text)) == row


def test_any_client_may_write(archive, keep):
    """Plain SQL that writes to `articles` keeps the index right, without any function of ours."""
    keep(record("Mưa ở Đà Nẵng.", "một"), record("Nắng ở Huế.", "hai"))
    archive.close()
    with closing(sqlite3.connect(archive.path)) as plain, plain:
        plain.execute("UPDATE articles SET text = 'Bão ở Hội An.' WHERE title = 'một'")
        plain.execute("DELETE FROM revisions WHERE article = (SELECT id FROM articles WHERE title = 'hai')")
        plain.execute("DELETE FROM articles WHERE title = 'hai'")
        plain.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")

    with ArchiveReader.open(archive.path) as reader:
        assert () == reader.search("da nang OR hue").hits
        assert ["một"] == [hit.title for hit in reader.search("bao hoi an").hits]
