"""Normalise addresses, tell articles from other pages, and extract the key of an article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urldefrag, urlsplit, urlunsplit

import ada_url

from archive.errors import Reason
from archive.record import ArticleLink, Candidate, article_id
from crawler.outlets.model import Outlet

LONGEST = 2083  # characters; the longest address that every browser accepted (Internet Explorer was the strictest)

# Parameters that only track where a reader came from: campaign tools, social networks, mail, Zalo.
_TRACKING = frozenset(
    "fbclid gclid dclid gbraid wbraid gad_source gad_campaignid msclkid ttclid twclid yclid li_fat_id igsh igshid "
    "epik gidzl zarsrc zalo_src mc_cid mc_eid _ga _gl _hsenc _hsmi xtor wt_mc cmpid smid ito s_cid ocid ncid icid "
    "cpa_tid vnn_source vnn_medium vnn_campaign at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 "
    "at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team vn_source vn_campaign vn_medium "
    "ref_src ref_url".split()
)
_CAMPAIGN = ("utm_", "pk_", "hsa_", "mtm_")
_LONGEST_LABEL = 63  # octets (RFC 1035, 2.3.4)
_PLAIN = re.compile(r"[A-Za-z0-9/._~=&-]*")
# An address as the standard writes it, without credentials and without the final dot of the root zone.
_HREF = re.compile(r"(https?)://(\[[^\]]+\]|[^/?#@:]+?)\.?(:\d+)?(/[^?#]*)(?:\?([^#]*))?")
# An octet whose encoding is not normal: an unreserved character, or digits in lower case. Most octets are neither.
_UNNORMAL = re.compile(r"%(?:2[DdEe]|3\d|[46][1-9A-Fa-f]|[57]\d|[57][Aa]|5[Ff]|7[Ee]|[a-f][\dA-Fa-f]|[\dA-F][a-f])")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_SAFE_PATH = "/:@!$&'()*+,;=~-._"
_SAFE_QUERY = _SAFE_PATH + "?"
# Other forms of one article: /a/amp, /amp/a, a.amp, a.lite (the BBC's), a.amp.html; ?amp, ?amp=1, ?outputType=amp.
_AMP_PATH = re.compile(r"^/amp(?=/.)|(?<=.)/amp/?$|\.(?:amp|lite)(?=(?:\.html?)?$)|/$")
_AMP_QUERY = re.compile(r"(?:^|&)(?:amp(?:=(?:1|true)?)?|outputtype=amp)(?=&|$)", re.IGNORECASE)
_DOUBLED = re.compile(r"/{2,}")
_MIRRORS = re.compile(r"^(?:www|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")


def canonical(url: str, base: str = "") -> str | None:
    """Return the canonical form of an address; None if it cannot be requested.

    Addresses are parsed as in browsers (WHATWG URL). The fragment, the default port of the scheme, the dot of the root
    zone and tracking parameters are dropped, and percent-encoding is normalised (RFC 3986, 6.2.2).

    Args:
        url: An address from a page, a feed or a person.
        base: The address of the page that contains it, for relative addresses.
    """
    if len(url) > LONGEST or _encoded_length(url) > LONGEST:
        return None
    try:
        href = ada_url.join_url(base, url) if base else ada_url.normalize_url(url)
    except ValueError:
        return None
    parts = _HREF.match(href)
    if parts is None:
        return None
    scheme, name, port, path, search = parts.groups("")
    if any(len(label) > _LONGEST_LABEL for label in name.split(".")):
        return None
    pairs = [pair for pair in search.split("&") if pair and not _is_tracking(pair.partition("=")[0].lower())]
    query = f"?{_normalize_encoding('&'.join(pairs), _SAFE_QUERY)}" if pairs else ""
    form = f"{scheme}://{name}{port}{_normalize_encoding(path, _SAFE_PATH)}{query}"
    return form if len(form) <= LONGEST else None


def resolve_address(base: str, link: str) -> str:
    """Resolve an address as browsers do (WHATWG URL), without its fragment; empty if it is not an address."""
    try:
        return urldefrag(ada_url.join_url(base, link)).url
    except ValueError:
        return ""


def _encoded_length(url: str) -> int:
    """Return how long an address is without its fragment when every octet beyond ASCII is percent-encoded."""
    address = url.partition("#")[0]
    if address.isascii():
        return len(address)
    plain = len(address.encode("ascii", "ignore"))
    return plain + 3 * (len(address.encode("utf-8", "replace")) - plain)


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith(_CAMPAIGN)


def _normalize_encoding(text: str, safe: str) -> str:
    """Normalise percent-encoding (RFC 3986, 6.2.2): upper-case digits, unreserved characters decoded."""
    if _PLAIN.fullmatch(text):
        return text
    whole = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return _UNNORMAL.sub(_octet, quote(whole, safe + "%", errors="replace"))


def _octet(escaped: re.Match[str]) -> str:
    char = chr(int(escaped[0][1:], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else escaped[0].upper()


def former_forms(url: str) -> list[str]:
    """List the canonical forms that earlier versions gave an address, because archives contain them.

    They wrote the names of hosts by IDNA 2003, where `ß` is `ss`, left `'` in queries unescaped, and did not change
    the spelling of IPv4 addresses.
    """
    parts = urlsplit(url)
    of_2003 = ".".join(map(_label_of_2003, parts.netloc.split(".")))
    hosts = dict.fromkeys((parts.netloc, of_2003, *_short_ipv4_forms(parts.hostname or "", parts.netloc)))
    queries = dict.fromkeys((parts.query, parts.query.replace("%27", "'")))
    forms = (parts._replace(netloc=host, query=query) for host in hosts for query in queries)
    return [form for form in map(urlunsplit, forms) if form != url]


def _short_ipv4_forms(host: str, netloc: str) -> Iterator[str]:
    """Yield other spellings of an IPv4 address: with fewer, octal or hexadecimal numbers (WHATWG URL)."""
    if not _IPV4.fullmatch(host):
        return
    first, second, third, fourth = octets = [int(octet) for octet in host.split(".")]
    low, lower = third << 8 | fourth, second << 16 | third << 8 | fourth
    whole = first << 24 | lower
    spellings = [f"{first}.{second}.{low}", f"{first}.{lower}", f"{whole}", f"{whole:#x}", f"0{whole:o}"]
    spellings += [".".join(map(spell, octets)) for spell in ("{:#x}".format, "0{:o}".format, "{:03d}".format)]
    yield from (netloc.replace(host, spelling, 1) for spelling in spellings)


def _label_of_2003(label: str) -> str:
    """Return a label of a host by IDNA 2003, which Python's codec implements; others stay."""
    try:
        return label[4:].encode().decode("punycode").encode("idna").decode() if label.startswith("xn--") else label
    except UnicodeError:
        return label


