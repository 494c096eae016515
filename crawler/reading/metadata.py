"""Collect the metadata of a page: JSON-LD, `meta` and `link` elements, and headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.reading import jsonld

_TITLES = ("og:title", "twitter:title", "dc.title", "sailthru.title", "parsely-title", "title")
_PUBLISHED_NAMES = """
article:published_time article:published og:article:published_time og:published_time its_publication datepublished
rnews:datepublished publishdate publish-date publish_date published_time pubdate publication_date parsely-pub-date
sailthru.date cxenseparse:recs:publishtime dc.date.issued dcterms.issued dcterms.created dc.date.created dc.created
article_date_original article.published date.published datecreated dc.date dcterms.date iso-8601-publish-date
article:create_at article:release_date og:release_date og:time og:pubdate publish_time publishtime releasedate pub_date
pub-date displaydate citation_publication_date citation_date dc.date.published last-published date
"""
_PUBLISHED = _PUBLISHED_NAMES.split()
_LOOSE = ("dc.date", "dcterms.date", "last-published", "date")  # many sites write the time of the request here
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
    "articleauthor",
]
# Labels of the pairs in `twitter:label1` and `twitter:data1`, as Yoast SEO writes them on many WordPress sites.
_WRITTEN_BY = re.compile(
    r"written by|author|verfasst von|geschrieben von|autor|autora|autore|écrit par|auteur|escrito por|scritto da|"
    r"geschreven door|skrevet av|skrevet af|skriven av|napisane przez|autor textu|yazan|yazar|автор|написано автором|"
    r"kirjoittanut|szerző|scris de|συντάκτης|viết bởi|được viết bởi|tác giả|ditulis oleh|penulis|執筆者|作者|글쓴이",
    re.IGNORECASE,
)
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")
_TAGS = ("article:tag", "parsely-tags", "its_tag", "news_keywords", "keywords")
_ADDRESS = re.compile(r"https?://|www\.|@")
_MAX_TITLE = 500
_ISO_DAY = 10  # characters of 2026-02-04
_MAX_TAG = 60  # characters; a longer tag is a sentence
_SUBHEADS = "[itemprop=headline],h2[class*=title],h2[class*=headline],h2 [class*=headline],h3[class*=entry-title]"
_OTHER_HEADS = "h2,h3,h4"
_LINES = "p,div,td,b,strong,span,font"
_MOST_LINES = 400  # of a page without headings that are compared with its title
_MOST_HEADS = 20  # headings of a page that are compared with its title
_SHORTEST_HEAD = 6  # characters; a shorter heading in a title is a section
_HOME_LINKS = "h1 a[href],h2 a[href]"  # of the first ones, that of the site's name leads home
_BOUNDS = " |｜│:：-–—·•»«›_"
_ANOTHER = -2  # score; below it neither address nor headline of a node match the page
_METAS = 400  # metas of one page that are read


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The metadata of a page.

    Attributes:
        metas: The contents of its metas by lower-case name, in page order.
        nodes: Its JSON-LD nodes.
        article: The node that describes the article best; empty if there is none.
        canonical: Its canonical address, absolute; empty if it has none.
        language: The language in `html lang` or a meta.
        page_title: The text of the `title` element.
        url: The address of the page.
        heads: The texts of its first `h1` elements.
        subheads: The texts of other headings that have a class for headlines, or that the title begins or ends with.
        logos: The texts of headings that are links to the home page.
        spare_head: The first heading that is no link, on a page without other headings that may be the headline.
    """

    metas: dict[str, list[str]]
    nodes: tuple[jsonld.Node, ...]
    article: jsonld.Node
    canonical: str
    language: str
    page_title: str
    url: str = ""
    heads: tuple[str, ...] = ()
    subheads: tuple[str, ...] = ()
    logos: tuple[str, ...] = ()
    spare_head: str = ""

    def meta(self, *names: str) -> str:
        """Return the first content of a `meta` element with one of these names."""
        return next((content for name in names for content in self.metas.get(name, ())), "")

    @property
    def claimed_titles(self) -> list[str]:
        """The headlines in JSON-LD and metas, most reliable first."""
        node = self.article
        given = [
            jsonld.to_text(node.get(key)) for key in ("headline", "name") if "WebPage" not in jsonld.node_types(node)
        ]
        metas = [self.meta(name) for name in _TITLES]
        shown = {jsonld.title_key(head) for head in self.heads}
        metas.sort(key=lambda title: jsonld.title_key(title) not in shown)
        if len(given) > 1 and given[1] and given[1] in metas and given[0] not in metas:
            given.reverse()  # a headline that nothing else repeats, beside a site name that the metas repeat
        return [title for title in (*given, *metas) if 0 < len(title) <= _MAX_TITLE]

    @property
    def titles(self) -> list[str]:
        """The headlines in JSON-LD, metas and the `title` element, most reliable first."""
        return [*self.claimed_titles, *([self.page_title] if 0 < len(self.page_title) <= _MAX_TITLE else [])]

    @property
    def site_names(self) -> list[str]:
        """The names of the site: as publisher, as site, as application, as heading that leads home."""
        publisher = self.article.get("publisher")
        given = [
            jsonld.to_text(publisher),
            self.meta("og:site_name"),
            self.meta("application-name"),
            self.meta("twitter:site"),
            *self.logos,
        ]
        return [name.lstrip("@") for name in given if name]

    @property
    def published(self) -> list[tuple[str, str]]:
        """The claimed times of publication: pairs of source and text, best first."""
        nodes = [self.article, *(n for n in self.nodes if n is not self.article)]
        claims = [("json-ld", jsonld.to_text(n.get("datePublished"))) for n in nodes if not _is_list_item(n)]
        day = jsonld.to_text(self.article.get("datePublished"))[:_ISO_DAY]
        made = [jsonld.to_text(self.article.get(key)) for key in ("dateCreated", "uploadDate")]
        # On the day of publication, they are the time of the first draft.
        claims += [("json-ld", words) for words in made if words[:_ISO_DAY] != day]
        claims += [("meta", content) for name in _PUBLISHED for content in self.metas.get(name, ())[:1]]
        return [(source, words) for source, words in claims if words]

    @property
    def loose_times(self) -> frozenset[str]:
        """The times in metas with vague names and of a bare `WebPage`, unless another claim repeats them."""
        loose = [content for name in _LOOSE for content in self.metas.get(name, ())[:1]]
        loose += [jsonld.to_text(node.get("datePublished")) for node in self.nodes if _is_bare_page(node)]
        told = [words for _, words in self.published]
        return frozenset(words for words in loose if told.count(words) <= loose.count(words))

    @property
    def modified(self) -> list[str]:
        """The claimed times of the last change, most reliable first."""
        claims = [jsonld.to_text(self.article.get("dateModified"))]
        claims += [content for name in _MODIFIED for content in self.metas.get(name, ())[:1]]
        return [words for words in claims if words]

    @property
    def authors(self) -> list[str]:
        """The authors as written: those in JSON-LD, or else in the metas."""
        return next(iter(self.author_claims), [])

    @property
    def author_claims(self) -> list[list[str]]:
        """Every claim about the authors: the one in JSON-LD, or else one for each meta."""
        if self._named_authors:
            return [[author.name for author in self._named_authors]]
        contents = ([c for c in self.metas.get(name, ()) if not _ADDRESS.match(c)] for name in _AUTHORS)
        return [given for given in contents if given]

    @property
    def labelled_authors(self) -> list[str]:
        """The users that `twitter:` metas name as authors; another person may have signed the article."""
        pairs = ((self.meta(f"twitter:label{n}"), self.meta(f"twitter:data{n}")) for n in (1, 2))
        return [data for label, data in pairs if data and _WRITTEN_BY.fullmatch(label.rstrip(": "))]

    @property
    def names_organizations(self) -> bool:
        """Whether JSON-LD names only organizations as authors, such as the owner of the site."""
        return bool(self._named_authors) and all(author.organization for author in self._named_authors)

    @property
    def _named_authors(self) -> list[jsonld.Author]:
        known = {str(node["@id"]): node for node in self.nodes if "@id" in node and len(node) > 1}
        told = jsonld.authors(self.article.get("author") or self.article.get("creator"), known)
        return told or [a for a in jsonld.authors(self.article.get("contributor"), known) if not a.organization]

    @property
    def descriptions(self) -> list[str]:
        """The summaries, most reliable first."""
        given = [jsonld.to_text(self.article.get("description"))]
        return [words for words in (*given, *(self.meta(name) for name in _DESCRIPTIONS)) if words]

    @property
    def tags(self) -> list[str]:
        """The tags: those of the first meta that has any, or else the keywords in JSON-LD."""
        for name in _TAGS:
            if contents := self.metas.get(name):
                return _split_words(contents)
        keywords = self.article.get("keywords")
        return _split_words([jsonld.to_text(k) for k in (keywords if isinstance(keywords, list) else [keywords])])

    @property
    def section(self) -> str:
        """The section of the article."""
        return (
            jsonld.to_text(self.article.get("articleSection")) or self.meta("article:section", "section").split(",")[0]
        )

    @property
    def noarchive(self) -> bool:
        """Whether the page forbids showing an archived copy (`noarchive`)."""
        return any("noarchive" in content.lower() for content in self.metas.get("robots", ()))


