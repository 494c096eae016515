"""Real test files of other feed readers are read without a worse link, title or date than feedparser reads.

The files cannot be shipped; without the folder of corpora in KHOBAO_CORPORA these tests are skipped.
"""

from __future__ import annotations

import calendar
import io
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest

from crawler.discovery.entries import TimeRules, plain_text
from crawler.discovery.feeds import read_feed
from crawler.discovery.sources import read_source
from crawler.outlets.catalogue import bare_outlet
from crawler.outlets.model import Source
from crawler.page import Listing, Page

sys.path.insert(0, str(Path(__file__).parent))

import corpora

FOLDER = corpora.folder()
URL = "http://127.0.0.1:8097/x/y.xml"
RULES = TimeRules(ZoneInfo("UTC"), datetime(2026, 11, 24, tzinfo=UTC), "dmy")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="KHOBAO_CORPORA names no folder of corpora")

# Files that are read otherwise than by feedparser, and why that is right.
DIFFERENCES = {
    "wellformed/atom*/entry_link_no_href_link_priority.xml": "an enclosure, here a file to download, is no article",
    "wellformed/atom*/entry_link_rel_enclosure_no_href.xml": "an enclosure, here a file to download, is no article",
}


def files(archive: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a collection with their names."""
    assert FOLDER
    with tarfile.open(Path(FOLDER) / "bench" / "feeds" / archive) as collection:
        for member in collection:
            if member.isfile() and (content := collection.extractfile(member)):
                yield member.name.removeprefix("./"), content.read()


def reference(content: bytes) -> list[tuple[str, str, datetime | None]]:
    """Return the link, title and time of every entry with an address, as feedparser reads them."""
    headers = {"content-location": URL, "content-type": "application/xml"}
    feed = feedparser.parse(io.BytesIO(content), response_headers=headers)
    entries = []
    for entry in feed.entries:
        links = [str(entry.get(name, "")) for name in ("link", "id")]
        link = next((link for link in links if link.startswith("http")), "")
        parsed = entry.get("published_parsed") if entry.get("published") else None
        try:
            published = datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
        except ValueError:
            published = None
        if link:
            entries.append((link, plain_text(str(entry.get("title", ""))), published))
    return entries


def difference(content: bytes) -> str:
    """Return in what a feed is read otherwise than by feedparser; empty if in nothing."""
    theirs, listing = reference(content), read_feed(Page(URL, content, ""), RULES)
    if not isinstance(listing, Listing):
        return "refused" if theirs else ""
    ours = listing.candidates
    if [candidate.url for candidate in ours] != list(dict.fromkeys(link for link, _, _ in theirs)):
        return "links"
    pairs = list(zip(ours, theirs, strict=False))
    if any(mine.title != title for mine, (_, title, _) in pairs):
        return "titles"
    return "times" if any(time and mine.published_at != time for mine, (_, _, time) in pairs) else ""


@pytest.mark.filterwarnings("ignore")
def test_feeds_are_read_as_by_feedparser() -> None:
    """Every file of feedparser's own tests gives its links, titles and times, or differs for a reason."""
    found = {name: told for name, content in files("feedparser.tar.gz") if (told := difference(content))}

    assert {} == {name: told for name, told in found.items() if not any(fnmatch(name, known) for known in DIFFERENCES)}
    assert [] == [known for known in DIFFERENCES if not any(fnmatch(name, known) for name in found)]


# Addresses, and sitemaps of an index, in each file of crawler-commons' tests.
SITEMAPS = {
    "atom.xml": (1, 0),
    "do-not-visit.txt": (1, 0),
    "extension/hebdenbridgetimes-articles-sitemap.xml": (74, 0),
    "extension/pagemaps-sitemap.xml": (2, 0),
    "extension/shinpaideshou-news-sitemap.xml": (3, 0),
    "extension/sitemap-images.xml": (1, 0),
    "extension/sitemap-links.xml": (3, 0),
    "extension/sitemap-mobile.xml": (3, 0),
    "extension/sitemap-news.xml": (2, 0),
    "extension/sitemap-videos-tvshow.xml": (1, 0),
    "extension/sitemap-videos.xml": (3, 0),
    "sitemap-with-bom.txt": (2, 0),
    "sitemap.badns.xml": (2, 0),
    "sitemap.index.xml": (0, 15),
    "sitemap.ns.xml": (2, 0),
    "sitemap.txt": (2, 0),
    "sitemap.txt.gz": (5, 0),
    "xmlSitemap.gz": (5, 0),
}


def test_sitemaps_give_all_their_addresses() -> None:
    """Every sitemap of crawler-commons' tests gives its addresses, whatever its form."""
    found = {}
    for name, content in files("crawler-commons.tar.gz"):
        if name.startswith("sitemaps/"):
            url = f"http://www.example.com/{name}"
            listing = read_source(
                Page(url, content, ""),
                Source(kind="sitemap", url=url),
                bare_outlet("http://www.example.com/"),
                RULES.now,
            )
            counts = (len(listing.candidates), len(listing.children)) if isinstance(listing, Listing) else (-1, -1)
            found[name.removeprefix("sitemaps/")] = counts

    assert SITEMAPS == found
