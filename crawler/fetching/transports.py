"""Build the HTTP client: proxies, certificates, and the guarded network below."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.request import getproxies, proxy_bypass
from zlib import crc32

import httpx

from archive.errors import UsageError
from crawler.fetching.guarded_network import AddressRefused, GuardedBackend, Resolve, refuse_literal, system_resolve
from crawler.fetching.http_client import Client
from crawler.fetching.proxied_names import ProxiedNames

PROJECT = "https://github.com/khobao/khobao"
_POOLS = 8
_KEPT_FOR = 4.0  # seconds; many servers close an idle connection after 5 s


def user_agent(version: str, contact: str = "") -> str:
    """Return an honest User-Agent: `khobao/0.1.0 (+https://github.com/khobao/khobao; contact)`."""
    about = "; ".join(filter(None, (f"+{PROJECT}", contact.strip())))
    return f"khobao/{version} ({about})"


def build_client(
    *,
    agent: str,
    proxy: str = "",
    ca_bundle: Path | None = None,
    allow_private_addresses: bool = False,
    trust_proxy: bool = False,
    keepalive: int = 64,
    resolve: Resolve = system_resolve,
) -> Client:
    """Build the HTTP client of the process; as a context manager it closes its connections.

    Args:
        agent: The User-Agent, see `user_agent`.
        proxy: A proxy for all requests; empty to use HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment.
        ca_bundle: Certificates to trust; None to use SSL_CERT_FILE, or else the default ones.
        allow_private_addresses: Turn off the guard against private and special addresses.
        trust_proxy: Let the proxy alone decide which names lead into a private network.
        keepalive: The largest number of idle connections.
        resolve: Resolves names to addresses.

    Raises:
        UsageError: A proxy or the certificates are unusable.
    """
    # The rate limiter bounds the number of requests in flight. A pool with its own bound would hang for ever on the
    # slots that cancelled requests do not release (encode/httpcore#1093).
    idle = keepalive // _POOLS
    bounds = httpx.Limits(max_connections=None, max_keepalive_connections=idle, keepalive_expiry=_KEPT_FOR)
    tls = _tls_context(ca_bundle)
    direct = _Transport(GuardedBackend(resolve, allow_private=allow_private_addresses), tls, bounds)
    proxies = {"all": proxy} if proxy else getproxies()
    proxied = {
        scheme: _proxy_transport(address, tls, bounds)
        for scheme, address in proxies.items()
        if scheme in {"http", "https", "all"} and address
    }
    names = None if allow_private_addresses else ProxiedNames(resolve, trust_proxy=trust_proxy)
    return Client(_Routes(direct, proxied, always=bool(proxy), names=names), agent)


def _tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle) if ca_bundle else httpx.create_ssl_context()
    except OSError as error:  # includes ssl.SSLError
        raise UsageError(f"{ca_bundle or 'SSL_CERT_FILE'}: no usable certificates: {error}; name a PEM file") from None


class _Transport(httpx.AsyncBaseTransport):
    """Use httpx's transports over the guarded network, with the hosts spread over several pools.

    For each request, httpcore looks at all connections of a pool once for each idle one: with twenty hosts in one pool,
    that was 0.2 ms of CPU a request (measured).
    """

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext, bounds: httpx.Limits, proxy: str = "") -> None:
        self._transports = [
            httpx.AsyncHTTPTransport(verify=tls, limits=bounds, trust_env=False, proxy=proxy or None)
            for _ in range(_POOLS)
        ]
        for transport in self._transports:
            # httpcore accepts a network backend, but httpx, without a release since 2024, cannot pass one on.
            transport._pool._network_backend = backend  # noqa: SLF001

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._transports[crc32(request.url.raw_host) % _POOLS]
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        for transport in self._transports:
            await transport.aclose()


def _proxy_transport(address: str, tls: ssl.SSLContext, bounds: httpx.Limits) -> _Transport:
    """Build a transport that uses a proxy, which may be on loopback."""
    url = address if "://" in address else f"http://{address}"
    try:
        return _Transport(GuardedBackend(allow_private=True), tls, bounds, url)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        why = str(error).splitlines()[0] if "@" not in url else "it cannot be used"
        raise UsageError(f"proxy: {why}; write a proxy as http://host:port") from None


class _Routes(httpx.AsyncBaseTransport):
    """Route each request directly or through a proxy; a proxy resolves names, so they are vetted first."""

    def __init__(
        self, direct: _Transport, proxied: Mapping[str, _Transport], *, always: bool, names: ProxiedNames | None
    ) -> None:
        self._direct = direct
        self._proxied = proxied
        self._always = always
        self._names = names

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        route = self._route(request.url)
        if self._names:
            try:
                refuse_literal(request.url.host)
                if route is not self._direct:
                    await self._names.vet(request.url.host)
            except AddressRefused as error:
                raise httpx.ConnectError(str(error)) from error
        return await route.handle_async_request(request)

    def _route(self, url: httpx.URL) -> _Transport:
        proxied = self._proxied.get(url.scheme) or self._proxied.get("all")
        if proxied and (self._always or not proxy_bypass(url.netloc.decode("ascii"))):  # NO_PROXY
            return proxied
        return self._direct

    async def aclose(self) -> None:
        for transport in (self._direct, *self._proxied.values()):
            await transport.aclose()
