"""Outlets shared among machines by host."""

import pytest
from factories import make_outlet

from crawler.outlets.catalogue import load_catalogue
from crawler.outlets.model import Source
from crawler.outlets.sharding import shard_outlets


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_every_outlet_is_in_one_share(count):
    """The shares together are the catalogue, each outlet once."""
    catalogue = load_catalogue()
    shares = shard_outlets(catalogue, count)

    assert count == len(shares)
    assert sorted(catalogue) == sorted(outlet.id for share in shares for outlet in share)


def test_outlets_that_ask_a_common_host_are_in_one_share():
    """A common host, that of a source too, keeps outlets together, also through a third one."""
    feed = Source(kind="feed", url="https://feeds.example/b.rss")
    outlets = [
        make_outlet("a", "A", "https://a.example"),
        make_outlet("b", "B", "https://b.example", feed),
        make_outlet("c", "C", "https://feeds.example"),
        make_outlet("d", "D", "https://d.example", Source(kind="feed", url="https://a.example/d.rss"), feed),
    ]
    shares = shard_outlets({outlet.id: outlet for outlet in outlets}, 50)

    assert [["a", "b", "c", "d"]] == [[outlet.id for outlet in share] for share in shares if share]


def test_an_outlet_stays_in_its_share_when_another_one_comes():
    """A new outlet with a host of its own moves nobody."""
    outlets = {f"o{n}": make_outlet(f"o{n}", "O", f"https://o{n}.example") for n in range(20)}
    new = {**outlets, "neu": make_outlet("neu", "Neu", "https://neu.example")}
    before, after = ({o.id: n for n, share in enumerate(shard_outlets(c, 4)) for o in share} for c in (outlets, new))

    assert before == {name: number for name, number in after.items() if name != "neu"}
