"""An article keeps its id if its outlet changes the form of its address."""

from __future__ import annotations

import asyncio

from livesite import live_site, moved, page

OLD, NEW = "/cau-4954451.html", "/v2/thoi-su/cau-moi-noi-hai-bo-song"


def test_a_recheck_that_is_redirected_to_another_form_finds_the_same_article(tmp_path, workers):
    """If the old address redirects to an unknown form, the article is revised, and no second one is archived."""

    async def live():
        async with live_site(tmp_path, workers) as site:
            site.list(OLD)
            site.put(OLD, page())
            await site.crawl()
            before = site.article(OLD).record.id
            site.put(OLD, moved(NEW))
            site.put(
                NEW, page(paragraphs=("Cầu Mới dài 900 mét nối hai bờ sông, theo số liệu mới nhất của ban quản lý.",))
            )
            await site.crawl(hours=2)
            (count,) = [row["n"] for row in site.archive.reader.query("SELECT count(*) AS n FROM articles")]
            return before, site.article(OLD).record, count

    before, record, count = asyncio.run(live())

    assert (before, 1) == (record.id, count)
    assert "900 mét" in record.document.text


def test_an_archived_article_that_is_listed_under_another_form_is_not_archived_twice(tmp_path, workers):
    """Headline and time of publication identify the archived article of a page at an unknown address."""

    async def live():
        async with live_site(tmp_path, workers) as site:
            site.list(OLD)
            site.put(OLD, page())
            await site.crawl()
            site.put(NEW, page())
            site.list(NEW)
            (event,) = await site.crawl(minutes=1)
            (count,) = [row["n"] for row in site.archive.reader.query("SELECT count(*) AS n FROM articles")]
            return event.outcome, count, site.article(NEW).record.id, site.article(OLD).record.id

    outcome, count, new, old = asyncio.run(live())

    assert ("unchanged", 1, old) == (outcome, count, new)
