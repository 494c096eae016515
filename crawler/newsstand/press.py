"""Build the responses of the invented outlets, by address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import groupby
from urllib.parse import urlsplit

from crawler.newsstand import list_pages as lists
from crawler.newsstand.article_pages import SYSTEMS, address, page
from crawler.newsstand.redesign import redesigned_address, redesigned_page, replace_addresses
from crawler.newsstand.sample_text import generated_stories
from crawler.newsstand.story import Story, written_stories

BULK = 8  # stories of each outlet in addition to the hand-written ones
_FIRST_NUMBERS = {"songhong": 500, "phuongnam": 1845600, "vntin": 5013800, "biendong": 1210100, "cholon": 2300}
_FEEDS = (("Trang chủ", "/rss/home.rss"), ("Thời sự", "/rss/thoi-su.rss"))
_PAGE = 6  # stories on one section page
HTML, XML, JSON = "text/html; charset=utf-8", "application/xml", "application/json; charset=utf-8"
_ROBOTS = "User-agent: *\nDisallow: /noi-bo/\nDisallow: /tim-kiem\n"


@dataclass(frozen=True)
class Answer:
    """The response of an address.

    Attributes:
        content_type: The `Content-Type` header field.
        write: Returns the body; called once.
        location: The target of a redirect; empty if the address has content of its own.
    """

    content_type: str
    write: Callable[[], str | bytes]
    location: str = ""

    @cached_property
    def body(self) -> bytes:
        """The bytes of the body."""
        written = self.write()
        return written.encode() if isinstance(written, str) else written


def stories(bulk: int = BULK) -> list[Story]:
    """List all stories, newest first within each outlet.

    Args:
        bulk: The number of generated stories of each outlet, in addition to the hand-written ones.
    """
    generated = (s for outlet, first in _FIRST_NUMBERS.items() for s in generated_stories(outlet, bulk, first))
    return sorted((*written_stories(), *generated), key=lambda s: (s.outlet, -s.published.timestamp(), s.number))


def press(published: Iterable[Story]) -> dict[tuple[str, str], Answer]:
    """Build all responses, by host and path with query.

    Args:
        published: The stories, sorted by outlet.
    """
    answers: dict[tuple[str, str], Answer] = {}
    for outlet, group in groupby(published, key=lambda story: story.outlet):
        own = list(group)
        answers |= _pages(own)
        answers |= _LISTS[outlet](own)
        name, feeds = _FRONTS[outlet]
        answers[f"{outlet}.example", "/"] = Answer(HTML, partial(lists.front, own[:20], name, feeds))
        answers[f"{outlet}.example", "/robots.txt"] = Answer("text/plain", lambda: _ROBOTS)
    return answers


def redesign(
    answers: Mapping[tuple[str, str], Answer], published: Iterable[Story], outlet: str, design: int
) -> dict[tuple[str, str], Answer]:
    """Redesign one outlet: its pages and the addresses of its articles; old addresses redirect.

    Args:
        answers: The responses in the first design.
        published: The stories.
        outlet: The outlet's id.
        design: The number of the new design.
    """
    host = f"{outlet}.example"
    own = [story for story in published if story.outlet == outlet]
    moved = {address(story): redesigned_address(story, design) for story in own}
    changed = dict(answers)
    for (of, path), answer in answers.items():
        if of.endswith(host):
            changed[of, path] = replace(answer, write=partial(_redesign, answer, moved, design))
    for old, new in moved.items():
        if _place(old) in changed:  # it still exists
            changed[_place(new)] = changed[_place(old)]
            changed[_place(old)] = Answer(HTML, lambda: "", new)
    return changed


def _redesign(answer: Answer, moved: Mapping[str, str], design: int) -> bytes:
    page = redesigned_page(answer.body, design) if "html" in answer.content_type else answer.body
    return page if page.startswith(b"\x1f\x8b") else replace_addresses(page, moved)


def _pages(own: Sequence[Story]) -> dict[tuple[str, str], Answer]:
    answers = {}
    for story in own:
        if story.kind == "gone":
            continue
        kind = "text/html" if story.outlet == "cholon" else HTML
        answers[_place(address(story))] = Answer(kind, partial(page_of, story, own))
    return answers


def page_of(story: Story, own: Sequence[Story]) -> bytes:
    """Render the page at a story's address; a topic is a listing."""
    if story.kind == "topic":
        return lists.section([s for s in own if s is not story], story.title, "").encode()
    return page(story, own[:30])


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


