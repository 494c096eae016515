"""Choosing the sitemaps of an index that may list new articles, and noting what is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.discovery.sitemap_index import choose_children
from crawler.page import Child

SITE = "https://bao.example/"


def undated(*names: str) -> list[Child]:
    """Return children without the time of their last change."""
    return [Child(SITE + name) for name in names]


def chosen(children: list[Child], count: int = 3, **known: list[str]) -> list[str]:
    """Return the names of the chosen sitemaps."""
    lists = {name: [SITE + url for url in urls] for name, urls in known.items()}
    return [url.removeprefix(SITE) for url in choose_children(children, count, **lists).urls]


def test_the_newest_are_read_if_the_index_dates_them() -> None:
    """`lastmod` decides, and a note counts the others."""
    days = [datetime(2026, 2, day, tzinfo=UTC) for day in (3, 1, 4, 2)]
    choice = choose_children([Child(f"{SITE}{day.day}.xml", day) for day in days], 2)

    assert (f"{SITE}3.xml", f"{SITE}4.xml") == choice.urls
    assert "2 sitemaps of the index were not read: they changed earlier" == choice.note


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["wp-sitemap-posts-post-1.xml", "wp-sitemap-posts-page-1.xml", "wp-sitemap-taxonomies-category-1.xml",
             "wp-sitemap-taxonomies-post_tag-1.xml", "wp-sitemap-users-1.xml"],
            ["wp-sitemap-posts-post-1.xml"],
        ),
        (["post-sitemap.xml", "page-sitemap.xml", "category-sitemap.xml", "author-sitemap.xml"], ["post-sitemap.xml"]),
        (["news.xml", "tags.xml", "a.xml"], ["news.xml"]),
        (["a.xml", "b.xml", "authors.xml"], ["a.xml", "b.xml"]),
        (["categories.xml", "tags.xml"], ["categories.xml", "tags.xml"]),
    ],
)  # fmt: skip
def test_names_decide_if_they_are_known(names: list[str], expected: list[str]) -> None:
    """`post` and `news` list articles; `category`, `tag` and `author` do not, unless there is nothing else."""
    assert expected == chosen(undated(*names))


def test_the_newest_day_in_a_name_is_read() -> None:
    """Of sitemaps named by month, the last ones are chosen, in any order."""
    names = ["sitemap-2026-01.xml", "sitemap-2026-02.xml", "sitemap-2025-12.xml", "sitemap-2025-11.xml"]

    assert ["sitemap-2026-01.xml", "sitemap-2026-02.xml"] == chosen(undated(*names), 2)


def test_each_is_read_once_and_then_those_that_brought_articles() -> None:
    """Numbered sitemaps are all read, fifty in one pass, and then only those that listed articles."""
    names = [f"{number}.xml" for number in range(60)]
    first = chosen(undated(*names))
    second = chosen(undated(*names), read=first)

    assert names[:50] == first
    assert names[50:] == second[:10]
    assert ["7.xml", "3.xml"] == chosen(undated(*names), 2, read=names, fruitful=["7.xml", "3.xml", "1.xml"])
    assert ["58.xml", "59.xml"] == chosen(undated(*names), 2, read=names)


def test_skipped_sitemaps_are_noted() -> None:
    """A note says why some sitemaps were not read."""
    assert "2 sitemaps of the index were not read: they hold no articles, as their names say" == (
        choose_children(undated("news.xml", "tags.xml", "a.xml"), 3).note
    )
    assert "10 sitemaps of the index were not read: they wait for the next pass" == (
        choose_children(undated(*(f"{n}.xml" for n in range(60))), 3).note
    )
