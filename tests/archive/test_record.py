"""The dated format: it is written in one way, read leniently, and survives the round trip."""

from __future__ import annotations

import re
import time
import unicodedata
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from factories import make_document, make_record
from hypothesis import given
from hypothesis import strategies as st

import archive
from archive.errors import FormatError
from archive.record import Document, article_id, dumps, loads
from archive.store.writer import ArchiveWriter

FORMAT = Path(archive.__file__).with_name("docs").joinpath("format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(document|lenient)\n(.*?)\n```$", FORMAT, re.MULTILINE | re.DOTALL)
STRICT = [text for kind, text in BLOCKS if kind == "document"]
LENIENT = [(text, BLOCKS[i + 1][1]) for i, (kind, text) in enumerate(BLOCKS) if kind == "lenient"]
PROMISES = re.findall(r"^- `(\w+)`: ((?:`\w+`[,\s]*)+)$", FORMAT, re.MULTILINE)

titles = st.text(min_size=1).filter(lambda title: bool(_cleaned(title)))
documents = st.builds(Document, date=st.dates(), title=titles, text=st.text())


def _cleaned(text: str) -> str:
    """Return a line without control characters and surrounding blanks."""
    return "".join(char for char in text if unicodedata.category(char) != "Cc").strip()


@given(documents)
def test_a_written_document_reads_back(document: Document) -> None:
    """`loads(dumps(d)) == d` for any document."""
    assert document == loads(dumps(document))


@given(documents)
def test_a_strict_text_is_written_unchanged(document: Document) -> None:
    """`dumps(loads(t)) == t` for any text in the strict format."""
    text = dumps(document)

    assert text == dumps(loads(text))


@given(documents)
def test_the_written_form_is_strict(document: Document) -> None:
    """Any document is written in UTF-8, NFC and LF, without blanks at line ends and without double blank lines."""
    head, *paragraphs = dumps(document).split("\n\n")

    assert dumps(document) == unicodedata.normalize("NFC", dumps(document)).encode().decode()
    assert re.fullmatch(r" date \d{4}-\d\d-\d\d \S.*", head)
    assert all(paragraph and line == line.strip() for paragraph in paragraphs for line in paragraph.split("\n"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", dumps(document))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text is read, or refused with a `FormatError`."""
    with suppress(FormatError):
        document = loads(text)

        assert document == loads(dumps(document))


@pytest.mark.parametrize("name", ["001_3bee8cdf7b4e091a", "002_a7e22577bc353553", "003_7356cc60dd6123e1"])
def test_a_seed_is_written_again_byte_for_byte(seeds: Path, name: str) -> None:
    """Seeds in the strict format are written byte for byte."""
    content = (seeds / f"{name}.txt").read_bytes()

    assert content == dumps(loads(content.decode())).encode()


def test_the_seed_without_a_head_has_a_dateline(seeds: Path) -> None:
    """Seed 004 has a dateline, which is removed from the text; nothing else is."""
    text = (seeds / "004_12197c5ca1c90f2c.txt").read_text(encoding="utf-8")
    document = loads(text)

    assert (date(2025, 1, 22), text.split("\n")[0]) == (document.date, document.title)
    assert document.text.startswith("Chủ tịch Trung Quốc Tập Cận Bình đã có cuộc hội đàm")
    assert "01:43" not in document.text
    assert document == loads(dumps(document))


@pytest.mark.parametrize("text", STRICT)
def test_an_example_is_written_again(text: str) -> None:
    """The examples of the format document are in the format, byte for byte."""
    assert text == dumps(loads(text))


@pytest.mark.parametrize(("text", "strict"), LENIENT)
def test_a_lenient_example_reads_as_the_next(text: str, strict: str) -> None:
    """The example with a dateline reads like the document below it."""
    assert strict == dumps(loads(text))


def test_there_are_examples() -> None:
    """The format document contains examples."""
    assert (4, 1, 10) == (len(STRICT), len(LENIENT), len(PROMISES))


@pytest.mark.parametrize(("table", "columns"), PROMISES)
def test_a_promised_column_is_there(archive: ArchiveWriter, table: str, columns: str) -> None:
    """Each table and column that the format document promises is in the schema."""
    there = {row["name"] for row in archive.reader.query(f"PRAGMA table_xinfo({table})")}

    assert set() == set(re.findall(r"\w+", columns)) - there


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff date 2026-02-04 Vệt trắng\n\nMột.\n\nHai.",
        " date 2026-02-04 Vệt trắng\r\n\r\nMột.\r\n\r\nHai.\r\n",
        "date 2026-02-04  Vệt trắng  \n\n\n\nMột. \n \nHai.\n\n",
        "\n\n   date 2026-02-04\tVệt trắng\n\nMột.\n\n\x00Hai.",
        unicodedata.normalize("NFD", " date 2026-02-04 Vệt trắng\n\nMột.\n\nHai."),
        "Vệt trắng\n04/02/2026\nMột.\n\nHai.",
        "Vệt trắng\n\nThứ tư, 4/2/2026, 19:25 (GMT+7)\n\nMột.\n\nHai.",
        "Vệt trắng\n\nngày 04-02-2026\n\nMột.\n\nHai.",
        "Vệt trắng\n\nMột.\n\n4/2/2026 19:25:10\n\nHai.",
    ],
)
def test_reading_is_lenient(text: str) -> None:
    """Byte order marks, line ends, blanks, decomposed letters and datelines are accepted."""
    assert Document(date(2026, 2, 4), "Vệt trắng", "Một.\n\nHai.") == loads(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the text is empty; it should begin with ` date YYYY-MM-DD Headline`"),
        (" \n\ufeff", "no date: the first line is"),
        (" date 2026-02-30 Vệt trắng", "there is no day 2026-02-30"),
        ("Vệt trắng\n\n31/02/2026", "there is no day 2026-02-31"),
        (" date 2026-02-04", "no date: the first line is 'date 2026-02-04'; it should be ` date YYYY-MM-DD Headline`"),
        ("Vệt trắng\n1\n2\n3\n04/02/2026", "no date: the first line is 'Vệt trắng'"),
    ],
)
def test_a_bad_document_is_refused(text: str, told: str) -> None:
    """A bad document is refused with one line that says what would be right."""
    with pytest.raises(FormatError, match=re.escape(told)):
        loads(text)


