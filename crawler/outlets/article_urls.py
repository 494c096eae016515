"""Addresses: their one canonical form, whose they are, and which of them are articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from archive.errors import Reason
from archive.record import Candidate, article_id
from crawler.outlets.model import Outlet

LONGEST = 2000  # characters; what is longer is no address of an article

# Who sent a reader where, and never what is shown: campaign tools, social networks, mail, Zalo.
_TRACKING = frozenset(
    "fbclid gclid dclid gbraid wbraid gad_source gad_campaignid msclkid ttclid twclid yclid li_fat_id igsh igshid "
    "epik gidzl zarsrc zalo_src mc_cid mc_eid _ga _gl _hsenc _hsmi xtor wt_mc cmpid smid ito s_cid ocid ncid icid "
    "cpa_tid vnn_source vnn_medium vnn_campaign at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 "
    "at_link_id at_link_type at_link_origin at_format at_ptr_name at_bbc_team vn_source vn_campaign vn_medium "
    "ref_src ref_url".split()
)
_CAMPAIGN = ("utm_", "pk_", "hsa_", "mtm_")
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE_PATH = "/:@!$&'()*+,;=~-._"
_SAFE_QUERY = _SAFE_PATH + "?"
# Other forms of one article: /a/amp, /amp/a, a.amp, a.lite (the BBC's), a.amp.html; ?amp, ?amp=1, ?outputType=amp.
_AMP_PATH = re.compile(r"^/amp(?=/.)|(?<=.)/amp/?$|\.(?:amp|lite)(?=(?:\.html?)?$)|/$")
_AMP_QUERY = re.compile(r"(?:^|&)(?:amp(?:=(?:1|true)?)?|outputtype=amp)(?=&|$)", re.IGNORECASE)
_DOUBLED = re.compile(r"/{2,}")
_MIRRORS = re.compile(r"^(?:www|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")


def canonical(url: str, base: str = "") -> str | None:
    """The one form of an address, or None where it is none that could be asked.

    The scheme and the host are in lower case, the default port, the fragment, dot segments and tracking parameters are
    gone, and percent-encoding is as RFC 3986, 6.2.2 has it.

    Args:
        url: An address as a page, a feed or a person gives it.
        base: Where it stood, for relative ones.
    """
    url = url.strip()
    if len(url) > LONGEST or _CONTROL.search(url.replace(" ", "%20")):
        return None
    try:
        parts = urlsplit(urljoin(base, url.replace(" ", "%20")) if base else url.replace(" ", "%20"))
        host = _host(parts)
    except ValueError:  # a bracket, a port or a name that cannot be
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    path = _undotted(_encoded(parts.path, _SAFE_PATH)) or "/"
    pairs = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair.partition("=")[0].lower())]
    return urlunsplit((parts.scheme.lower(), host, path, _encoded("&".join(pairs), _SAFE_QUERY), ""))


def _host(parts: SplitResult) -> str:
    name = (parts.hostname or "").rstrip(".")
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    if ":" in name:
        name = f"[{name}]"
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return f"{name}:{parts.port}" if parts.port and parts.port != default else name


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith(_CAMPAIGN)


def _encoded(text: str, safe: str) -> str:
    """Percent-encoding as RFC 3986, 6.2.2 normalises it: upper-case digits, and none for unreserved characters."""
    whole = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return re.sub(r"%[0-9A-Fa-f]{2}", _octet, quote(whole, safe + "%", errors="replace"))


def _octet(escaped: re.Match[str]) -> str:
    char = chr(int(escaped[0][1:], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else escaped[0].upper()


def _undotted(path: str) -> str:
    """A path without dot segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    closed = kept and segments[-1] in {".", ".."}
    return "/" + "/".join(kept) + ("/" if closed else "")


def is_own(outlet: Outlet, url: str) -> bool:
    """Whether an address is on one of the outlet's own hosts, or in the part of one that is its own."""
    return outlet.claim(url) > 0


def article_key(outlet: Outlet, url: str) -> str:
    """Return what tells an article of an outlet from its others, whatever its slug, section or mirror.

    Returns:
        The outlet's own article number where its addresses carry one, in lower case where its pattern ignores case;
        else the address without its scheme, mirror host (`m.`, `amp.`), marks of AMP and trailing slash.
    """
    parts = urlsplit(url)
    found = article_match(outlet, url)
    if found and found.groupdict().get("key"):
        return found["key"].lower() if found.re.flags & re.IGNORECASE else found["key"]
    host = _MIRRORS.sub("", parts.netloc)
    query = _AMP_QUERY.sub("", parts.query).lstrip("&")
    return host + _AMP_PATH.sub("", _DOUBLED.sub("/", parts.path)) + (f"?{query}" if query else "")


def is_article(outlet: Outlet, url: str) -> bool:
    """Return whether an address of the outlet has the form of its articles' addresses."""
    if excluding(outlet, url):
        return False
    return bool(article_match(outlet, url)) if outlet.article else looks_like_article(url)


def article_match(outlet: Outlet, url: str) -> re.Match[str] | None:
    """Return the match of the first of the outlet's `article` patterns that an address fits; None where none does."""
    text = _searched(url)
    return next((found for pattern in outlet.article if (found := _compiled(pattern).search(text))), None)


def excluding(outlet: Outlet, url: str) -> str:
    """Return the first of the outlet's `exclude` patterns that an address fits; empty where none does."""
    text = _searched(url)
    return next((pattern for pattern in outlet.exclude if _compiled(pattern).search(text)), "")


def _searched(url: str) -> str:
    """Return the path and the query of an address, which patterns are searched in; `//slug` counts as `/slug`."""
    parts = urlsplit(url)
    return _DOUBLED.sub("/", parts.path) + (f"?{parts.query}" if parts.query else "")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# An undeclared site: what the addresses of articles have in common, whatever the language and the publishing system.
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


def looks_like_article(url: str) -> bool:
    """Whether an address of a site that nobody declared may be an article's: a long slug, a number or a day in it."""
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
class Sifted:
    """The candidates of a source, sifted.

    Attributes:
        kept: Canonical address, article id and candidate of each, each address once; one article may have several.
        dropped: How many were not the outlet's articles, by reason.
    """

    kept: tuple[tuple[str, str, Candidate], ...]
    dropped: Mapping[Reason, int]


def sift(outlet: Outlet, candidates: Iterable[Candidate]) -> Sifted:
    """Keep the candidates that are articles of the outlet; adverts and foreign links are counted and dropped."""
    kept: dict[str, tuple[str, str, Candidate]] = {}
    dropped: Counter[Reason] = Counter()
    for candidate in candidates:
        url = canonical(candidate.url)
        reason = _objection(outlet, url)
        if reason or url is None:
            dropped[reason or Reason.BAD_ADDRESS] += 1
        else:
            kept.setdefault(url, (url, article_id(outlet.id, article_key(outlet, url)), candidate))
    return Sifted(tuple(kept.values()), dict(dropped))


def _objection(outlet: Outlet, url: str | None) -> Reason | None:
    if url is None:
        return Reason.BAD_ADDRESS
    if not is_own(outlet, url):
        return Reason.FOREIGN
    return None if is_article(outlet, url) else Reason.NOT_AN_ARTICLE
