"""Define a fault of the hostile newsstand, and the good page beside each fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from archive.errors import Reason
from crawler.newsstand.raw_http import Answer, reply
from crawler.outlets.model import SourceKind

TITLE = "Chợ nổi họp phiên đầu năm trên sông"
_PARAGRAPHS = (
    "Từ bốn giờ sáng, hơn hai trăm ghe thuyền đã neo dọc bờ kè để chờ phiên chợ nổi đầu tiên của năm mới.",
    "Ban quản lý chợ cho biết lượng khách tăng gần một phần ba so với cùng kỳ, phần lớn đến từ các tỉnh lân cận.",
    "Bà con tiểu thương mong con nước lớn giữ đến hết rằm để ghe chở dưa hấu và hoa kiểng kịp quay vòng hai chuyến.",
    "Phiên chợ kế tiếp sẽ họp vào sáng chủ nhật, có thêm khu ẩm thực và bến đò miễn phí cho học sinh.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a site, on a host of its own.

    Attributes:
        name: The first label of its host name, in lower case with hyphens.
        told: A short description.
        at: The faulty part: a page that the feed lists beside a good one, the first of two sources, or the robots.txt.
        answer: Returns the response of that part, which may be large.
        reason: The expected reason in the ledger; None if the fault must be handled without a failure.
        spoils: The good page of the host cannot be fetched either.
        kind: The kind of the faulty source.
        scheme: https if the fault is in TLS.
        strip: A `strip` rule of the outlet that the page exploits; empty for none.
    """

    name: str
    told: str
    at: Literal["page", "source", "robots"] = "page"
    answer: Callable[[], Answer]
    reason: Reason | None
    spoils: bool = False
    kind: SourceKind = "feed"
    scheme: Literal["http", "https"] = "http"
    strip: str = ""

    @property
    def host(self) -> str:
        """The fault's own host."""
        return f"{self.name}.hostile.example"

    @property
    def site(self) -> str:
        """The address of the fault's host."""
        return f"{self.scheme}://{self.host}"

    @property
    def outlet(self) -> str:
        """The id of the outlet that has the fault."""
        return self.name.replace("-", "_")

    @property
    def bad(self) -> str:
        """The address of the faulty page."""
        return f"{self.site}/bai-xau-1000001.html"

    @property
    def good(self) -> str:
        """The address of the good page."""
        return f"{self.site}/bai-tot-1000002.html"

    @property
    def source(self) -> str:
        """The address of the first source."""
        return f"{self.site}/nguon"

    @property
    def place(self) -> str:
        """The address that shows the fault."""
        return {"page": self.bad, "source": self.source, "robots": f"{self.site}/robots.txt"}[self.at]

    @property
    def poll(self) -> str:
        """The source that fails because of the fault; for a fault of a page, the good feed."""
        return self.source if self.at == "source" else self.feed

    @property
    def feed(self) -> str:
        """The address of the good feed."""
        return f"{self.site}/tin.rss"


def html(head: str = "", body: str = "", title: str = TITLE) -> bytes:
    """Render a page."""
    meta = f'<meta charset="utf-8"><title>{title}</title>{head}'
    return f'<!DOCTYPE html><html lang="vi"><head>{meta}</head><body>{body}</body></html>'.encode()


def date_meta(moment: str = "2026-02-04T07:00:00+07:00") -> str:
    """Render the meta tag of a publication time."""
    return f'<meta property="article:published_time" content="{moment}">'


def text(title: str = TITLE) -> str:
    """Render the body of a good page."""
    return f"<article><h1>{title}</h1>{''.join(f'<p>{paragraph}</p>' for paragraph in _PARAGRAPHS)}</article>"


def article(more: str = "") -> bytes:
    """Render a good page, with additional markup after its text."""
    return html(date_meta(), text() + more)


def rss(*links: str, date: str = "") -> bytes:
    """Render a good feed, with a date if one is given."""
    when = f"<pubDate>{date}</pubDate>" if date else ""
    items = "".join(f"<item><title>{TITLE}</title><link>{url}</link>{when}</item>" for url in links)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Hostile</title>{items}</channel></rss>'.encode()


def xml(body: bytes) -> bytes:
    """Build a response with an XML content type."""
    return reply(200, body, Content_Type="application/xml")