def is_own(outlet: Outlet, url: str) -> bool:
    """Return whether an address belongs to the outlet: its host, or its part of a shared host."""
    return outlet.claim(url) > 0


def article_key(outlet: Outlet, url: str) -> str:
    """Return the key that identifies an article, whatever its slug, section or mirror host.

    Returns:
        The outlet's own article number if its addresses contain one, in lower case if its pattern ignores case;
        otherwise the address without its scheme, mirror host (`m.`, `amp.`), AMP marks and trailing slash.
    """
    parts = urlsplit(url)
    found = article_match(outlet, url)
    if found and found.groupdict().get("key"):
        return found["key"].lower() if found.re.flags & re.IGNORECASE else found["key"]
    host = _MIRRORS.sub("", parts.netloc)
    query = _AMP_QUERY.sub("", parts.query).lstrip("&")
    return host + _AMP_PATH.sub("", _DOUBLED.sub("/", parts.path)) + (f"?{query}" if query else "")


def is_article(outlet: Outlet, url: str) -> bool:
    """Return whether an address of the outlet is an article by the declared patterns."""
    if excluded_by(outlet, url):
        return False
    return bool(article_match(outlet, url)) if outlet.article else looks_like_article(url)


def article_match(outlet: Outlet, url: str) -> re.Match[str] | None:
    """Return the match of the first `article` pattern that fits an address; None if none fits."""
    text = _searched_part(url)
    return next((found for pattern in outlet.article if (found := _compile(pattern).search(text))), None)


def excluded_by(outlet: Outlet, url: str) -> str:
    """Return the first `exclude` pattern that fits an address; empty if none fits."""
    text = _searched_part(url)
    return next((pattern for pattern in outlet.exclude if _compile(pattern).search(text)), "")