def read_metadata(tree: LexborHTMLParser, url: str) -> PageMetadata:
    """Collect the metadata of a page.

    Args:
        tree: The whole page, with its scripts.
        url: The address of the page; the canonical address may be relative to it.
    """
    metas = _metas(tree)
    link = tree.css_first("link[rel=canonical]")
    canonical = _absolute(url, (link.attributes.get("href") or "").strip() if link else "")
    root = tree.css_first("html")
    lang = (root.attributes.get("lang") if root else "") or ""
    title = tree.css_first("head > title") or tree.css_first("title")
    page_title = jsonld.clean_text(title.text()) if title else ""
    heads = _texts(tree, "h1")
    scripts = [node.text(deep=True) for node in tree.css('script[type*="ld+json" i]')]
    titles = (*(content for name in _TITLES for content in metas.get(name, ())), page_title, *heads)
    article, nodes = _own_nodes(jsonld.parse_nodes(scripts), (url, canonical), titles)
    subheads = tuple(dict.fromkeys((*_texts(tree, _SUBHEADS), *_heads_in_title(tree, page_title, heads))))
    return PageMetadata(
        metas=metas,
        nodes=tuple(nodes),
        article=article,
        canonical=canonical,
        language=lang or jsonld.to_text(article.get("inLanguage")) or next(iter(metas.get("og:locale", ())), ""),
        page_title=page_title,
        url=url,
        heads=heads,
        subheads=subheads,
        logos=_logos(tree, url),
        spare_head="" if heads or subheads else _first_heading(tree),
    )