@pytest.mark.parametrize("title", ["", " \n", "\x00"])
def test_a_document_needs_a_headline(title: str) -> None:
    """A document without a headline is refused."""
    with pytest.raises(FormatError, match="a document needs a headline"):
        make_document(title)


def test_a_lone_surrogate_is_replaced() -> None:
    """A lone surrogate from broken JSON becomes the replacement character."""
    assert "a\ufffdb" == make_document("a\ud800b").title


@pytest.mark.parametrize("marks", ["\u0323\u0301" * 100_000, "\u0301" * 200_000, "\u0344" * 100_000])
def test_long_runs_of_combining_marks_are_fast(marks: str) -> None:
    """Hundreds of thousands of marks on one letter cost no more than other text, and the result is stable."""
    began = time.process_time()
    document = Document(date(2026, 2, 4), "Tin", f"Hà Nội a{marks} hết." + " chữ" * 300)

    assert time.process_time() - began < 1
    assert len(document.text) < 2000
    assert document.text.startswith("Hà Nội")
    assert document == loads(dumps(document))


def test_the_id_is_of_outlet_and_key() -> None:
    """An id has 16 hex digits, and depends on outlet and key."""
    ids = {article_id(outlet, key) for outlet in ("vntin", "vn") for key in ("100", "1")}

    assert 4 == len(ids)
    assert all(re.fullmatch("[0-9a-f]{16}", told) for told in ids)


def test_the_body_is_what_the_article_says() -> None:
    """The body has no standfirst, captions and signature; a paragraph that repeats a caption stays."""
    text = "Mở\n\nđầu.\n\nẢnh: A\n\nMột.\n\nẢnh: A\n\nTác giả"
    record = make_record(text=text, standfirst="Mở\n\nđầu.", captions=("Ảnh: A",), signature="Tác giả")

    assert "Một.\n\nẢnh: A" == record.body
    assert 9 == record.words


def test_parts_at_another_place_stay_in_the_body() -> None:
    """A standfirst that is not at the beginning and a signature that is not at the end stay in the text."""
    record = make_record(text="Một.\n\nHai.", standfirst="Hai.", captions=(), signature="Một.")

    assert "Một.\n\nHai." == record.body
    assert "Một.\n\nHai." == make_record(text="Một.\n\nHai.", standfirst="", captions=(), signature="").body
    assert ("", 0) == (make_record(text="", standfirst="").body, make_record(text="").words)
