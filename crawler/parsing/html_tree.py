"""Parse a page into a bounded tree, prune it, and cut it to the parts that rules select."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.errors import Failure, Reason
from crawler.parsing.blocks import CAPTION_MARK, blocks_of
from crawler.parsing.composition import compose

if TYPE_CHECKING:
    from lxml.html import HtmlElement, HTMLParser

MAX_CHARS = 12_000_000
MAX_ELEMENTS = 60_000
MAX_KEPT_CHARS = 3_000_000  # of markup, after everything that is not the article was removed
MAX_DEPTH = 200  # libxml2 silently stops at a depth of 256
_MAX_UNCLOSED = 4_000  # parsing takes quadratic time in the depth
_MANY = 40_000  # tags; a page with more is checked before it is parsed
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,20})")
_MAX_ATTRIBUTES = 5_000  # of one element; parsing takes quadratic time in their number
_QUOTED = re.compile("""=\\s*(?:"[^"]*"|'[^']*')""")
_SHALLOW_NAMES = """
area base br col embed hr img input link meta source track wbr p li td tr th dt dd option thead tbody tfoot
"""
_SHALLOW = frozenset(_SHALLOW_NAMES.split())
_TEMPLATE = re.compile(r"<(/?)template\b([^<>]{0,500})>", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|p|div|li|tr|h[1-6]|section|article)\b", re.IGNORECASE)
# A single control character makes trafilatura find nothing, because lxml refuses to put it into a tree. They are
# removed from the bytes in UTF-8, by patterns that begin with a literal: in half the time (measured).
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
_OTHER_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]"), re.compile(rb"\xef\xbf[\xbe\xbf]")
_BLANK_FOR_TAB = bytes.maketrans(b"\v", b" ")
_TOO_DEEP = " > ".join(["*"] * MAX_DEPTH)
UNSEEN = "script,style,template,noscript,svg"
NEVER = (
    "iframe,nav,footer,aside:not(:has(h1)),button,input,select,textarea,dialog,object,video,audio,canvas,"
    "[role=navigation],[role=complementary]:not(:has(h1)),[role=contentinfo],[role=search],[role=dialog],"
    "[role=alertdialog],amp-sidebar,amp-consent,amp-user-notification,amp-ad,amp-embed,amp-social-share,amp-next-page,"
    "amp-web-push-widget,.mw-editsection,[subscriptions-section=content-not-granted]"
)
_PICTURES = "img,picture,source,link,meta,wbr,hr"
_LOOKS = ["span", "b", "i", "em", "strong", "u", "font", "small", "mark", "sup", "sub"]


def parse(text: str) -> LexborHTMLParser | Failure:
    """Parse a page within limits of size and depth.

    Returns:
        The tree, or `TOO_LARGE` or `TOO_DEEP`.
    """
    if len(text) > MAX_CHARS:
        return Failure(Reason.TOO_LARGE, f"{len(text)} characters of markup; {MAX_CHARS} are read at most")
    tags = text.count("<")
    if (
        tags > _MAX_UNCLOSED
        and (tags > _MANY or text.count("<div") > _MAX_UNCLOSED)
        and (deepest := _nesting(text)) > _MAX_UNCLOSED
    ):
        return Failure(Reason.TOO_DEEP, f"elements are nested {deepest} deep or more")
    if _has_monster_tag(text, tags):
        return Failure(Reason.TOO_LARGE, f"an element with {_MAX_ATTRIBUTES} attributes or more")
    tree = LexborHTMLParser(_with_open_shadow_roots(text) if "shadowroot" in text else text)
    if tree.css_first(_TOO_DEEP):
        return Failure(Reason.TOO_DEEP, f"elements are nested {MAX_DEPTH} deep or more")
    if tags > MAX_ELEMENTS and len(tree.css("*")) > MAX_ELEMENTS:
        return Failure(Reason.TOO_LARGE, f"more than {MAX_ELEMENTS} elements")
    if tree.css_first("ruby"):
        _drop_readings(tree)
    return tree


def _drop_readings(tree: LexborHTMLParser) -> None:
    """Keep the words under ruby annotations, without their readings (HTML Standard, 4.5.10)."""
    drop(tree, "rt,rp,rtc")
    tree.unwrap_tags(["ruby", "rb"])
    if tree.body is not None:
        tree.body.merge_text_nodes()


def _with_open_shadow_roots(text: str) -> str:
    """Turn declarative shadow roots into plain elements, as browsers show them.

    HTML Standard, 4.12.3: a `template` with `shadowrootmode` (once `shadowroot`) is the shadow tree of its parent.
    """
    shadow: list[bool] = []

    def opened(tag: re.Match[str]) -> str:
        if not tag[1]:
            shadow.append("shadowroot" in tag[2].lower())
            return "<div>" if shadow[-1] else tag[0]
        return "</div>" if shadow and shadow.pop() else tag[0]

    return _TEMPLATE.sub(opened, text)


