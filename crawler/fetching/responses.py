"""Judge a response: its status, redirects, content type, and walls that look like pages. Pure."""

from __future__ import annotations

import re
from http import HTTPStatus
from string import ascii_letters, digits, punctuation
from typing import Literal
from urllib.parse import quote

from archive.errors import Failure, Reason
from archive.record import Capture
from crawler.fetching.backoff import parse_retry_after
from crawler.outlets.article_urls import resolve_address

Kind = Literal["page", "list", "site"]  # an article, a source, or anything that a person names

# The `Accept` field for each kind of content.
ACCEPT: dict[Kind, str] = {
    "page": "text/html, application/xhtml+xml, */*;q=0.1",
    "list": "application/rss+xml, application/atom+xml, application/feed+json, application/xml, text/xml, "
    "application/json;q=0.9, text/html;q=0.8, */*;q=0.1",
    "site": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1",
}
# Content types that contain no article, for any kind.
MEDIA = ("image/", "video/", "audio/", "font/", "application/pdf")
_TEXT = re.compile(r"(?:text/.*|application/(?:.*\+)?xml)?", re.DOTALL)
_JSON = re.compile(r"application/(?:.*\+)?json", re.DOTALL)

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?a-z]", re.IGNORECASE)
_DATA = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")
_GZIP = re.compile(rb"\x1f\x8b")
_BINARY = re.compile(
    rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|RIFF.{4}WEBP|%PDF-|PK\x03\x04|\x7fELF|MZ[\x00-\x08\x80-\xff]|OggS\x00|ID3[\x02-\x04]"
    rb"|wOF[F2]|Rar!\x1a|7z\xbc\xaf|\xd0\xcf\x11\xe0|\x00\x00\x01\x00|.{4}ftyp",
    re.DOTALL,
)

_PRINTABLE = ascii_letters + digits + punctuation
_IGNORED = str.maketrans("", "", "\t\r\n")  # browsers drop them from addresses
_NOT_MODIFIED = 304
_SUCCESS, _PARTIAL = 2, 206
_WHOLE = re.compile(r"bytes 0-(\d{1,18})/(\d{1,18})")
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_BLOCKED = frozenset({401, 403, 451})
_GONE = frozenset({404, 410})
_WAITING = frozenset({429, 503})  # statuses whose Retry-After is used

