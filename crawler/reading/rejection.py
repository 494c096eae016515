"""What kind of page this is, and why it is not an article where it is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from archive.errors import Failure, Reason
from crawler.parsing.blocks import word_count
from crawler.reading import jsonld
from crawler.reading.article import Article
from crawler.reading.metadata import Facts

_NOT_THERE = re.compile(
    # The status stands first and alone, or is called an error: 404 people, too, may be in the news.
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
_STUB = 40  # words; what a paywall leaves of an article
_FEW = 30  # words; below, a page may still be an article, but not if something says that it is another thing
_FEW_LINKS = 0.3
_LINKED = 0.8  # of a block inside links
_SECTION_NAME = 25  # characters; headlines are longer
_TEASERS = 12  # links on blocks of their own that make a page a listing


def refuse_address(url: str, facts: Facts) -> Failure | None:
    """Why a page is no article, from its address and what it says of itself; None where nothing is against it."""
    parts = urlsplit(url)
    if parts.path.strip("/") in {"", "index.html", "index.php", "home"} and not parts.query:
        return Failure(Reason.HOME_PAGE, f"{url} is the front page")
    said = " ".join((facts.page_title, facts.meta("og:title")))
    if _WALL.search(said):
        return Failure(Reason.BLOCKED, f"the page is a wall: {said[:80]!r}")
    own = urlsplit(facts.canonical)
    if facts.canonical and not own.path.strip("/") and not own.query and own.hostname and not _dated(facts):
        return Failure(Reason.ERROR_PAGE, f"the page calls itself the front page, {facts.canonical}")
    return None


def refuse_template(facts: Facts) -> Failure | None:
    """Why a page is no article on which an outlet's rules find no text; None where it may be of another template."""
    if _is_video(facts):
        return Failure(Reason.VIDEO, "a video, and the node in which the outlet's articles stand is not there")
    if _dated(facts):
        return None
    return Failure(Reason.LISTING, "the page has neither a date nor the node in which the outlet's articles stand")


def refuse_text(facts: Facts, article: Article) -> Failure | None:
    """Why a page is no article, from its text; None where it is one.

    Args:
        facts: What the page says of itself.
        article: What was taken for the article.
    """
    words = sum(word_count(block.text) for block in article.blocks)
    if _NOT_THERE.search(article.title) and words < 2 * _STUB:
        return Failure(Reason.ERROR_PAGE, f"the page says it is not there: {article.title[:80]!r}")
    if words < _STUB and _locked(facts):
        return Failure(Reason.PAYWALLED, f"{words} words before the paywall")
    if words < 2 * _STUB and any(_ASKS_TO_PAY.search(block.text) for block in article.page):
        return Failure(Reason.PAYWALLED, f"{words} words, and the rest for those who pay or sign in")
    if words < _FEW and _is_video(facts):
        return Failure(Reason.VIDEO, f"a video with {words} words of text")
    return _refuse_teasers(facts, article) or (None if words else _no_text(article))


def _refuse_teasers(facts: Facts, article: Article) -> Failure | None:
    if not _dated(facts) and (teasers := _teasers(article, facts.heads)):
        return Failure(Reason.LISTING, f"{teasers} linked headlines and no article among them")
    return None


def _no_text(article: Article) -> Failure:
    return Failure(Reason.NO_TEXT, "no article among the text of the page" if article.page else "no text on the page")


def kind_of(url: str, facts: Facts, section: str, captions: int, words: int) -> str:
    """What kind of article a page holds: article, photo, video, live, emagazine or opinion.

    Args:
        url: Its address.
        facts: What it says of itself.
        section: The section it is filed under.
        captions: Words in its captions.
        words: Words in its text.
    """
    for kind in jsonld.types(facts.article):
        if kind in _TYPES:
            return _TYPES[kind]
    if captions * 2 > words:
        return "photo"
    said = " ".join((urlsplit(url).path, facts.meta("its_type"), section))
    kind = next((kind for kind, pattern in _KINDS if pattern.search(said)), "article")
    if section.casefold() in {"góc nhìn", "ý kiến", "opinion", "opinions", "bình luận", "editorial", "meinung"}:
        kind = "opinion"
    return kind


def _dated(facts: Facts) -> bool:
    return bool(facts.article.get("datePublished") or facts.meta("article:published_time", "og:published_time"))


def _locked(facts: Facts) -> bool:
    return any(str(node.get("isAccessibleForFree")).lower() == "false" for node in facts.nodes)


def _is_video(facts: Facts) -> bool:
    said = facts.meta("og:type").startswith("video") or "VideoObject" in jsonld.types(facts.article)
    return said or any("VideoObject" in jsonld.types(node) for node in facts.nodes)


def _teasers(article: Article, heads: Sequence[str]) -> int:
    """How many linked headlines a listing has; 0 where the page is no listing.

    Listings are headed by the short name of a section, or hold far more teasers than text in any one place.
    """
    teasers = [len(block.text) for block in article.page if block.density > _LINKED and len(block.text) > _SECTION_NAME]
    if len(teasers) < _TEASERS:
        return 0
    together: Counter[object] = Counter()
    for block in article.blocks:
        if block.density < _FEW_LINKS:
            together[block.node.getparent()] += len(block.text)
    headed = next(iter(heads), "")
    most = max(together.values(), default=0)
    listing = sum(teasers) > 5 * most or (0 < len(headed) < _SECTION_NAME and sum(teasers) > most)
    return len(teasers) if listing else 0
