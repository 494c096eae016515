"""Saved searches find new articles, each once, and notice a week that stands out."""

from datetime import timedelta

import pytest
from factories import NOW, make_plain_record

from archive.search.watches import Watch, compare_weeks, read_hits

GOLD = Watch("gold", "giá vàng")
OURS = Watch("ours", "giá vàng", ("song",))


@pytest.fixture
def add(archive):
    """Archive an article of some days ago."""

    def keep(key, text="Giá vàng tăng.", outlet="vntin", days=0):
        day = (NOW - timedelta(days=days)).date()
        archive.save_document(make_plain_record(key, outlet, title=f"Tin {key}", text=text, day=day), NOW)

    return keep


def titles(archive, name, **which):
    """The titles of the hits of a search, the latest first."""
    return [hit["title"] for hit in read_hits(archive.db, name, 100, **which)]


def test_new_articles_are_found_once(archive, add):
    """A hit waits from its arrival until a message told of it, and is never found again."""
    archive.watches.save([GOLD], NOW)
    add("1")
    add("2", "Giá của vàng")

    assert [1, 0] == [archive.watches.search_new(NOW), archive.watches.search_new(NOW)]
    assert ["Tin 1"] == titles(archive, "gold", waiting=True)
    archive.watches.mark_sent("gold", NOW)
    assert [] == titles(archive, "gold", waiting=True)
    assert ["Tin 1"] == titles(archive, "gold")


def test_a_search_begins_with_past_matches_that_nobody_is_told_of(archive, add):
    """The feed of a new search is not empty, and no message tells of what was there before."""
    add("1")
    archive.watches.save([GOLD], NOW)

    assert ["Tin 1"] == titles(archive, "gold")
    assert [0] == [state.waiting for state in archive.watches.states()]


def test_backfilled_articles_are_no_hits(archive, add):
    """An article that was published more than a week before it arrived is no news."""
    archive.watches.save([GOLD], NOW)
    add("1", days=8)
    add("2", days=7)

    archive.watches.search_new(NOW)
    assert ["Tin 2"] == titles(archive, "gold")


def test_a_search_is_limited_to_its_outlets(archive, add):
    """Articles of other outlets are no hits."""
    archive.watches.save([GOLD, OURS], NOW)
    add("1")
    add("1", outlet="song")

    assert 3 == archive.watches.search_new(NOW)
    assert 1 == len(titles(archive, "ours"))


def test_searches_follow_the_settings(archive, add):
    """A search that is gone from the settings is gone with its hits; one whose query changed begins anew."""
    archive.watches.save([GOLD, OURS], NOW)
    add("1")
    archive.watches.search_new(NOW)
    archive.watches.save([Watch("gold", "mưa lớn")], NOW)

    assert [("gold", "mưa lớn", 0)] == [(s.watch.name, s.watch.query, s.waiting) for s in archive.watches.states()]
    assert [] == titles(archive, "gold") + titles(archive, "ours")


@pytest.mark.parametrize(
    ("matches", "articles", "stands_out"),
    [
        ([30, *[10] * 12], [1000] * 13, True),
        ([12, *[10] * 12], [1000] * 13, False),
        ([30, *[10] * 12], [3000, *[1000] * 12], False),  # three times as many articles were collected
        ([30, *[2, 30] * 6], [1000] * 13, False),  # it goes up and down like that
        ([4, *[0] * 12], [1000] * 13, False),  # too few
        ([6, *[0] * 12], [1000] * 13, True),
        ([30, *[0] * 12], [1000, *[0] * 12], False),  # nothing to compare with
    ],
)
def test_a_week_stands_out_against_the_twelve_before(matches, articles, stands_out):
    """More than chance and the usual ups and downs explain, of as many articles."""
    assert stands_out == compare_weeks(matches, articles).stands_out


def test_weeks_are_counted_back_from_today(archive, add):
    """The last seven days are this week, across the end of a month."""
    for number in range(6):
        add(f"{number}", days=number)
    for number in range(10, 16):
        add(f"{number}", "Trời mưa.", days=number)
    add("20", days=20)

    week = archive.watches.compare_week(GOLD, NOW.date())

    assert (6, True) == (week.found, week.stands_out)
