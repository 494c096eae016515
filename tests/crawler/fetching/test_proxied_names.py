"""Names that a proxy resolves, judged with the resolver of this machine."""

import asyncio

import pytest

from crawler.fetching.guarded_network import AddressRefused
from crawler.fetching.proxied_names import ProxiedNames


def resolver(addresses, default=()):
    """Make a resolver that knows some names, and remembers which it was asked for."""
    asked = []

    async def resolve(name, port):
        asked.append(name)
        return addresses.get(name, default)

    return resolve, asked


def refusal(names, *hosts):
    """Vet hosts and return why each is refused; empty for those that are allowed."""

    async def vet_all():
        told = []
        for host in hosts:
            try:
                await names.vet(host)
            except AddressRefused as error:
                told.append(str(error))
            else:
                told.append("")
        return told

    return asyncio.run(vet_all())


def test_a_name_that_leads_into_a_private_network_is_refused():
    """One private address among public names is refused as that, and public names are allowed."""
    resolve, _ = resolver({"inside.example": ["10.0.0.7"]}, ["93.184.216.34"])

    inside, outside = refusal(ProxiedNames(resolve), "inside.example", "bao.example")

    assert "inside.example leads to 10.0.0.7, a private or special address" == inside
    assert "" == outside


def test_a_resolver_that_knows_private_addresses_alone_is_told_with_the_setting():
    """Where public names resolve to private addresses too, the refusal says what to set."""
    resolve, asked = resolver({}, ["198.18.0.7"])

    (told,) = refusal(ProxiedNames(resolve), "bao.example")

    assert ["bao.example", "example.com"] == asked
    assert "gives private addresses for public names" in told
    assert "set network.trust_proxy = true" in told


@pytest.mark.parametrize("host", ["router.lan", "localhost", "printer.local"])
def test_a_trusted_proxy_gets_no_name_of_a_local_network(host):
    """With a trusted proxy no name is looked up here, and names of local networks are refused all the same."""
    resolve, asked = resolver({}, ["198.18.0.7"])

    public, local = refusal(ProxiedNames(resolve, trust_proxy=True), "bao.example", host)

    assert [] == asked
    assert "" == public
    assert "is a name of a local network" in local
