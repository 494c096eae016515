"""Recurring lines are learned from the archive, and proposed as rules that remove exactly them."""

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.articles import boilerplate
from archive.articles.boilerplate import Line, generalize_line, lines_of, recurring_lines
from archive.ledger.model import OutletFacts
from archive.record import Document, Record
from archive.store.writer import ArchiveWriter
from crawler.outlets.declaration import toml_string

FOLLOW = "Theo dõi Báo Ví dụ trên 'Google News' (bấm vào đây)"
RATED = "Bài viết có {} bình luận."
TITLE = "Cầu mới khánh thành sau mưa"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DECLARED = 'name = "Báo"\nhome = "https://bao.example/"\n'


def article(number, *lines, **fields):
    """Return an article with a paragraph of its own, and these lines."""
    own = "Đoạn văn của riêng bài " + "".join(chr(97 + int(digit)) for digit in str(number))
    document = Document(date(2026, 2, 4) + timedelta(number), TITLE, "\n\n".join((own, *lines)))
    return Record(id=f"{number:016x}", outlet="bao", url=None, document=document, **fields)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An archive with buckets of ten articles."""
    monkeypatch.setattr(boilerplate, "BUCKET", 10)
    with ArchiveWriter.create_or_open(tmp_path / "a.db") as archive:
        archive.runs.declare([OutletFacts("bao", "Báo")])
        yield archive


def fill(archive, start, stop):
    """Archive articles: each has one line, every second one another, and every tenth a third."""
    for number in range(start, stop):
        lines = [RATED.format(number), *([FOLLOW] if number % 2 else []), *(["Hiếm"] if number % 10 == 0 else [])]
        archive.save_document(article(number, *lines), NOW)


def test_lines_that_may_be_boilerplate_are_counted():
    """Captions, names and agencies may recur; a sentence in place of a signature is boilerplate."""
    record = article(
        1,
        "Ảnh: Reuters",
        "- Đọc thêm",
        "dài " * 200,
        f"Bạn đang đọc bài {TITLE} tại mục Thời sự",
        "Minh Anh (Theo AFP)",
        "Theo dõi chúng tôi trên mọi nền tảng mới",
        captions=("Ảnh: Reuters",),
        signature="Minh Anh (Theo AFP)\n\nTheo dõi chúng tôi trên mọi nền tảng mới",
    )

    assert {
        "Đoạn văn của riêng bài b",
        "Đọc thêm",
        "Bạn đang đọc bài \ufffc tại mục Thời sự",
        "Theo dõi chúng tôi trên mọi nền tảng mới",
    } == lines_of(record)


@given(st.text(min_size=1), st.text(max_size=30).map(lambda title: " ".join(title.split())), st.integers(0, 10**9))
def test_a_rule_matches_every_form_of_its_line(text, title, number):
    """For any line, its rule matches the paragraph that it was made from, and is valid TOML when quoted."""
    paragraph = f"{text}{title}{number}".removeprefix("- ")
    rule = Line(generalize_line(paragraph, title), 1, "", "", "").rule

    assert re.fullmatch(rule, paragraph)
    assert rule == tomllib.loads(f"x = {toml_string(rule)}")["x"]


def test_counts_bucket_by_bucket(archive):
    """Learning bucket by bucket gives the same counts as learning all at once; rare lines are not stored."""
    for start in range(0, 44, 4):
        fill(archive, start, start + 4)
        archive.learn_recurring_lines("bao")
    lines, total = recurring_lines(archive.db, "bao")

    assert (44, [("Bài viết có 0 bình luận.", 44), (FOLLOW, 22)]) == (total, [(x.text, x.articles) for x in lines])
    assert ("2026-02-04", "2026-03-19") == (lines[0].first_on, lines[0].last_on)
    assert 2 == archive.db.execute("SELECT count(*) FROM lines").fetchone()[0]

    archive.forget_recurring_lines("bao")
    assert [] == archive.db.execute("SELECT * FROM lines").fetchall()
    archive.learn_recurring_lines("bao")
    assert (lines, total) == recurring_lines(archive.db, "bao")


def test_articles_outside_full_buckets_are_counted(archive):
    """A small archive shows boilerplate too, although no bucket is full."""
    fill(archive, 0, 9)
    archive.learn_recurring_lines("bao")

    assert [9] == [line.articles for line in recurring_lines(archive.db, "bao")[0]]


def test_proposes_rules_to_paste(khobao, tmp_path, archive):
    """The printed rules are TOML; lines that a declaration already removes are not proposed."""
    fill(archive, 0, 40)
    archive.close()
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "bao.toml").write_text(DECLARED, encoding="utf-8")

    def proposed(*more):
        return khobao(
            "outlets", "--boilerplate", "bao", "--archive", "a.db", *more, env={"KHOBAO_OUTLETS__FOLDER": "mine"}
        )

    told = proposed().out
    rules = tomllib.loads(told)["reading"]["strip"]
    assert [True, True] == [
        bool(re.fullmatch(rule, line)) for rule, line in zip(rules, (RATED.format(7), FOLLOW), strict=True)
    ]
    assert "# 20 (50%), 2026-02-05 to 2026-03-15, 0000000000000001" in told
    assert [40, 20] == [line["articles"] for line in json.loads(proposed("--json").out)["lines"]]

    (folder / "bao.toml").write_text(DECLARED + told, encoding="utf-8")
    assert "no line recurs" in proposed().out


def test_works_without_an_archive_and_beside_a_writer(khobao, archive):
    """Without an archive there is nothing to learn from; beside a writer, the stored counts are printed."""
    assert 3 == khobao("outlets", "--boilerplate", "vov", "--archive", "none.db").code
    beside = khobao("outlets", "--boilerplate", "vov", "--archive", "a.db")

    assert (0, True) == (beside.code, "another khobao is writing" in beside.err)