def _has_monster_tag(text: str, tags: int) -> bool:
    """Return whether one element has too many attributes, which parsers compare with each other.

    A tag ends at the first `>` outside quotes. So a tag with many attributes shows as a long stretch without `>`, or
    as many stretches without `<` that each open a quote.
    """
    for stretch in _long_stretches(text, 2 * _MAX_ATTRIBUTES):
        if tag := _TAG.search(stretch):
            names = _QUOTED.sub("", stretch[tag.start() :])
            if len(names.replace("/", " ").split()) > _MAX_ATTRIBUTES:
                return True
    if text.count(">") + 1 - tags < _MAX_ATTRIBUTES:
        return False
    inside = 0
    for stretch in text.split(">"):
        inside = inside + 1 if "<" not in stretch and "=" in stretch else 0
        if inside > _MAX_ATTRIBUTES:
            return True
    return False


def _long_stretches(text: str, longest: int) -> Iterator[str]:
    """Yield the stretches without `>` that are longer than a limit, in steps of that limit."""
    start = 0
    while start + longest < len(text):
        last = text.rfind(">", start, start + longest + 1)
        if last >= 0:
            start = last + 1
            continue
        end = text.find(">", start + longest)
        end = end if end >= 0 else len(text)
        yield text[start:end]
        start = end + 1


def _nesting(text: str) -> int:
    """Estimate how deeply tags are nested, without parsing."""
    depth = deepest = 0
    for closing, name in _TAG.findall(text):
        if name.lower() in _SHALLOW:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > deepest:
            deepest = depth
            if deepest > _MAX_UNCLOSED:
                break
    return deepest


def drop(tree: LexborHTMLParser | LexborNode, selector: str) -> None:
    """Remove all elements that a selector matches."""
    for node in tree.css(selector):
        node.decompose()


def flatten(tree: LexborHTMLParser) -> None:
    """Remove pictures, and unwrap elements that only change how text looks."""
    drop(tree, _PICTURES)
    tree.unwrap_tags(_LOOKS)


def first(tree: LexborHTMLParser | LexborNode, selectors: Iterable[str]) -> tuple[str, LexborNode | None]:
    """Return the text or attribute that the first matching rule finds, and its node.

    Args:
        tree: The tree to search.
        selectors: CSS selectors, with `@attribute` at the end to take an attribute.

    Returns:
        The text and the node; an empty text and None if no match has a text.
    """
    for rule in selectors:
        selector, _, attribute = rule.partition("@")
        for node in tree.css(selector):
            if text := words_of(node, attribute):
                return text, node
    return "", None


def words_of(node: LexborNode, attribute: str = "") -> str:
    """Return the text of a node, or of one of its attributes, on one line."""
    if attribute:
        raw = node.attributes.get(attribute) or ""
    elif _BREAKS.search(inner := node.inner_html or ""):
        whole = lxml_tree(inner)
        raw = "" if isinstance(whole, Failure) else " ".join(block.text for block in blocks_of(whole.body))
    else:
        raw = node.text(deep=True)
    return compose(" ".join(raw.split()))


def mark_captions(tree: LexborHTMLParser, selectors: Iterable[str]) -> None:
    """Mark the elements that rules select as captions, for `blocks_of`."""
    for selector in selectors:
        for node in tree.css(selector):
            node.attrs[CAPTION_MARK] = ""


def end_at(body: LexborNode, selectors: Iterable[str]) -> None:
    """Cut a body before the first match."""
    for selector in selectors:
        node: LexborNode | None = body.css_first(selector)
        while node is not None and node != body:
            following = node.next
            while following is not None:
                after = following.next
                following.remove()
                following = after
            parent = node.parent
            if node.css_matches(selector):
                node.remove()
            node = parent


@cache
def _parser() -> HTMLParser:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # One class for all elements: lxml.html looks up the class of each in Python, a tenth of the reading time.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def lxml_tree(markup: str) -> HtmlElement | Failure:
    """Return the pruned page as the tree that trafilatura reads.

    Returns:
        The tree; `TOO_LARGE` if it is too large, `EMPTY` if it is empty.
    """
    from lxml import html  # here, so that only the processes that parse load it

    if len(markup) > MAX_KEPT_CHARS:
        return Failure(
            Reason.TOO_LARGE, f"{len(markup)} characters of markup are left after menus and scripts were removed"
        )
    readable = compose(markup).encode("utf-8", "replace").translate(_BLANK_FOR_TAB, _CONTROLS)
    for pattern in _OTHER_CONTROLS:
        readable = pattern.sub(b"", readable)
    tree = html.document_fromstring(readable, parser=_parser(), ensure_head_body=True)
    for aside in tree.iter("aside"):  # the remaining ones contain the headline, and trafilatura skips them
        aside.tag = "div"
    return tree
