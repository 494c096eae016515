"""The commands `khobao import` and `export`."""

import csv
import json
import sys
from pathlib import Path

import pytest
from keeping import Crawl, id_of, record_of, url_of
from livesite import page

from archive.captures.store import Captures
from archive.errors import install_command
from archive.exchange.exporters import export_captures
from archive.record import Capture, CaptureRef, article_id
from archive.store.reader import ArchiveReader
from archive.store.writer import ArchiveWriter
from schedules.cli.main import main

pytestmark = pytest.mark.slow  # starts processes, or checks many cases

LOOKS = "https://bao.example/thoi-su/cau-moi-thong-xe-4954454.html"
TWO_AND_ONE = (("tay", 4954454), ("tay", 4954455), ("dong", 4954456))  # hosts, and numbers of their pages


@pytest.fixture
def khobao(capsys, tmp_path, monkeypatch):
    """Run the program with an archive of the test; return its exit code and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--archive", str(tmp_path / "archive.db")])
        said = capsys.readouterr()
        said_besides = [line for line in said.err.splitlines(True) if not line.startswith("created the archive")]
        return ended.value.code, said.out, "".join(said_besides)

    return run


@pytest.fixture
def crawled(tmp_path):
    """The archive, with three articles."""
    with ArchiveWriter.create_or_open(tmp_path / "archive.db") as archive:
        crawl = Crawl(archive, tmp_path / "captures")
        for key in ("1", "2"):
            crawl.see(key)
        crawl.see("3", "Cầu dài 815 mét.")
        crawl.end()


@pytest.fixture
def warc(tmp_path):
    """Make a WARC file with pages fetched at given times, like one of another crawler."""

    def make(*pages: tuple[str, str, bytes]):
        made = tmp_path / "made"
        kept = Captures(made)
        refs: list[CaptureRef] = []
        for url, moment, payload in pages:
            when = record_of("1").published_at.fromisoformat(moment)
            refs.append(kept.append(Capture(url, when, 200, (("Content-Type", "text/html"),), payload)))
        kept.close()
        out = tmp_path / f"out{len(list(tmp_path.glob('out*')))}"
        export_captures(refs, made, out)
        return out / "captures-00000.warc"

    return make


@pytest.mark.parametrize("form", ["txt", "jsonl", "parquet", "warc"])
def test_a_selection_is_exported(crawled, khobao, tmp_path, form):
    """Each format uses the filters, and prints how many articles it wrote and where."""
    what = "captures" if form == "warc" else "articles"

    assert (0, f"wrote 1 {what} to out\n", "") == khobao("export", "out", "--format", form, "--query", "815")
    assert (0, f"wrote 0 {what} to none\n", "") == khobao("export", "none", "--format", form, "--query", "khongcogi")
    assert (2, "") == khobao("export", "never", "--format", form, "--outlet", "x")[:2]


def test_a_folder_that_is_not_empty_is_refused(crawled, khobao, tmp_path):
    """Existing files stay, and one line says what would be right."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    code, _, err = khobao("export", "out")

    assert (2, 1) == (code, err.count("\n"))
    assert "out: not an empty folder; name one that is empty or not there yet" in err
    assert ["mine.txt"] == [path.name for path in (tmp_path / "out").iterdir()]