def _heads_in_title(tree: LexborHTMLParser, page_title: str, heads: Sequence[str]) -> list[str]:
    """Return the headings, or else lines, that the title begins or ends with: `Headline | Site`."""
    texts = [jsonld.clean_text(node.text(separator=" ")) for node in tree.css(_OTHER_HEADS)[:_MOST_HEADS]]
    if not heads and not texts:
        texts = [jsonld.clean_text(node.text(deep=False)) for node in tree.css(_LINES)[:_MOST_LINES]]
    return [text for text in texts if len(text) >= _SHORTEST_HEAD and _is_part(text, page_title)]


def _first_heading(tree: LexborHTMLParser) -> str:
    nodes = (node for node in tree.css("h2,h3")[:_MOST_HEADS] if node.css_first("a") is None)
    return next((text for node in nodes if (text := jsonld.clean_text(node.text(separator=" ")))), "")


def _is_part(text: str, title: str) -> bool:
    """Return whether a title has a text at its start or end, apart from the rest by a separator."""
    if title.startswith(text):
        return (title[len(text) :].strip()[:1] or "|") in _BOUNDS
    return title.endswith(text) and title[: -len(text)].strip()[-1:] in _BOUNDS


def _logos(tree: LexborHTMLParser, url: str) -> tuple[str, ...]:
    """Return the texts of the headings that are wholly a link to the home page of the site."""
    found = []
    for link in tree.css(_HOME_LINKS)[:_MOST_HEADS]:
        own = urlsplit(_absolute(url, (link.attributes.get("href") or "").strip()))
        heading = link.parent
        while heading is not None and heading.tag not in {"h1", "h2"}:
            heading = heading.parent
        text = jsonld.clean_text(link.text(separator=" "))
        if (
            heading is not None
            and text
            and own.hostname == urlsplit(url).hostname
            and own.path in {"", "/"}
            and not (own.query or own.fragment)
            and text == jsonld.clean_text(heading.text(separator=" "))
        ):
            found.append(text)
    return tuple(found)


def _own_nodes(
    found: Sequence[jsonld.Node], urls: Sequence[str], titles: Iterable[str]
) -> tuple[jsonld.Node, list[jsonld.Node]]:
    """Select the node of the article, and drop the nodes of other articles.

    A node belongs to another article if neither its address nor its headline match the page, or if one of them does
    not and another node matches in it.
    """
    keys = [jsonld.title_key(title) for title in titles]
    ranked = jsonld.article_nodes(found)
    weights = {id(node): jsonld.relevance(node, urls, keys) for node in ranked}
    certain = any(weights[id(node)] > 0 and "WebPage" not in jsonld.node_types(node) for node in ranked)
    least = 0 if certain else _ANOTHER + 1
    own = [node for node in ranked if weights[id(node)] >= least]
    own.sort(key=lambda node: ("WebPage" in jsonld.node_types(node), -weights[id(node)]))
    return own[0] if own else {}, [node for node in found if weights.get(id(node), least) >= least]


def _texts(tree: LexborHTMLParser, selector: str) -> tuple[str, ...]:
    """Return the texts of the first elements that a selector matches."""
    texts = (jsonld.clean_text(node.text(separator=" ")) for node in tree.css(selector)[:3])
    return tuple(text for text in texts if 0 < len(text) <= _MAX_TITLE)


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for node in tree.css("meta[content]")[:_METAS]:
        attributes = node.attributes
        content = jsonld.clean_text(attributes.get("content") or "")
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


def _is_list_item(node: jsonld.Node) -> bool:
    """Return whether a node is an item of a list, or does not describe an article."""
    return bool(
        jsonld.node_types(node)
        & {"ListItem", "ItemList", "Comment", "Product", "Event", "Person", "Organization", "WebSite", "AboutPage"}
    )


def _is_bare_page(node: jsonld.Node) -> bool:
    """Return whether a node describes a page, but names neither its address nor its headline."""
    named = any(node.get(key) for key in ("url", "@id", "mainEntityOfPage", "headline", "name"))
    return jsonld.node_types(node) == {"WebPage"} and not named


def _split_words(contents: list[str]) -> list[str]:
    words = [word.strip(" #\"'") for content in contents for word in re.split(r"[,;|]", content)]
    return list(dict.fromkeys(word for word in words if 0 < len(word) <= _MAX_TAG))
