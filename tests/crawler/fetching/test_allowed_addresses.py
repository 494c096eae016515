"""Which addresses may be fetched, by their form and by the network address."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Reason
from crawler.fetching.allowed_addresses import host_of, is_public, literal, origin_of, vet_address


def spellings(address: IPv4Address) -> list[str]:
    """Return the ways in which an IPv4 address can be written so that a resolver accepts it."""
    number, (a, b, c, d) = int(address), address.packed
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{b:#X}.0{c:o}.{d}",
        f"00{a:o}.{b}.{c}.0x0{d:x}",
        f"{address}.",
    ]


@given(address=st.ip_addresses(v=4))
def test_every_spelling_of_ipv4_is_recognised(address: IPv4Address) -> None:
    """Decimal, octal, hex and short forms are recognised as the address that they spell, as in `inet_aton`."""
    for text in spellings(address):
        assert address == literal(text), text
        assert socket.inet_aton(text.rstrip(".")) == address.packed, text


@given(address=st.ip_addresses(v=6), zone=st.sampled_from(["", "%eth0", "%25lo"]))
def test_every_spelling_of_ipv6_is_recognised(address: IPv6Address, zone: str) -> None:
    """Short and long forms, brackets and zones are recognised as the address that they spell."""
    for text in (f"{address}{zone}", f"[{address.exploded.upper()}{zone}]"):
        assert address == literal(text), text


@pytest.mark.parametrize(
    "host",
    [
        "example.vn",
        "localhost",
        "",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.16777216",
        "0x",
        "1.2.3.x",
        "①.②.③.④",
        "::g",
        "4294967296",
    ],
)
def test_names_are_not_ip_addresses(host: str) -> None:
    """Any other host is a name, except a bare `0x`, which resolvers take for zero."""
    assert (IPv4Address(0) if host == "0x" else None) == literal(host)


@given(host=st.text(max_size=60))
def test_literal_never_raises(host: str) -> None:
    """Any text as a host gives an IP address or None."""
    assert isinstance(literal(host), IPv4Address | IPv6Address | None)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.31.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_special_addresses_are_not_public(address: str) -> None:
    """Private, loopback, link-local, carrier, multicast and reserved addresses are refused, embedded or not."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "103.56.158.1",
        "172.32.0.1",
        "192.0.1.1",
        "100.128.0.1",
        "2606:4700::1111",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)
def test_public_addresses_are_public(address: str) -> None:
    """Publicly reachable addresses may be fetched, through NAT64 too."""
    assert is_public(ip_address(address))


@given(address=st.ip_addresses())
def test_nothing_that_python_calls_special_is_public(address: IPv4Address | IPv6Address) -> None:
    """Our list accepts no address that the standard library calls special."""
    carries = isinstance(address, IPv6Address) and (address.sixtofour or address in IPv6Network("64:ff9b::/96"))
    if is_public(address) and not carries:
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://example.vn/a", "not http or https, but ftp"),
        ("file:///etc/passwd", "not http or https, but file"),
        ("javascript:alert(1)", "not http or https, but javascript"),
        ("/tin-tuc", "not http or https, but no scheme"),
        ("", "not http or https, but no scheme"),
        ("https://", "no host"),
        ("https:///a", "no host"),
        ("https://user:secret@example.vn/", "credentials in the address"),
        ("https://@example.vn/", "credentials in the address"),
        ("https://example.vn:22/", "port 22 is not allowed"),
        ("https://example.vn:0/", "port 0 is not allowed"),
        ("https://example.vn:x/", "not an address: Port could not be cast to integer value as 'x'"),
        ("https://example.vn:99999/", "not an address: Port out of range 0-65535"),
        ("https://user:secret@[::1/", "not an address"),
        ("https://example.vn/" + "a" * 9000, "9019 characters long"),
    ],
)
def test_bad_addresses_are_refused(url: str, told: str) -> None:
    """Addresses of a bad form are refused, and the message contains no credentials."""
    refused = vet_address(url)

    assert refused is not None
    assert (Reason.BAD_ADDRESS, told) == (refused.reason, refused.detail)


@pytest.mark.parametrize(
    ("url", "ports"),
    [
        ("https://example.vn/tin-1.html?a=b#c", ()),
        ("http://example.vn:80/", ()),
        ("https://example.vn:8443/", ()),
        ("HTTPS://Ví-dụ.vn/", ()),
        ("http://127.0.0.1:5000/", (5000,)),
    ],
)
def test_good_addresses_pass(url: str, ports: tuple[int, ...]) -> None:
    """Both schemes pass, on the usual ports and on those the outlet declares; the guard checks where they lead."""
    assert vet_address(url, ports) is None


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("https://Example.vn/a", "example.vn", "https://example.vn"),
        ("http://example.vn:80/a", "example.vn", "http://example.vn"),
        ("http://example.vn./a", "example.vn", "http://example.vn."),
        ("https://example.vn:443/a", "example.vn", "https://example.vn"),
        ("http://example.vn:443/a", "example.vn", "http://example.vn:443"),
        ("https://example.vn:8443/a", "example.vn:8443", "https://example.vn:8443"),
        ("http://[::1]:8080/a", "::1:8080", "http://[::1]:8080"),
    ],
)
def test_hosts_and_origins(url: str, host: str, origin: str) -> None:
    """One name under http and https is one host for rate limits, but two origins for robots.txt."""
    assert (host, origin) == (host_of(url), origin_of(url))