def test_parquet_without_pyarrow_is_one_clear_line(crawled, khobao, monkeypatch):
    """Without the extra, the message says how to install it."""
    for name in [name for name in sys.modules if name.startswith("pyarrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    code, _, err = khobao("export", "out", "--format", "parquet")

    assert (2, f"khobao: Parquet needs pyarrow; install it with: {install_command('parquet')}\n") == (code, err)
    assert not Path("out").exists()


@pytest.mark.parametrize("form", ["txt", "jsonl", "parquet"])
def test_exported_files_are_imported_by_another_archive(crawled, khobao, tmp_path, form):
    """Every article is imported once, with its origin; a second import adds nothing."""
    khobao("export", "out", "--format", form)

    assert (0, "3 new\n", "") == _import(khobao, tmp_path, "out")
    with ArchiveReader.open(tmp_path / "other.db") as archive:
        assert 3 == rows_in(archive, "articles") == rows_in(archive, "imports")
        facts = archive.db.execute("SELECT format, run, place FROM imports ORDER BY id").fetchone()
        assert (form, 1, True) == (facts[0], facts[1], "out" in facts[2])
    assert (0, "3 unchanged\n", "") == _import(khobao, tmp_path, "out")
    with ArchiveReader.open(tmp_path / "other.db") as archive:
        assert 3 == rows_in(archive, "imports")


def rows_in(archive, table):
    """Count the rows of a table."""
    return archive.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def _import(khobao, tmp_path, *paths):
    """Import into another archive than the exported one."""
    (tmp_path / "archive.db").rename(tmp_path / "kept.db")
    if (tmp_path / "other.db").exists():
        (tmp_path / "other.db").rename(tmp_path / "archive.db")
    try:
        return khobao("import", *paths)
    finally:
        (tmp_path / "archive.db").rename(tmp_path / "other.db")
        (tmp_path / "kept.db").rename(tmp_path / "archive.db")


def test_a_clash_is_reported_and_skipped(crawled, khobao, tmp_path):
    """An imported article does not replace an archived one with another text."""
    (tmp_path / f"001_{id_of('1')}.txt").write_text(" date 2026-02-04 Tin khác\n\nCầu khác.")

    code, out, err = khobao("import", f"001_{id_of('1')}.txt")

    assert (1, "1 clash\n") == (code, out)
    assert f"clashes with the archived article {id_of('1')}, which is kept unchanged" in err
    assert "Cầu Mới thông xe" in khobao("show", id_of("1"))[1]


def test_truncated_jsonl_loses_only_its_last_line(crawled, khobao, tmp_path):
    """The whole lines are imported, and the truncated one is reported."""
    khobao("export", "out", "--format", "jsonl")
    lines = (tmp_path / "out" / "records.jsonl").read_text()
    (tmp_path / "half.jsonl").write_text(lines[:-200])

    code, out, err = khobao("import", "half.jsonl")

    assert (1, "2 unchanged, 1 not read\n", 1) == (code, out, err.count("\n"))
    assert "half.jsonl, line 3: not JSON" in err
    assert "the line has no end: the file may have been cut short" in err


def test_an_unknown_kind_of_file_is_reported(khobao, tmp_path):
    """For a file of an unknown kind, the message lists the known kinds."""
    (tmp_path / "a.docx").write_text("x")

    code, _, err = khobao("import", "a.docx")

    assert (1, "a.docx: this kind of file cannot be imported; it should be .txt, .jsonl, .parquet, .json, .warc\n") == (
        code,
        err,
    )


def test_an_article_of_another_tool_is_the_same_article(khobao, tmp_path):
    """It gets the id that a crawl would give it, and the ledger records the tool and the file."""
    article = {
        "url": "http://www.bao.example/tin-1.html?utm_source=x",
        "title": "Cầu Mới thông xe",
        "maintext": "Cầu dài 812 mét.",
        "date_publish": "2026-02-04 19:25:00",
        "date_download": "2026-02-05 08:00:00",
        "source_domain": "bao.example",
    }
    fundus = {"title": "Cầu cũ", "plaintext": "Cầu dài 12 mét.", "publishing_date": "2026-02-04 19:25:00+07:00"}
    (tmp_path / "a.json").write_text(json.dumps(article))
    (tmp_path / "b.json").write_text(json.dumps([fundus, {"x": 1}]))

    code, out, err = khobao("import", "a.json", "b.json")

    assert (1, "2 new, 1 not read\n") == (code, out)
    assert "b.json, item 2: not an article of news-please or fundus" in err
    why = khobao("why", "http://www.bao.example/tin-1.html")[1]
    assert "from a.json (news-please)" in why
    assert "2 unchanged" in khobao("import", "a.json", "b.json")[1]


def test_an_article_without_a_headline_is_reported(khobao, tmp_path):
    """A headline of only blanks counts as none."""
    facts = {"title": "\x07", "plaintext": "Cầu dài 12 mét.", "publishing_date": "2026-02-04 19:25:00+07:00"}
    (tmp_path / "a.json").write_text(json.dumps([facts]))

    code, out, err = khobao("import", "a.json")

    assert (1, "1 not read\n") == (code, out)
    assert "a.json, item 1: a document needs a headline" in err


def test_an_instant_gives_the_civil_date_of_a_declared_outlet(khobao, tmp_path):
    """18:30 in London is the next day in Hà Nội; the id is of the outlet's article number, its own name is kept."""
    facts = {
        "title": "Cầu Mới thông xe",
        "plaintext": "Cầu dài 812 mét.",
        "publishing_date": "2026-02-04T18:30:00+00:00",
        "html": {"responded_url": "https://vnexpress.net/cau-moi-thong-xe-4954454.html"},
    }
    (tmp_path / "a.json").write_text(json.dumps([facts]))
    khobao("import", "a.json")

    assert " date 2026-02-05 Cầu Mới" in khobao("show", article_id("vnexpress", "4954454"))[1]
    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        declared = [(outlet.name, outlet.timezone) for outlet in archive.outlets() if outlet.id == "vnexpress"]
    assert [("VnExpress", "Asia/Ho_Chi_Minh")] == declared


def test_pages_of_a_warc_file_are_imported(khobao, warc, tmp_path):
    """Pages become articles and captures, with revisions in the order of time; a second import adds nothing."""
    later = page(
        paragraphs=("Cầu Mới dài 820 mét, và được thông xe sáng nay sau ba năm xây dựng bên hai bờ sông.",) * 2
    )
    file = warc(
        (LOOKS, "2026-02-06T00:00:00+00:00", later),
        (LOOKS, "2026-02-05T00:00:00+00:00", page()),
        ("https://bao.example/", "2026-02-05T00:00:00+00:00", page("Báo")),
        ("https:///cau-moi-1.html", "2026-02-05T00:00:00+00:00", page()),
        (LOOKS.replace("4454", "4455"), "2026-02-05T00:00:00+00:00", b"<p></p>"),
    )

    code, out, err = khobao("import", file)

    refused = "1 no article: no_text, 2 no article: not_an_article"
    assert (0, f"1 new, 1 revised, {refused}\n", "") == (code, out, err)
    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        versions = archive.versions(archive.article(LOOKS).record.id)
        assert ["2026-02-05", "2026-02-06"] == [f"{version.seen_at:%Y-%m-%d}" for version in versions]
        assert [page(), later] == [
            Captures(tmp_path / "captures").read(ref).payload for ref in archive.captures() if ref.length > 500
        ]
        before = {name: rows_in(archive, name) for name in ("articles", "revisions", "captures", "requests")}
    assert "0 errors found" in khobao("check")[1]

    khobao("import", file)

    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        assert before == {name: rows_in(archive, name) for name in before}


def test_an_undeclared_outlet_is_named_as_its_pages_name_it(khobao, warc, tmp_path):
    """Two pages that agree name their site, one page alone does not; a later import keeps the name."""
    named = page(head='<meta property="og:site_name" content="Tây Báo">')
    for slug in ("cau-moi", "cau-cu"):
        urls = [f"https://{host}.example/thoi-su/{slug}-thong-xe-{number}.html" for host, number in TWO_AND_ONE]
        khobao("import", warc(*((url, "2026-02-05T00:00:00+00:00", named) for url in urls)))
    article = {"title": "Cầu", "plaintext": "Cầu dài.", "publishing_date": "2026-02-04 19:25:00+07:00"}
    source = {"html": {"responded_url": "https://nam.example/a-1.html", "source_info": {"publisher": "Nam Báo"}}}
    (tmp_path / "a.json").write_text(json.dumps([article | source]))
    khobao("import", "a.json")

    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        names = {outlet.id: outlet.name for outlet in archive.outlets()}
    assert {"tay.example": "Tây Báo", "dong.example": "dong.example", "nam.example": "Nam Báo"} == names


def test_an_older_page_becomes_an_older_version(khobao, warc, tmp_path):
    """A page from before the archived text becomes an older revision."""
    old, new = page("Cầu Mới sắp thông xe"), page()
    khobao("import", warc((LOOKS, "2026-02-06T00:00:00+00:00", new)))
    assert "1 revised" in khobao("import", warc((LOOKS, "2026-02-05T00:00:00+00:00", old)))[1]

    with ArchiveReader.open(tmp_path / "archive.db") as archive:
        article = archive.article(LOOKS)
        titles = [version.document.title for version in archive.versions(article.record.id)]
        assert ["Cầu Mới sắp thông xe", "Cầu Mới thông xe"] == titles
        assert (2, "Cầu Mới thông xe") == (article.revision, article.record.document.title)


def test_a_broken_warc_file_is_reported(khobao, tmp_path):
    """One line names the file, and the other files are imported."""
    (tmp_path / "a.warc").write_bytes(b"no record at all\r\n\r\n")
    (tmp_path / "b.txt").write_text(" date 2026-02-04 Tin\n\nCầu khác.")

    code, out, err = khobao("import", "a.warc", "b.txt")

    assert (1, "1 new, 1 not read\n", 1) == (code, out, err.count("\n"))
    assert "a.warc: not a complete, readable WARC file" in err


def test_why_of_an_address_names_the_file(crawled, khobao, tmp_path):
    """`why` shows both the requests and the imported files of an article."""
    khobao("export", "out", "--format", "jsonl")
    khobao("import", "out")

    assert "out/records.jsonl, line 2 (jsonl)" in khobao("why", url_of("1"))[1]


def test_many_articles_are_imported_in_batches(khobao, tmp_path, monkeypatch):
    """Each article counts once and can be searched, across transactions, even if a clash is in the same one."""
    monkeypatch.setattr("schedules.cli.commands.import_export._BATCH", 2)
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number:03}_{number:016x}.txt").write_text(
            f" date 2026-02-04 Cầu số {number}\n\nDài 8{number} mét."
        )
    (folder / f"003_{2:016x}.txt").write_text(" date 2026-02-04 Cầu số 2\n\nDài 999 mét.")

    code, out, err = khobao("import", "papers", "--outlet", "vntin")

    assert (1, "5 new, 1 clash\n", 1) == (code, out, err.count("\n"))
    assert "Cầu số 4" in khobao("search", "dai 84")[1]
    assert "Cầu số 2" in khobao("search", "dai 82")[1]