_WALL_BYTES = 65_536  # walls are smaller
_TINY_BYTES = 8_192
_PARAGRAPHS = 3  # a page with so many paragraphs has content
# Marks of walls only. Marks that protected pages have too, such as the scripts of the protection, are left out.
_WALLS = {
    "a Cloudflare challenge": re.compile(
        rb"_cf_chl_opt|<title>(?:Just a moment\.\.\.|Attention Required! \| Cloudflare)"
    ),
    "an Incapsula wall": re.compile(rb"Request unsuccessful\. Incapsula incident ID"),
    "a DataDome captcha": re.compile(rb"(?:geo|ct)\.captcha-delivery\.com"),
    "a PerimeterX captcha": re.compile(rb"id=[\"']px-captcha[\"']"),
    "a DDoS-Guard challenge": re.compile(rb"<title>DDoS-Guard"),
}
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml|<rss|<feed|<rdf|<urlset|<sitemapindex|[{\[])", re.IGNORECASE)
_SETS_COOKIE = re.compile(rb"document\.cookie\s*=")
_RELOADS = re.compile(rb"location\.(?:reload|replace|href|assign)|location\s*=|http-equiv=[\"']?refresh", re.IGNORECASE)
_CAPTCHA = re.compile(rb"captcha|cf-turnstile", re.IGNORECASE)


def next_hop(response: Capture) -> str | Failure | None:
    """Return the address that a response redirects to.

    Returns:
        An address without its fragment; None if the response is not a redirect; REDIRECTS if its target is unusable.
    """
    if response.status not in _FOLLOWED:
        return None
    # Bytes beyond ASCII are not allowed here but do occur, in the encoding of the site; browsers escape them.
    location = (response.header("Location") or "").strip()
    if not location:
        return Failure(Reason.REDIRECTS, f"{response.status} without an address")
    escaped = quote(location.translate(_IGNORED).encode("latin-1"), safe=_PRINTABLE)
    onward = resolve_address(response.url, escaped)
    return onward or Failure(Reason.REDIRECTS, f"{response.status} to something that is not an address")


def status_failure(response: Capture) -> Failure | None:
    """Return the failure that a status means; None for 2xx. Redirects are handled elsewhere."""
    challenge = response.header("cf-mitigated") or response.header("x-amzn-waf-action")
    if challenge:
        return Failure(Reason.BLOCKED, f"{named_status(response.status)}, a {challenge[:40]}")
    if response.status // 100 == _SUCCESS and (response.status != _PARTIAL or _is_whole(response)):
        return None  # browsers show the body of every 2xx, known or not (RFC 9110, 15)
    if response.status == _NOT_MODIFIED:
        return Failure(Reason.PROTOCOL, "304 Not Modified, though the request had no conditions")
    asked = (
        parse_retry_after(response.header("Retry-After"), response.fetched_at) if response.status in _WAITING else None
    )
    return Failure(reason_of_status(response.status), named_status(response.status), asked)


def _is_whole(response: Capture) -> bool:
    """Return whether the part that a 206 contains is all of it (RFC 9110, 14.4)."""
    found = _WHOLE.fullmatch(response.header("Content-Range") or "")
    return found is not None and int(found[1]) + 1 == int(found[2])


def reason_of_status(status: int) -> Reason:
    """Return why a response with a status other than 200 is a failure."""
    known = {206: Reason.TRUNCATED, 429: Reason.RATE_LIMITED}
    known |= dict.fromkeys(_GONE, Reason.GONE) | dict.fromkeys(_BLOCKED, Reason.BLOCKED)
    by_class = {3: Reason.REDIRECTS, 4: Reason.CLIENT_ERROR, 5: Reason.SERVER_ERROR}
    return known.get(status) or by_class.get(status // 100, Reason.PROTOCOL)


def named_status(status: int) -> str:
    """Return a status with its name, such as `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def type_failure(kind: Kind, content_type: str, content: bytes) -> Failure | None:
    """Return why content is not of the expected kind, by its declared type and by its beginning.

    Args:
        kind: The expected kind; a list may be JSON, or gzip without saying so, as sitemaps are.
        content_type: The `Content-Type` field.
        content: The content, content-decoded.

    Returns:
        WRONG_TYPE, or None.
    """
    called = content_type.partition(";")[0].strip().lower()
    listed = kind != "page"
    if called.startswith(MEDIA):
        return Failure(Reason.WRONG_TYPE, called[:80])
    if _BINARY.match(content) or (_GZIP.match(content) and not listed):
        return Failure(Reason.WRONG_TYPE, f"Content-Type {called[:80] or 'missing'}, content begins {content[:8]!r}")
    fits = _TEXT.fullmatch(called) or (listed and _JSON.fullmatch(called))
    shows = _MARKUP.match(content) or (listed and (_DATA.match(content) or _GZIP.match(content)))
    return None if fits or shows or not content else Failure(Reason.WRONG_TYPE, called[:80])


def find_wall(content: bytes) -> Failure | None:
    """Return why content is a wall instead of a page: a cookie script, a challenge, a captcha.

    Returns:
        BLOCKED, or None.
    """
    if len(content) > _WALL_BYTES:
        return None
    told = next((name for name, marks in _WALLS.items() if marks.search(content)), None)
    tiny = len(content) <= _TINY_BYTES and content.count(b"<p") < _PARAGRAPHS
    if told is None and tiny and not _LIST.match(content):  # a feed of news may well mention captchas
        if _SETS_COOKIE.search(content) and _RELOADS.search(content):
            told = "a script that sets a cookie and loads the page again"
        elif _CAPTCHA.search(content):
            told = "a captcha"
    return Failure(Reason.BLOCKED, told) if told else None
