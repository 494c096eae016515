"""Judge addresses by the declared patterns, and name the pattern that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archive.record import article_id
from crawler.outlets.article_urls import article_key, article_match, canonical, excluded_by, looks_like_article
from crawler.outlets.catalogue import outlet_for
from crawler.outlets.model import Outlet


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """The judgement of one address.

    Attributes:
        url: The address as it was given.
        canonical: Its canonical form; empty for what is not an address.
        outlet: Id of the outlet whose own it is; empty where it is no declared outlet's.
        article: Whether it is taken for an article.
        key: The outlet's own number of the article, or its address; empty where it does not have an article's form. An
            excluded address keeps its key: a page to print has the key of the article.
        rule: What decided, in a few words.
    """

    url: str
    canonical: str = ""
    outlet: str = ""
    article: bool = False
    key: str = ""
    rule: str = "not an address"

    @property
    def id(self) -> str:
        """The id of the article in the archive; empty where there is no key."""
        return article_id(self.outlet, self.key) if self.key else ""


def match_address(catalogue: Mapping[str, Outlet], url: str) -> AddressMatch:
    """Find the outlet of an address, and whether the address is an article's.

    Args:
        catalogue: The declared outlets, by id.
        url: An address as a page, a feed or a person gives it.
    """
    address = canonical(url)
    if address is None:
        return AddressMatch(url)
    outlet = outlet_for(catalogue, address)
    if outlet is None:
        return AddressMatch(url, address, rule="no outlet's host")
    formed, rule = _form(outlet, address)
    key = article_key(outlet, address) if formed else ""
    if excluded := excluded_by(outlet, address):
        return AddressMatch(url, address, outlet.id, False, key, f"exclude {excluded}")
    return AddressMatch(url, address, outlet.id, formed, key, rule)


def _form(outlet: Outlet, address: str) -> tuple[bool, str]:
    """Return whether an address has the form of an article's, and what says so."""
    if not outlet.article:
        formed = looks_like_article(address)
        return formed, f"guess: {'looks' if formed else 'does not look'} like an article"
    found = article_match(outlet, address)
    return (True, f"article {found.re.pattern}") if found else (False, "no pattern of `article` matches")