def test_files_are_named_by_a_pattern(crawled, khobao, tmp_path):
    """A pattern names files by day and outlet, also in folders; importing them gives the same ids."""
    pattern = "{year}/{date}_{outlet}_{id}.txt"

    assert 0 == khobao("export", "out", "--name", pattern)[0]
    written = [path.relative_to(tmp_path / "out").as_posix() for path in sorted((tmp_path / "out").rglob("*_*.txt"))]

    assert f"2026/2026-02-04_bao_{id_of('1')}.txt" in written
    assert 3 == len(written)
    assert (0, "3 new\n", "") == _import(khobao, tmp_path, "out")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{date}.txt", "add {id} to the pattern"),
        ("../{id}.txt", "stays in the folder"),
        ("/{id}.txt", "stays in the folder"),
        ("{id}", "ends in .txt"),
        ("{nope}_{id}.txt", "it may hold {number}, {id}, {outlet}"),
        ("{id.real}.txt", "not a pattern"),
        ("{", "not a pattern"),
    ],
)
def test_a_wrong_pattern_is_one_line(crawled, khobao, tmp_path, pattern, message):
    """A pattern that cannot be filled in, leads out of the folder or gives equal names is refused before writing."""
    code, _, err = khobao("export", "out", "--name", pattern)

    assert (2, 1) == (code, len(err.splitlines()))
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_table_has_every_field_and_no_formula(crawled, khobao, tmp_path):
    """`--format csv` writes one row per article, with its address and outlet; `index.csv` has these too."""
    khobao("export", "table", "--format", "csv")
    khobao("export", "texts")
    with (tmp_path / "table" / "articles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "texts" / "index.csv").open(encoding="utf-8", newline="") as file:
        index = list(csv.DictReader(file))

    assert [(row["id"], row["outlet"], row["url"]) for row in rows] == [
        (row["id"], row["outlet"], row["url"]) for row in index
    ]
    assert all((tmp_path / "texts" / row["file"]).is_file() for row in index)
    assert all(row["title"] and row["text"] and row["date"] for row in rows)


def test_equal_problems_are_one_line(crawled, khobao, tmp_path):
    """A hundred files with the same fault give one line with their number and an example."""
    (tmp_path / "bad").mkdir()
    for number in range(100):
        (tmp_path / "bad" / f"{number:03}.txt").write_text("Không có ngày\n")

    code, out, err = khobao("import", "bad")

    assert (1, "100 not read\n", 1) == (code, out, len(err.splitlines()))
    assert "(and 99 more like it)" in err