def _searched_part(url: str) -> str:
    """Return the part of an address in which patterns are searched: path and query, `//` as `/`."""
    parts = urlsplit(url)
    return _DOUBLED.sub("/", parts.path) + (f"?{parts.query}" if parts.query else "")


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# For undeclared sites: what addresses of articles have in common, in any language and publishing system.
_NO_ARTICLE = frozenset(
    "tag tags topic topics author authors category categories section sections search login register account "
    "about contact privacy terms help faq feed rss video videos gallery galleries photos podcast podcasts "
    "newsletter newsletters subscribe jobs advertise weather horoscope page pages shop static assets wp-content "
    "wp-json tim-kiem tac-gia chu-de su-kien lien-he quang-cao rao-vat".split()
)
_STATIC = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|atom|pdf|zip|mp[34]|m3u8|docx?|xlsx?)$")
_NUMBER = re.compile(r"\d{5,}")
_DAY = re.compile(r"/(?:19|20)\d{2}[/-]?(?:0?[1-9]|1[0-2]|[a-z]{3})(?:[/-]|/?$)")
_SHELF = frozenset("article articles story stories news post posts nyheter artikel artikkel noticia noticias".split())
_SLUG_WORDS = 4
_CHANGED_FORM = 5  # addresses of an unknown form in a feed without known ones: the outlet has changed the form


def looks_like_article(url: str) -> bool:
    """Guess whether an address is an article: it has a long slug, a number or a day."""
    parts = urlsplit(url)
    path = parts.path.lower()
    segments = [segment for segment in path.split("/") if segment]
    if not segments or _STATIC.search(path) or _NO_ARTICLE & set(segments[:-1]) or segments[-1] in _NO_ARTICLE:
        return False
    last = re.sub(r"\.\w{2,5}$", "", segments[-1])
    words = [word for word in re.split(r"[-_+]|%20", last) if word]
    numbered = bool(_NUMBER.search(last) or _NUMBER.search(parts.query))
    shelved = not _SHELF.isdisjoint(segments[:-1]) and (len(words) > 1 or any(char.isdigit() for char in last))
    return len(words) >= _SLUG_WORDS or bool(_DAY.search(path)) or numbered or shelved


@dataclass(frozen=True, slots=True)
class ArticleSelection:
    """The articles among the candidates of a source.

    Attributes:
        links: Links to articles, each address once; one article may have several.
        dropped: How many candidates were not the outlet's articles, by reason.
    """

    links: tuple[ArticleLink, ...]
    dropped: Mapping[Reason, int]


def article_link(outlet: Outlet, url: str, candidate: Candidate | None = None) -> ArticleLink:
    """Make the link to an article of an outlet.

    Args:
        outlet: The outlet.
        url: The canonical address.
        candidate: The link as a source lists it; None if no source does.
    """
    return ArticleLink(url, article_id(outlet.id, article_key(outlet, url)), candidate or Candidate(url))


def select_articles(
    outlet: Outlet, candidates: Iterable[Candidate], *, lists_articles: bool = False
) -> ArticleSelection:
    """Select the candidates that are articles of the outlet, and count the others by reason.

    Args:
        outlet: The outlet.
        candidates: The links of a source.
        lists_articles: The source lists only articles, as a feed does. If none of its addresses has a known form, the
            outlet has changed the form, and addresses that look like articles are taken.
    """
    links: dict[str, ArticleLink] = {}
    unknown: dict[str, ArticleLink] = {}
    dropped: Counter[Reason] = Counter()
    for candidate in candidates:
        url = canonical(candidate.url)
        reason = _objection(outlet, url)
        if url is None or reason is not None:
            dropped[reason or Reason.BAD_ADDRESS] += 1
            if url and reason is Reason.NOT_AN_ARTICLE and looks_like_article(url) and not excluded_by(outlet, url):
                unknown.setdefault(url, article_link(outlet, url, candidate))
        else:
            links.setdefault(url, article_link(outlet, url, candidate))
    if lists_articles and not links and len(unknown) >= _CHANGED_FORM:
        dropped[Reason.NOT_AN_ARTICLE] -= len(unknown)
        links = unknown
    return ArticleSelection(tuple(links.values()), {reason: count for reason, count in dropped.items() if count > 0})


def _objection(outlet: Outlet, url: str | None) -> Reason | None:
    if url is None:
        return Reason.BAD_ADDRESS
    if not is_own(outlet, url):
        return Reason.FOREIGN
    return None if is_article(outlet, url) else Reason.NOT_AN_ARTICLE
