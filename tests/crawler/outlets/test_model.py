"""The outlet model: its own addresses, its rules, its timezone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from crawler.outlets.model import Outlet, Reading

PAPER = Outlet(
    id="paper",
    name="Paper",
    home="https://www.paper.example/vi/",
    hosts=("m.paper.example", "portal.example/paper"),
    timezone="Asia/Ho_Chi_Minh",
)


def test_hosts_include_their_mirrors() -> None:
    """The hosts of an outlet are its home page's host and the declared ones, each with its mirrors."""
    assert {
        *("paper.example", "www.paper.example", "m.paper.example"),
        *("portal.example", "www.portal.example", "m.portal.example"),
    } == PAPER.all_hosts


CLAIMS = {
    "front page": ("https://www.paper.example/vi/", True),
    "front page without its slash": ("https://www.paper.example/vi", True),
    "below it": ("http://paper.example/vi/thoi-su?x=1", True),
    "beside it": ("https://www.paper.example/en/news", False),
    "beginning like it": ("https://www.paper.example/video", False),
    "another host": ("https://m.paper.example/anything", True),
    "part of another's host": ("https://portal.example/paper/x", True),
    "the rest of it": ("https://portal.example/x", False),
    "sub-domain": ("https://x.m.paper.example/", False),
    "user that looks like a host": ("https://m.paper.example@evil.example/", False),
    "no address": ("http://[", False),
}


@pytest.mark.parametrize(("url", "own"), CLAIMS.values(), ids=CLAIMS)
def test_an_outlet_claims_what_is_its_own(url: str, own: bool) -> None:
    """An address belongs to an outlet by its host, or by the part of a shared site."""
    assert own == (PAPER.claim(url) > 0)


def test_a_part_claims_more_than_the_whole() -> None:
    """If one outlet is inside another's site, the inner outlet's claim is stronger."""
    whole = Outlet(id="portal", name="Portal", home="https://portal.example/")

    assert PAPER.claim("https://portal.example/paper/x") > whole.claim("https://portal.example/paper/x") > 0


def test_the_timezone_is_ready_to_use() -> None:
    """The zone is the one with that name."""
    assert ZoneInfo("Asia/Ho_Chi_Minh") == PAPER.zone


def test_only_one_set_of_rules_is_of_today() -> None:
    """Two sets of rules without a last day are refused."""
    with pytest.raises(ValidationError, match="more than one set of rules without `until`"):
        Outlet(id="paper", name="Paper", home="https://paper.example/", reading=(Reading(), Reading()))
