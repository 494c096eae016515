"""Redesign a site at once: other classes, elements, order and addresses; the same articles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from crawler.newsstand.story import Story, slug

_NAMED = re.compile(rb"""(?P<name>\b(?:class|id|data-role|itemprop))=(?P<mark>["'])(?P<value>[^"'<>]*)(?P=mark)""")
_SCRIPTS = re.compile(rb"(<script.*?</script>)", re.DOTALL | re.IGNORECASE)
_RIGHT = re.compile(rb"""style=(["'])text-align: ?right;?\1""")
_BODY = re.compile(rb"<body[^>]*>", re.IGNORECASE)
_ELEMENTS = ((b"h1", b"h2"), (b"article", b"section"))  # elements and their replacements
_TEASERS = ("Xem nhanh", "Nghe bài này", "Bản tin trong ngày", "Ý kiến bạn đọc")


def redesigned_page(page: bytes, design: int) -> bytes:
    """Give a page another design; its text, scripts and metas stay.

    Args:
        page: The page in its first design.
        design: The number of the new design; 0 is the first.
    """
    if not design:
        return page
    parts = [part if part[:7].lower() == b"<script" else _restyle(part, design) for part in _SCRIPTS.split(page)]
    return _reorder(b"".join(parts), design)


def _restyle(markup: bytes, design: int) -> bytes:
    """Rename classes, ids and roles, and replace the elements of headline and article."""
    markup = _RIGHT.sub(b'class="signed"', markup)
    markup = _NAMED.sub(lambda found: _rename(found, design), markup)
    for element, other in _ELEMENTS:
        name = new_name(element.decode(), design).encode()
        markup = re.sub(rb"<%s(?=[\s>])" % element, b'<%s data-part="%s"' % (other, name), markup)
        markup = markup.replace(b"</%s>" % element, b"</%s>" % other)
        markup = re.sub(rb'<(%s) data-part="(%s)">' % (other, name), rb'<\1 class="\2">', markup)
    return markup


def _rename(found: re.Match[bytes], design: int) -> bytes:
    names = b" ".join(new_name(name, design).encode() for name in found["value"].decode("latin-1").split())
    attribute = b"class" if found["name"] == b"data-role" else found["name"]
    return b"%s=%s%s%s" % (attribute, found["mark"], names, found["mark"])


def new_name(name: str, design: int) -> str:
    """Return the name of a class in a design: letters only, the same at every call."""
    digest = hashlib.sha256(f"{design}:{name}".encode()).hexdigest()[:8]
    return "d" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))


def _reorder(page: bytes, design: int) -> bytes:
    """Put a box of teasers before everything else, and wrap everything in one more element."""
    items = "".join(f"<li><a href='/nhanh/{i}'>{words}</a></li>" for i, words in enumerate(_TEASERS))
    box = f"<div class='{new_name('page', design)}'><aside class='{new_name('box', design)}'><ul>{items}</ul></aside>"
    opened = _BODY.sub(lambda found: found[0] + box.encode("ascii", "xmlcharrefreplace"), page, count=1)
    return opened.replace(b"</body>", b"</div></body>", 1)


def redesigned_address(story: Story, design: int) -> str:
    """Return the address of a story in a design: /SECTION/NUMBER/SLUG.html, with a prefix for each design."""
    return f"http://{story.outlet}.example/v{design}/{slug(story.section)}/{story.number}/{story.slug}.html"


def replace_addresses(body: bytes, addresses: Mapping[str, str]) -> bytes:
    """Replace the addresses of articles in a page, a feed or a listing.

    Args:
        body: The body of a response.
        addresses: The new address of each article, by its old address.
    """
    for old, new in addresses.items():
        body = body.replace(old.encode(), new.encode())
        path = old.removeprefix("http://").partition("/")[2]
        body = body.replace(b'"/' + path.encode() + b'"', b'"/' + new.partition(".example/")[2].encode() + b'"')
    return body
