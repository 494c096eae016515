"""Classify addresses by the declared patterns, and name the pattern that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archive.record import article_id
from crawler.outlets.article_urls import article_key, article_match, canonical, excluded_by, looks_like_article
from crawler.outlets.catalogue import outlet_for
from crawler.outlets.model import Outlet


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """The classification of one address.

    Attributes:
        url: The address as given.
        canonical: Its canonical form; empty if it is not an address.
        outlet: The id of the outlet that owns it; empty if no declared outlet does.
        article: It is taken for an article.
        key: The outlet's own number of the article, or its address; empty if it does not have the form of an article.
            An excluded address keeps its key: the print version of a page has the key of the article.
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
        """The id of the article in the archive; empty if there is no key."""
        return article_id(self.outlet, self.key) if self.key else ""


def match_address(catalogue: Mapping[str, Outlet], url: str) -> AddressMatch:
    """Find the outlet of an address, and decide whether the address is an article.

    Args:
        catalogue: The declared outlets, by id.
        url: An address from a page, a feed or a person.
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
    """Return whether an address has the form of an article, and what decided."""
    if not outlet.article:
        formed = looks_like_article(address)
        return formed, f"guess: {'looks' if formed else 'does not look'} like an article"
    found = article_match(outlet, address)
    return (True, f"article {found.re.pattern}") if found else (False, "no pattern of `article` matches")