def _songhong(own: Sequence[Story]) -> Mapping[tuple[str, str], Answer]:
    host = "songhong.example"
    pages = {2: "/timelinelist/299001/2.htm", 3: "/timelinelist/299001/3.htm"}
    return {
        (host, "/rss/home.rss"): Answer(XML, lambda: lists.rss(own, "Báo Sông Hồng")),
        (host, "/rss/thoi-su.rss"): Answer(XML, lambda: lists.rss(own[:_PAGE], "Báo Sông Hồng: Thời sự")),
        (host, "/rss.htm"): Answer(HTML, lambda: lists.page_of_feeds(_FEEDS)),
        **_sections(own, host, "/thoi-su.htm", pages, "Báo Sông Hồng"),
    }


def _phuongnam(own: Sequence[Story]) -> Mapping[tuple[str, str], Answer]:
    host, half = "phuongnam.example", len(own) // 2
    children = [f"http://{host}/sitemaps/news-2026-1.xml", f"http://{host}/sitemaps/news-2026-2.xml.gz"]
    return {
        (host, "/sitemap.xml"): Answer(XML, lambda: lists.sitemap_index(children)),
        (host, "/sitemaps/news-2026-1.xml"): Answer(XML, lambda: lists.news_sitemap(own[half:], "Phương Nam")),
        (host, "/sitemaps/news-2026-2.xml.gz"): Answer(
            "application/gzip", lambda: lists.compress(lists.news_sitemap(own[:half], "Phương Nam"))
        ),
        (f"api.{host}", "/api/morenews-zone-5-1.html"): Answer(JSON, lambda: lists.json_listing(own)),
        (f"api.{host}", "/robots.txt"): Answer("text/plain", lambda: _ROBOTS),
    }


def _vntin(own: Sequence[Story]) -> Mapping[tuple[str, str], Answer]:
    host = "vntin.example"
    moved = {
        (host, f"/ban-dau-{s.slug[:20]}-{s.number:07}.html"): Answer(HTML, partial(page_of, s, own))
        for s in own
        if s.kind == "moved"
    }
    return {
        (host, "/rss/tin-moi.atom"): Answer(XML, lambda: lists.atom(own, "VnTin")),
        **_sections(own, host, "/thoi-su", {2: "/thoi-su-p2", 3: "/thoi-su-p3"}, "VnTin"),
        **moved,
    }


def _biendong(own: Sequence[Story]) -> Mapping[tuple[str, str], Answer]:
    host, name = "biendong.example", "Đài Biển Đông"
    return {
        (host, "/rss/tin-moi.json"): Answer("application/feed+json", lambda: lists.json_feed(own[:5], name)),
        (host, "/rss/tin-moi.rdf"): Answer("application/rdf+xml", lambda: lists.rdf(own[4:], name)),
        (host, "/sitemaps/google-news.xml"): Answer(XML, lambda: lists.news_sitemap(own, name)),
    }


def _cholon(own: Sequence[Story]) -> Mapping[tuple[str, str], Answer]:
    pages = {2: "/tin-tuc.asp?trang=2", 3: "/tin-tuc.asp?trang=3"}
    return _sections(own, "cholon.example", "/tin-tuc.asp", pages, "Bản tin Chợ Lớn Mới")


def _sections(
    own: Sequence[Story], host: str, first: str, later: Mapping[int, str], name: str
) -> dict[tuple[str, str], Answer]:
    """Build the pages of a section, a few stories each."""
    paths = [first, *later.values()]
    write = lists.hand_made_section if host == "cholon.example" else lists.section
    kind = "text/html" if host == "cholon.example" else HTML
    answers = {}
    for n, path in enumerate(paths):
        shown = own[n * _PAGE : (n + 1) * _PAGE] if path != paths[-1] else own[n * _PAGE :]
        following = f"http://{host}{paths[n + 1]}" if n + 1 < len(paths) else ""
        answers[host, path] = Answer(kind, partial(write, shown, name, following))
    return answers


_LISTS: dict[str, Callable[[Sequence[Story]], Mapping[tuple[str, str], Answer]]] = {
    "songhong": _songhong,
    "phuongnam": _phuongnam,
    "vntin": _vntin,
    "biendong": _biendong,
    "cholon": _cholon,
}
# The name of each home page, and the feeds that it links to.
_FRONTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "songhong": ("Báo Sông Hồng", (("html", "/rss.htm"),)),
    "phuongnam": ("Phương Nam", ()),
    "vntin": ("VnTin", (("atom+xml", "/rss/tin-moi.atom"),)),
    "biendong": ("Đài Biển Đông", (("feed+json", "/rss/tin-moi.json"), ("rss+xml", "/rss/tin-moi.rdf"))),
    "cholon": ("Bản tin Chợ Lớn Mới", ()),
}
assert set(_LISTS) == set(SYSTEMS) == set(_FRONTS)
