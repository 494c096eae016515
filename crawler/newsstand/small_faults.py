"""Define small faults, which browsers and feed readers repair, and notices in the place of an article."""

from __future__ import annotations

import asyncio
import gzip

from archive.errors import Reason
from crawler.newsstand.fault_model import Fault, article, date_meta, html, rss, xml
from crawler.newsstand.raw_http import Answer, reply
from crawler.outlets.model import SourceKind

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
_PAGE = article()
_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_PAGE), _PAGE)


def _page(name: str, told: str, answer: bytes | Answer, reason: Reason | None = None) -> Fault:
    return Fault(name=name, told=told, answer=lambda: answer, reason=reason)


def _source(name: str, told: str, content: bytes, kind: SourceKind = "feed") -> Fault:
    return Fault(name=name, told=told, at="source", answer=lambda: xml(content), reason=None, kind=kind)


def _notice(name: str, told: str, title: str, words: str, reason: Reason = Reason.BLOCKED) -> Fault:
    page = html(date_meta(), f"<main><h1>{title}</h1><p>{words}</p></main>", title=title)
    return _page(name, told, reply(200, page), reason)


def _with_cookie(name: str) -> Fault:
    """Define a page that redirects to itself, whether its cookie comes back or not."""

    async def gate(writer: asyncio.StreamWriter) -> None:
        writer.write(reply(302, Location=f"http://{name}.hostile.example/bai-xau-1000001.html?c=1", Set_Cookie="c=1"))

    return _page(name, "a redirect in circles with a cookie that nobody accepts", gate, Reason.BLOCKED)


ON_THE_WIRE = (
    _page(
        "broken-header",
        "a header line that is no header",
        _HEAD + b"cache rule/forum.php: not supported\r\nContent-Length: %d\r\n\r\n%s" % (len(_PAGE), _PAGE),
    ),
    _page(
        "doubled-coding",
        "a transfer coding that is named twice",
        _HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + _CHUNKS,
    ),
    _page(
        "gzip-without-trailer",
        "gzip whose data are whole, and whose last eight bytes are missing",
        reply(200, gzip.compress(_PAGE, mtime=0)[:-8], Content_Encoding="gzip"),
    ),
    _page("odd-coding", "an encoding that is called utf-8", reply(200, _PAGE, Content_Encoding="utf-8")),
    _page(
        "blank-before-colon",
        "a blank before the colon of a header line",
        _HEAD + b"X-Cache : hit\r\nContent-Length: %d\r\n\r\n%s" % (len(_PAGE), _PAGE),
    ),
    _page(
        "refresh-loop",
        "a page that only refreshes, and to itself in the end",
        reply(200, b'<meta http-equiv="refresh" content="0;url=/bai-xau-1000001.html?x=1">'),
        Reason.REDIRECTS,
    ),
    _with_cookie("cookie-circle"),
)

IN_PLACE_OF_ARTICLES = (
    _notice(
        "consent-wall",
        "a consent wall with status 200",
        "Quyền riêng tư",
        "Chúng tôi và 842 đối tác lưu dữ liệu trên máy của bạn. Bấm đồng ý để vào trang.",
    ),
    _notice(
        "bot-check",
        "a bot check with status 200",
        "Making sure that you are no bot",
        "Your browser solves a puzzle before the page opens. This takes a few seconds.",
    ),
    _notice("maintenance", "a notice of maintenance with status 200", "Bảo trì", "Hệ thống được nâng cấp đến 22 giờ."),
    _notice(
        "expired",
        "a notice that the article has expired, with status 200",
        "Thông báo",
        "Bài viết này đã bị gỡ khỏi hệ thống.",
        Reason.ERROR_PAGE,
    ),
)

IN_SOURCES = (
    _source("bare-ampersand", "a feed whose addresses hold a bare ampersand", rss("http://a.example/?id=1&cat=3")),
    _source("warnings-first", "a feed behind warnings of its server", b"<br />\n<b>Warning</b>: x\n" + rss()),
    _source("latin-1-feed", "a feed that is not in its declared encoding", rss().replace(b"Hostile", b"H\xf4tel")),
    _source("feed-as-sitemap", "a feed in the place of a sitemap", rss(), "sitemap"),
    _source("nested-urlset", "a list of addresses in a list", b"<urlset><urlset></urlset></urlset>", "sitemap"),
    _source(
        "long-addresses",
        "a sitemap of addresses that no browser takes",
        ("<urlset>" + "".join(f"<url><loc>/{'ế' * 310}-{n}</loc></url>" for n in range(9_000)) + "</urlset>").encode(),
        "sitemap",
    ),
)

SMALL_FAULTS = (*ON_THE_WIRE, *IN_PLACE_OF_ARTICLES, *IN_SOURCES)
