"""Detecting from statistics that pages are no longer read as before."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from clippings import OUTLET, SENTENCES, START, Clippings, address, html
from hypothesis import given
from hypothesis import strategies as st

from archive.statistics.extraction_stats import FIELDS, ExtractionStats, extraction_stats
from crawler.outlets.model import Reading
from schedules.monitoring.drift import drift

NOW = datetime(2026, 2, 28, 15, tzinfo=UTC)
USUAL = {"standfirst": 30, "byline": 28, "captions": 25, "tags": 30, "section": 30, "published_at": 30}


def day(ago, articles=30, generic=0, words=400, asked=32, rejected=2, **filled):
    """Return the statistics of a day: of 30 articles, with these differences."""
    usual = {name: count * articles // 30 for name, count in USUAL.items()}
    return ExtractionStats(
        (NOW - timedelta(days=ago)).date(), articles, usual | filled, generic, words, asked, rejected
    )


WEEKS = [day(ago) for ago in range(2, 30)]


@pytest.mark.parametrize(
    ("recent", "signs"),
    [
        ([day(0), day(1)], None),
        ([day(0, standfirst=2), day(1)], ("32 of 60 articles had a standfirst, before 840 of 840",)),
        ([day(0, generic=30), day(1)], ("30 of 60 articles were read by no rule of the outlet's, before 0 of 840",)),
        ([day(0, published_at=0)], ("0 of 30 articles had an exact time, before 840 of 840",)),
        ([day(0, words=90), day(1, words=90)], ("articles have 90 words, before 400 (the median)",)),
        ([day(0, words=900), day(1, words=900)], ("articles have 900 words, before 400 (the median)",)),
        ([day(0, 0, asked=20, rejected=20)], ("20 of 20 pages were rejected, before 56 of 896",)),
        ([day(0, 11, asked=11, standfirst=0)], None),  # too few pages
        ([day(0, byline=22), day(1, byline=20)], None),  # close to the usual share
        ([day(0, tags=30, captions=30, byline=30)], None),  # an improvement is not drift
    ],
)
def test_reports_what_changed(recent, signs):
    """A large and significant change is reported with its counts; usual changes, or those on few pages, are not."""
    found = drift("bao", [*WEEKS, *recent], NOW)

    assert signs == (found.signs if found else None)


def test_reports_the_most_serious_sign_first():
    """Of several signs, the most serious comes first."""
    recent = [day(0, byline=0, words=100, asked=300, rejected=290)]

    found = drift("bao", [*WEEKS, *recent], NOW)

    assert ["0 of 30 articles", "290 of 300 pages", "articles have 10"] == [sign[:16].strip() for sign in found.signs]
    assert f"since 2026-02-27 {found.signs[0]}" == str(found)


def test_waits_for_enough_pages():
    """An outlet with few articles is judged over more days, and a new one not at all."""
    few = [day(ago, 3, asked=3) for ago in range(7, 32)]
    broken = [day(ago, 3, asked=3, standfirst=0) for ago in range(4)]

    assert "0 of 12 articles had a standfirst, before 75 of 75" in drift("bao", [*few, *broken], NOW).signs
    assert None is drift("bao", broken, NOW)
    assert None is drift("bao", [], NOW)


SHARES = st.fixed_dictionaries({name: st.integers(0, 30) for name in FIELDS})


@given(SHARES, st.integers(0, 30), st.integers(1, 2000), st.integers(0, 32), st.integers(12, 60))
def test_a_stable_outlet_does_not_drift(filled, generic, words, rejected, days):
    """There is no drift while every day is like the others, whatever the pages contain."""
    same = [day(ago, generic=generic, words=words, rejected=rejected, **filled) for ago in range(days)]

    assert None is drift("bao", same, NOW)


def test_statistics_are_those_of_the_articles_and_requests(tmp_path):
    """The statistics of a day are counted from articles read as news, by outlet."""
    blind = OUTLET.model_copy(update={"reading": (Reading(title=("h1",), body=(".none",)),)})
    with Clippings(tmp_path) as kept:
        for number, sentences in enumerate((SENTENCES, SENTENCES[:1], SENTENCES * 2)):
            kept.visit(address(number), html(*sentences))
        kept.visit(address(3), html(day="2019-01-01"))
        kept.visit(address(4), "<p>không có gì")
        kept.outlet = blind
        kept.visit(address(5), html())
        (found,) = extraction_stats(kept.archive.reader.query, kept.now)["bao"]

    counts = (found.articles, found.generic, found.asked, found.rejected, found.filled["standfirst"])
    assert (START.date(), (4, 1, 6, 1, 4)) == (found.day, counts)
    assert 4 == found.filled["published_at"]
    assert len(" ".join(SENTENCES).split()) + 8 == found.words


def test_drift_is_shown(khobao, tmp_path):
    """`khobao status` and `khobao outlets` describe the drift in one sentence, and --check exits with 1."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bao.toml").write_text('name = "Báo"\nhome = "https://bao.example/"\n')
    now = datetime.now(UTC)
    with Clippings(tmp_path, start=now - timedelta(days=27), step=timedelta(hours=12)) as kept:
        for number in range(55):
            page = html(SENTENCES[0], day=kept.now.date().isoformat())
            kept.visit(address(number), page.replace("sapo", "loi-dan") if number > 41 else page)
    told = r"bao: drifting: since \d{4}-\d\d-\d\d \d of 1\d articles had a standfirst, before \d+ of \d+"

    def ran(*arguments):
        return khobao(*arguments, "--archive", "archive.db", env={"KHOBAO_OUTLETS__FOLDER": "mine"})

    status = ran("status")
    assert (1, True) == (
        status.code,
        bool(re.search(told, status.out)),
    )
    assert re.search(told, ran("outlets", "bao").out)
    assert '"health": "drifting"' in ran("status", "--json").out
    checked = ran("outlets", "--check", "bao")
    assert (1, True) == (checked.code, bool(re.search(told, checked.out)))
    assert '{"outlet": "bao", "since": "' in ran("outlets", "--check", "--json", "bao").out
