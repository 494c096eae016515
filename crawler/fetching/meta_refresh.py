"""Find the redirect of a page that only redirects: `<meta http-equiv="refresh">` or `Refresh`.

Browsers follow both (HTML, 4.2.5.3 "Refresh state"). A page with a text of its own is never taken for a redirect.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urldefrag

from crawler.outlets.article_urls import resolve_address

_MOST_BYTES = 32_768  # size of a page that only redirects, with its styles and scripts
_LONGEST_WAIT = 10.0  # seconds; a page with a longer wait is meant to be read
_MOST_WORDS = 60  # words of such a page: "You are being redirected; click here if your browser does not follow."
_META = re.compile(r"<meta\b([^<>]{1,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]{0,2500})"|'([^']{0,2500})'|([^\s"'>]{1,2500}))""")
# "0;url=/a", "5, URL = '/a'", "0 /a": the separators of the standard; its quotes are dropped.
_CONTENT = re.compile(r"""\s*(\d{0,4})(?:\.\d{0,9})?\s*[;,\s]\s*(?:url\s*=\s*)?["']?([^"']{1,2500})""", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|title|noscript)\b.{0,16000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,3000}>")
_COMMENT = re.compile(r"<!--.{0,32768}?-->", re.DOTALL)
_BASE = re.compile(
    r"""<base\b[^<>]{0,500}?href\s{0,9}=\s{0,9}(?:"([^"<>]{1,2500})"|'([^'<>]{1,2500})')""", re.IGNORECASE
)
_AT_ONCE = re.compile(r"\s*0*(?:\.\d*)?\s*[;,\s]")  # a wait of less than a second
_FEED = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml|<rss|<feed|<rdf|<urlset|<sitemapindex|[{\[])", re.IGNORECASE)


def refresh_target(content: bytes, url: str, header: str = "") -> str:
    """Return the address that a page redirects to; empty if the page is to be read.

    A `Refresh` field without a wait is a redirect whatever the page says; a later one is followed like the element.

    Args:
        content: The page, content-decoded.
        url: Its address, to which the target may be relative.
        header: The `Refresh` header field; empty if there is none.
    """
    onward = _target(header, url)
    if onward and onward != urldefrag(url).url and _AT_ONCE.match(header):
        return onward
    if len(content) > _MOST_BYTES or not (onward or b"refresh" in content.lower()) or _FEED.match(content):
        return ""
    text = _COMMENT.sub("", content.decode("utf-8", "replace"))
    base = next((resolve_address(url, found[1] or found[2]) or url for found in _BASE.finditer(text)), url)
    said = (_content_of(found[1]) for found in _META.finditer(text))
    target = onward or next((target for words in said if (target := _target(words, base))), "")
    return target if target and len(_visible_text(text).split()) <= _MOST_WORDS else ""


def _content_of(attributes: str) -> str:
    """Return the `content` of a meta element if it is a refresh."""
    found = {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
        for match in _ATTRIBUTE.finditer(attributes)
    }
    return found.get("content", "") if found.get("http-equiv", "").strip().lower() == "refresh" else ""


def _target(words: str, url: str) -> str:
    found = _CONTENT.match(words)
    if found is None or float(found[1] or 0) > _LONGEST_WAIT:
        return ""
    target = resolve_address(url, found[2].strip())
    return target if target.lower().startswith(("http://", "https://")) else ""


def _visible_text(text: str) -> str:
    return _TAG.sub(" ", _UNSEEN.sub(" ", text))
