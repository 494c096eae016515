"""Define the faults of content: pages that are not articles or break readers, and broken sources."""

from __future__ import annotations

import gzip

from archive.errors import Reason
from crawler.newsstand.fault_model import TITLE, Fault, article, date_meta, html, rss, text, xml
from crawler.newsstand.raw_http import Answer, reply
from crawler.outlets.model import SourceKind


def _page(name: str, told: str, body: bytes, reason: Reason | None = None, kind: str = "text/html") -> Fault:
    return Fault(name=name, told=told, answer=lambda: reply(200, body, Content_Type=kind), reason=reason)


_TRAP = "Chuyện chợ nổi đông vui từ lâu đã thành nếp sống của người dân ven sông nơi đây."

IN_PAGES = (
    _page(
        "soft-404",
        "status 200 for a missing page",
        html(body="<h1>Không tìm thấy trang</h1>", title="404"),
        Reason.ERROR_PAGE,
    ),
    Fault(
        name="to-front-page",
        told="the home page instead of a missing article",
        answer=lambda: reply(302, Location="/"),
        reason=Reason.HOME_PAGE,
    ),
    _page(
        "front-page",
        "the home page at the address of an article",
        html('<link rel="canonical" href="http://front-page.hostile.example/">', text()).replace(
            TITLE.encode(), "Trang nhất".encode()
        ),
        Reason.ERROR_PAGE,
    ),
    _page("empty", "an empty page", b"", Reason.EMPTY),
    _page("no-body", "a head without a body", html(date_meta()).partition(b"<body>")[0], Reason.NO_TEXT),
    _page("two-bodies", "two bodies", article().replace(b"</html>", b"") + b"<body><p>Hai</p></body></html>"),
    _page(
        "script-only",
        "an article that only a script would show",
        html(date_meta(), "<div id=app></div><script>render({" + "'a':'b'," * 2000 + "})</script>"),
        Reason.NO_TEXT,
    ),
    _page("undated", "an article without a date", html(body=text()), Reason.NO_DATE),
    _page(
        "future", "an article from the year 2099", html(date_meta("2099-01-01T00:00:00Z"), text()), Reason.FUTURE_DATE
    ),
    _page(
        "paywall",
        "a stub before a paywall",
        html(
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + TITLE + '",'
            '"datePublished":"2026-02-04T07:00:00+07:00","isAccessibleForFree":false}</script>',
            f"<article><h1>{TITLE}</h1><p>Mời bạn đăng ký để đọc tiếp bài này.</p></article>",
        ),
        Reason.PAYWALLED,
    ),
    _page("nested-divs", "200 000 nested divs", html(date_meta(), "<div>" * 200_000 + text()), Reason.TOO_DEEP),
    _page(
        "million-links",
        "a million links",
        html(date_meta(), "".join(f"<a href=/{n}>" for n in range(1_000_000))),
        Reason.TOO_LARGE,
    ),
    _page("null-bytes", "null bytes in the markup", article().replace(b"<p>", b"\0<p>\0")),
    _page("surrogates", "lone surrogates", article("<p>Nửa chữ &#xD800; và &#55357; rồi thôi.</p>")),
    _page("bad-utf-8", "invalid UTF-8", article().replace(b"</h1>", b" \xff\xfe\xc3</h1>")),
    _page("mislabelled", "UTF-8 labelled as Latin-1", article(), kind="text/html; charset=iso-8859-1"),
    _page("endless-attribute", "an attribute of a megabyte", article("<p title='" + "x" * 1_000_000 + "'>Hết.</p>")),
    _page(
        "broken-json-ld",
        "JSON-LD nested 100 000 deep",
        html(date_meta() + f'<script type="application/ld+json">{"[" * 100_000}</script>', text()),
    ),
    Fault(
        name="regex-trap",
        told="a line on which a rule of the outlet would run for years",
        answer=lambda: reply(200, html(date_meta(), text().replace("</h1>", f"</h1><p>{_TRAP}</p>"))),
        reason=Reason.HUNG,
        strip=r"Chuyện chợ (\w+\s?)+!",
    ),
    _page("picture", "a picture labelled as a page", b"\x89PNG\r\n\x1a\n" + bytes(500), Reason.WRONG_TYPE),
    _page("pdf", "a PDF", b"%PDF-1.7", Reason.WRONG_TYPE, "application/pdf"),
)


