"""Refuse pages that are not articles, and determine the kind of articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from archive.errors import Failure, Reason
from crawler.outlets.article_urls import looks_like_article
from crawler.parsing.blocks import Block, is_long, squash, width, word_count
from crawler.reading import jsonld
from crawler.reading.article import Article
from crawler.reading.metadata import PageMetadata
from crawler.reading.page_furniture import SECTION_NAME, behind_teasers, is_teaser

_NOT_THERE = re.compile(
    # The status must come first and alone, or be called an error: "404 people" may be in the news too.
    r"^\W*4(?:04|10)(?:\W*$|\W*[|–—:-]|\s+(?:not|page|error|lỗi|không|trang))|"
    r"(?:error|lỗi|http)\W{0,3}4(?:04|10)\b|page (?:introuvable|does ?n[o']t exist)|not found|"
    r"nothing (?:was )?found|no longer available|"
    r"không tìm thấy|không tồn tại|trang bạn (?:yêu cầu|tìm)|seite nicht gefunden|"
    r"página no encontrada|pagina non trovata",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"just a moment|attention required|access denied|are you (?:a )?(?:human|robot)|verify (?:that )?you are|captcha|"
    r"enable (?:javascript|cookies)|pardon our interruption|xác minh bạn",
    re.IGNORECASE,
)
_ASKS_TO_PAY = re.compile(
    r"(?:subscri|sign in|log in|register|đăng nhập|đăng ký|trở thành hội viên|dành cho (?:thuê bao|hội viên)|mua gói)"
    r".{0,60}(?:to (?:continue|keep) reading|to read (?:more|the full|this)|để đọc (?:tiếp|toàn bộ|trọn)|để xem tiếp)|"
    r"jetzt weiterlesen|pour lire la suite|réservé aux abonnés|contenido exclusivo para suscriptores",
    re.IGNORECASE,
)
_KINDS = (
    (
        "live",
        re.compile(r"/(?:live|truc-tiep|tuong-thuat|liveblog|live-blog)(?:[/-]|$)|tường thuật|liveblog", re.IGNORECASE),
    ),
    ("emagazine", re.compile(r"e-?magazine|megastory|longform|infographic|/(?:long-?read|dac-san)/", re.IGNORECASE)),
    (
        "opinion",
        re.compile(
            r"/(?:opinion|opinions|goc-nhin|y-kien|commentisfree|editorials?|columns?|meinung|debat)/", re.IGNORECASE
        ),
    ),
    (
        "photo",
        re.compile(
            r"photo(?:story|essay|-gallery)|phóng sự ảnh|/(?:photo|photos|anh|gallery|in-pictures)/", re.IGNORECASE
        ),
    ),
    ("video", re.compile(r"/(?:video|videos|clip)/", re.IGNORECASE)),
)
_TYPES = {"LiveBlogPosting": "live", "OpinionNewsArticle": "opinion", "ImageGallery": "photo", "VideoObject": "video"}
_STUB = 40  # words; the part of an article that a paywall shows
_FEW = 30  # words; with fewer, a page is refused if there is other evidence against it
_FEW_LINKS = 0.3  # share of a block inside links
_SOME_LINKS = 0.5
_TEASERS = 12  # linked headlines; a page with so many may be a listing
_LIST_OF_SUMMARIES = 3  # paragraphs after linked headlines that form a list, whatever its headline
_PARAGRAPH = 60  # letters and digits
_HEADLINE = 12  # letters and digits; shorter texts occur on many pages


def refuse_address(url: str) -> Failure | None:
    """Refuse the home page of a site by its address; return None for any other address."""
    parts = urlsplit(url)
    if parts.path.strip("/") in {"", "index.html", "index.php", "home"} and not parts.query:
        return Failure(Reason.HOME_PAGE, f"{url} is the home page")
    return None


def refuse_template(facts: PageMetadata, listed: str = "") -> Failure | None:
    """Refuse a page of a declared outlet that lacks the outlet's article node; allow other templates.

    Args:
        facts: The metadata of the page.
        listed: The headline under which a source lists the page; empty if none does.
    """
    if _is_wall(facts):
        return _refuse_blocked(facts)
    if _is_video(facts):
        return Failure(Reason.VIDEO, "a video, and it lacks the outlet's article node")
    if _has_date(facts) or _bears(facts, listed):
        return None
    return Failure(Reason.LISTING, "the page has neither a date nor the outlet's article node")


def refuse_text(facts: PageMetadata, article: Article, listed: str = "") -> Failure | None:
    """Refuse a page by its text, on strong evidence only; return None if it is an article.

    Args:
        facts: The metadata of the page.
        article: The text that was taken for the article.
        listed: The headline under which a source lists the page; empty if none does.
    """
    words = word_count(article.standfirst) + sum(word_count(block.text) for block in article.blocks)
    if words < 2 * _STUB and _NOT_THERE.search(article.title):
        return Failure(Reason.ERROR_PAGE, f"the page says that it does not exist: {article.title[:80]!r}")
    if _is_wall(facts) or (words < 2 * _STUB and _WALL.search(_own_title(facts))):
        return _refuse_blocked(facts)
    if words < _STUB and (_is_locked(facts) or any(_ASKS_TO_PAY.search(block.text) for block in article.page)):
        return Failure(Reason.PAYWALLED, f"{words} words, the rest is for subscribers")
    if words < _FEW and _is_video(facts):
        return Failure(Reason.VIDEO, f"a video with {words} words of text")
    believed = _has_date(facts) or _bears(facts, listed)
    refusal = None if believed else _refuse_list(facts, article)
    return refusal or (None if words else _no_text(article))


def _is_wall(facts: PageMetadata) -> bool:
    """Return whether the whole title is that of a bot wall: `Access Denied | Cloudflare`."""
    wall = _WALL.match(facts.page_title)
    return wall is not None and re.fullmatch(r"\W*(?:[|–—-].*)?", facts.page_title[wall.end() :].strip()) is not None


def _own_title(facts: PageMetadata) -> str:
    return " ".join((facts.page_title, facts.meta("og:title")))


def _refuse_blocked(facts: PageMetadata) -> Failure:
    return Failure(Reason.BLOCKED, f"the page is a wall: {_own_title(facts)[:80]!r}")


def _bears(facts: PageMetadata, listed: str) -> bool:
    """Return whether a page has the headline under which a source lists it."""
    key = squash(listed)
    return len(key) >= _HEADLINE and any(key in squash(words) for words in (*facts.titles, *facts.heads))


def _no_text(article: Article) -> Failure:
    return Failure(Reason.NO_TEXT, "no article among the text of the page" if article.page else "no text on the page")


def kind_of(url: str, facts: PageMetadata, section: str, captions: int, words: int) -> str:
    """Return the kind of an article: article, photo, video, live, emagazine or opinion.

    Args:
        url: The address.
        facts: The metadata of the page.
        section: The section of the article.
        captions: Words in its captions.
        words: Words in its text.
    """
    for kind in jsonld.node_types(facts.article):
        if kind in _TYPES:
            return _TYPES[kind]
    if captions * 2 > words:
        return "photo"
    said = " ".join((urlsplit(url).path, facts.meta("its_type"), section))
    kind = next((kind for kind, pattern in _KINDS if pattern.search(said)), "article")
    if section.casefold() in {"góc nhìn", "ý kiến", "opinion", "opinions", "bình luận", "editorial", "meinung"}:
        kind = "opinion"
    return kind


def _has_date(facts: PageMetadata) -> bool:
    return bool(facts.article.get("datePublished") or facts.meta("article:published_time", "og:published_time"))


def _is_locked(facts: PageMetadata) -> bool:
    return any(str(node.get("isAccessibleForFree")).lower() == "false" for node in facts.nodes)


def _is_video(facts: PageMetadata) -> bool:
    said = facts.meta("og:type").startswith("video") or "VideoObject" in jsonld.node_types(facts.article)
    return said or any("VideoObject" in jsonld.node_types(node) for node in facts.nodes)


def _refuse_list(facts: PageMetadata, article: Article) -> Failure | None:
    """Refuse a page without a date that lists other articles, or that is the home page."""
    prose = [block for block in article.blocks if _is_prose(block)]
    headed = bool(prose) and _has_headline(facts)
    own = urlsplit(facts.canonical)
    if own.hostname and not own.path.strip("/") and not own.query and not headed:
        return Failure(Reason.ERROR_PAGE, f"the page names the home page as its own address: {facts.canonical}")
    teasers = [block for block in article.page if is_teaser(block)]
    if len(teasers) < _TEASERS:
        return None
    if headed and _claims_to_be_one(facts) and _letters(prose) > _letters(teasers):
        return None
    behind = behind_teasers(article.page)
    summaries = sum(id(block) in behind for block in prose)
    listed = 2 * summaries > len(prose) and (summaries >= _LIST_OF_SUMMARIES or not headed)
    whole = _claims_to_be_one(facts) and sum(word_count(block.text) for block in prose) >= _STUB
    if listed or (not headed and not whole and _outweighs(teasers, facts, article)):
        return Failure(Reason.LISTING, f"{len(teasers)} linked headlines and no article among them")
    return None


def _claims_to_be_one(facts: PageMetadata) -> bool:
    """Return whether a page calls itself an article, under an address that looks like one."""
    return facts.meta("og:type").casefold() == "article" and looks_like_article(facts.url)


def _letters(blocks: Sequence[Block]) -> int:
    return sum(len(block.key) for block in blocks)


def _is_prose(block: Block) -> bool:
    return block.role != "caption" and block.density < _SOME_LINKS and is_long(block.key, _PARAGRAPH)


def _has_headline(facts: PageMetadata) -> bool:
    """Return whether an `h1` of the page is its title, and longer than a section name."""
    titles = [squash(title) for title in facts.titles]
    return any(width(head) > SECTION_NAME and any(squash(head) in title for title in titles) for head in facts.heads)


def _outweighs(teasers: Sequence[Block], facts: PageMetadata, article: Article) -> bool:
    """Return whether linked headlines have far more text than the longest text in one element."""
    together: Counter[object] = Counter()
    for block in article.blocks:
        if block.density < _FEW_LINKS:
            together[block.node.getparent()] += len(block.text)
    most, linked = max(together.values(), default=0), sum(len(block.text) for block in teasers)
    head = next(iter(facts.heads), "")
    return linked > 5 * most or (0 < len(head) < SECTION_NAME and linked > most)
