"""Decide which addresses may be fetched, by their form and by the network address. Pure."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from archive.errors import Failure, Reason

USUAL_PORTS = frozenset({80, 443, 8080, 8443})
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 8192  # characters; RFC 9110, 4.1 asks for at least 8000

# The special-purpose registries of IANA (RFC 6890), and multicast; `is_global` differs between Python versions.
_SPECIAL_V4: tuple[IPv4Network, ...] = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where cloud providers serve credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")  # all assigned addresses; everything outside is special
_SPECIAL_V6: tuple[IPv6Network, ...] = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: IPv6-only networks reach public IPv4 addresses through this prefix


def vet_address(url: str, ports: Collection[int] = ()) -> Failure | None:
    """Return why an address may not be fetched, judged by its form; None if it may.

    Args:
        url: The address.
        ports: Ports that are allowed besides the usual ones.

    Returns:
        BAD_ADDRESS, whose detail never contains credentials; None if the form is right.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return Failure(Reason.BAD_ADDRESS, f"not an address: {error}" if "@" not in url else "not an address")
    problem = _problem(url, parts)
    if problem is None and port is not None and port not in USUAL_PORTS and port not in ports:
        problem = f"port {port} is not allowed"
    return Failure(Reason.BAD_ADDRESS, problem) if problem else None


def _problem(url: str, parts: SplitResult) -> str | None:
    if parts.scheme not in _DEFAULT_PORTS:
        return f"not http or https, but {parts.scheme[:40] or 'no scheme'}"
    if parts.username is not None or parts.password is not None:
        return "credentials in the address"
    if not parts.hostname or parts.hostname.startswith("."):
        return "no host"
    if len(url) > _LONGEST:
        return f"{len(url)} characters long"
    return None


def host_of(url: str) -> str:
    """Return the host of an address, with its port unless it is the default port."""
    parts = urlsplit(url)
    port = "" if parts.port in {None, *_DEFAULT_PORTS.values()} else f":{parts.port}"
    return f"{(parts.hostname or '').rstrip('.')}{port}"


def origin_of(url: str) -> str:
    """Return `scheme://host[:port]`, the scope of one robots.txt (RFC 9309, 2.3)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that a host spells, in any spelling that a resolver accepts; None for a name.

    IPv4 may be decimal, octal or hex, in one to four parts (WHATWG URL, 3.5, as in `inet_aton`); IPv6 may have a zone,
    which is dropped.
    """
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return IPv6Address(bare) if ":" in bare else _aton(bare)
    except ValueError:
        return None


def _aton(text: str) -> IPv4Address:
    *heads, last = [_number(part) for part in text.split(".")]
    if len(heads) > 3 or any(head > 0xFF for head in heads) or last >= 256 ** (4 - len(heads)):  # noqa: PLR2004 - bytes
        raise ValueError(text)
    return IPv4Address(last + sum(head << 8 * (3 - i) for i, head in enumerate(heads)))


def _number(text: str) -> int:
    if not text.isascii() or not text.isalnum():
        raise ValueError(text)
    if text[:2] in {"0x", "0X"}:
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is public; IPv4 embedded in IPv6 is judged as IPv4."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        return is_public(address.sixtofour)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)