def _source(
    name: str, told: str, answer: Answer | bytes, reason: Reason | None = None, kind: SourceKind = "feed"
) -> Fault:
    return Fault(name=name, told=told, at="source", answer=lambda: answer, reason=reason, kind=kind)


_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
_ENTITIES = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{_BOMB}]><rss><channel>&e9;</channel></rss>'
_SECRETS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY s SYSTEM "file:///etc/passwd">]><rss><channel>&s;</channel></rss>'
)
_SITEMAP = '<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{1}</{0}>'
_MILLION = 1_000_000
_ITEM = "<item><link>http://million-entries.hostile.example/bai-1000002.html</link></item>"

IN_SOURCES = (
    _source("entity-bomb", "a feed with nested entities (entity bomb)", xml(_ENTITIES.encode()), Reason.MALFORMED),
    _source("external-entity", "a feed that includes local files", xml(_SECRETS.encode()), Reason.MALFORMED),
    _source("html-feed", "a web page instead of a feed", reply(200, article()), Reason.MALFORMED),
    _source("empty-feed", "an empty feed", xml(b""), Reason.EMPTY),
    _source("cut-feed", "a truncated feed", xml(rss("http://cut-feed.hostile.example/bai-1000003.html")[:-60])),
    _source(
        "wrong-encoding", "a feed that claims to be UTF-16", xml(rss().replace(b'"1.0"', b'"1.0" encoding="utf-16"'))
    ),
    _source(
        "future-feed",
        "a feed from the year 2099",
        xml(rss("http://future-feed.hostile.example/bai-tot-1000002.html", date="Thu, 01 Jan 2099 00:00:00 GMT")),
    ),
    _source("foreign-links", "a feed of links to other sites", xml(rss(*(f"http://x{n}.example/" for n in range(99))))),
    Fault(
        name="million-entries",
        told="a feed of a million entries",
        at="source",
        answer=lambda: xml(f"<rss><channel>{_ITEM * _MILLION}</channel></rss>".encode()),
        reason=Reason.TOO_LARGE,
    ),
    _source(
        "feed-picture",
        "a picture instead of a feed",
        reply(200, b"GIF89a", Content_Type="image/gif"),
        Reason.WRONG_TYPE,
    ),
    _source(
        "sitemap-loop",
        "a sitemap index that lists itself",
        xml(
            _SITEMAP.format(
                "sitemapindex", "<sitemap><loc>http://sitemap-loop.hostile.example/nguon</loc></sitemap>"
            ).encode()
        ),
        kind="sitemap",
    ),
    Fault(
        name="sitemap-bomb",
        told="a small gzip sitemap that inflates to 60 MB",
        at="source",
        answer=lambda: reply(200, gzip.compress(bytes(60_000_000), 1), Content_Type="application/gzip"),
        reason=Reason.TOO_LARGE,
        kind="sitemap",
    ),
    _source(
        "no-sitemap",
        "JSON instead of a sitemap",
        reply(200, b"{}", Content_Type="application/json"),
        Reason.MALFORMED,
        "sitemap",
    ),
    _source(
        "deep-json",
        "a listing nested 100 000 deep",
        reply(200, b"[" * 100_000, Content_Type="application/json"),
        Reason.MALFORMED,
        "listing",
    ),
    _source("blank-section", "a section page of only blanks", reply(200, b" " * 1000), Reason.EMPTY, "section"),
)
