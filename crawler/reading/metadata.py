"""What a page says of itself to machines: JSON-LD, metas and links, gathered once and ranked when asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.reading import jsonld

_TITLES = ("og:title", "twitter:title", "dc.title", "sailthru.title", "parsely-title", "title")
_PUBLISHED_NAMES = """
article:published_time article:published og:article:published_time og:published_time its_publication datepublished
rnews:datepublished publishdate publish-date publish_date published_time pubdate publication_date parsely-pub-date
sailthru.date cxenseparse:recs:publishtime dc.date.issued dcterms.issued dcterms.created dc.date.created dc.created
article_date_original article.published date.published datecreated dc.date dcterms.date iso-8601-publish-date
last-published date
"""
_PUBLISHED = _PUBLISHED_NAMES.split()
_MODIFIED_NAMES = """
article:modified_time og:updated_time og:article:modified_time article_updatetime datemodified dcterms.modified
dc.date.modified lastmod last-modified revised
"""
_MODIFIED = _MODIFIED_NAMES.split()
_AUTHORS = [
    "author",
    "article:author",
    "dc.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "cxenseparse:author",
    "dcterms.creator",
]
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")
_TAGS = ("article:tag", "parsely-tags", "its_tag", "news_keywords", "keywords")
_MAX_TITLE = 500
_MAX_TAG = 60  # characters; longer ones are sentences
_METAS = 400  # metas of one page that are looked at


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says of itself.

    Attributes:
        metas: The contents of its metas by lower-cased name, in page order.
        nodes: Its JSON-LD nodes.
        article: The node that describes the article best; empty where there is none.
        canonical: The address it calls its own, absolute; empty where it gives none.
        language: What `html lang` or a meta says.
        headline: The text of `title`.
        heads: The texts of its first `h1` elements.
    """

    metas: dict[str, list[str]]
    nodes: tuple[jsonld.Node, ...]
    article: jsonld.Node
    canonical: str
    language: str
    headline: str
    heads: tuple[str, ...] = ()

    def meta(self, *names: str) -> str:
        """The first content there is under any of these names."""
        return next((content for name in names for content in self.metas.get(name, ())), "")

    @property
    def titles(self) -> list[str]:
        """Headlines, the most trustworthy first."""
        given = [jsonld.text(self.article.get(key)) for key in ("headline", "name")]
        if "WebPage" in jsonld.types(self.article):
            given = []
        titles = (*given, *(self.meta(name) for name in _TITLES), self.headline)
        return [title for title in titles if 0 < len(title) <= _MAX_TITLE]

    @property
    def site_names(self) -> list[str]:
        """How the site calls itself: as publisher, as site, as the maker of an application."""
        publisher = self.article.get("publisher")
        given = [
            jsonld.text(publisher),
            self.meta("og:site_name"),
            self.meta("application-name"),
            self.meta("twitter:site"),
        ]
        return [name.lstrip("@") for name in given if name]

    @property
    def published(self) -> list[tuple[str, str]]:
        """What it says of its publication: pairs of source and its own words, the most trustworthy first."""
        nodes = [self.article, *(n for n in self.nodes if n is not self.article)]
        claims = [("json-ld", jsonld.text(n.get("datePublished"))) for n in nodes if not _listed(n)]
        claims += [("json-ld", jsonld.text(self.article.get(key))) for key in ("dateCreated", "uploadDate")]
        claims += [("meta", content) for name in _PUBLISHED for content in self.metas.get(name, ())[:1]]
        return [(source, words) for source, words in claims if words]

    @property
    def modified(self) -> list[str]:
        """What it says of its last change, the most trustworthy first."""
        claims = [jsonld.text(self.article.get("dateModified"))]
        claims += [content for name in _MODIFIED for content in self.metas.get(name, ())[:1]]
        return [words for words in claims if words]

    @property
    def authors(self) -> list[str]:
        """Who it says wrote it, as written; of JSON-LD, or else of the metas."""
        named = jsonld.people(self.article.get("author") or self.article.get("creator"))
        if named:
            return named
        for name in _AUTHORS:
            if given := [c for c in self.metas.get(name, ()) if not re.match(r"https?://|www\.|@", c)]:
                return given
        return []

    @property
    def descriptions(self) -> list[str]:
        """Its summaries, the most trustworthy first."""
        given = [jsonld.text(self.article.get("description"))]
        return [words for words in (*given, *(self.meta(name) for name in _DESCRIPTIONS)) if words]

    @property
    def tags(self) -> list[str]:
        """Its tags: those of the first meta that has any, or else the keywords of JSON-LD."""
        for name in _TAGS:
            if contents := self.metas.get(name):
                return _listed_words(contents)
        keywords = self.article.get("keywords")
        return _listed_words([jsonld.text(k) for k in (keywords if isinstance(keywords, list) else [keywords])])

    @property
    def section(self) -> str:
        """The section it files the article under."""
        return jsonld.text(self.article.get("articleSection")) or self.meta("article:section", "section").split(",")[0]

    @property
    def noarchive(self) -> bool:
        """Whether it asks not to be shown from an archive."""
        return any("noarchive" in content.lower() for content in self.metas.get("robots", ()))


def read_facts(tree: LexborHTMLParser, url: str) -> Facts:
    """Gather what a page says of itself.

    Args:
        tree: The whole page, its scripts included.
        url: Where it came from; the canonical address may be relative to it.
    """
    metas = _metas(tree)
    scripts = [node.text(deep=True) for node in tree.css('script[type*="ld+json" i]')]
    found = jsonld.nodes(scripts)
    chosen = jsonld.articles(found)
    link = tree.css_first("link[rel=canonical]")
    canonical = (link.attributes.get("href") or "").strip() if link else ""
    root = tree.css_first("html")
    lang = (root.attributes.get("lang") if root else "") or ""
    title = tree.css_first("head > title") or tree.css_first("title")
    return Facts(
        metas=metas,
        nodes=tuple(found),
        article=chosen[0] if chosen else {},
        canonical=_absolute(url, canonical),
        language=lang
        or jsonld.text((chosen or [{}])[0].get("inLanguage"))
        or next(iter(metas.get("og:locale", ())), ""),
        headline=jsonld.clean(title.text()) if title else "",
        heads=tuple(
            words
            for node in tree.css("h1")[:3]
            if 0 < len(words := jsonld.clean(node.text(separator=" "))) <= _MAX_TITLE
        ),
    )


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for node in tree.css("meta[content]")[:_METAS]:
        attributes = node.attributes
        content = jsonld.clean(attributes.get("content") or "")
        if content:
            for key in ("property", "name", "itemprop"):
                if name := attributes.get(key):
                    metas.setdefault(name.strip().lower(), []).append(content)
    return metas


def _absolute(base: str, href: str) -> str:
    try:
        return urljoin(base, href) if href else ""
    except ValueError:
        return ""


def _listed(node: jsonld.Node) -> bool:
    """Whether a node is one of a list of others, or of something that is not an article."""
    return bool(jsonld.types(node) & {"ListItem", "ItemList", "Comment", "Product", "Event", "Person", "Organization"})


def _listed_words(contents: list[str]) -> list[str]:
    words = [word.strip(" #\"'") for content in contents for word in re.split(r"[,;|]", content)]
    return list(dict.fromkeys(word for word in words if 0 < len(word) <= _MAX_TAG))
