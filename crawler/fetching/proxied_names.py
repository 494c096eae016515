"""Vet the host names that a proxy resolves: they may lead into a private network.

A proxy connects to the address that its own resolver returns, so we cannot check that address. Names of local
networks are refused, and so are names that resolve to a private address here. If this machine has no resolver of its
own, as behind many proxies, only the proxy's rules decide.

Some networks answer every name with a private address, and let the proxy find the real one. Nothing can be learned from
such a resolver, so every name is refused until a person says that the proxy may decide.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

from crawler.fetching.allowed_addresses import is_public
from crawler.fetching.guarded_network import AddressRefused, Resolve

_SECONDS = 2.0  # time limit of one look-up; a machine without a resolver must not wait longer for each host
_REMEMBERED = 2_000  # names
_WITHOUT_RESOLVER = 300.0  # seconds without look-ups after one that got no answer
# A name with public addresses, reserved for documentation (RFC 2606, section 3). It shows what the resolver is worth.
_PUBLIC_NAME = "example.com"
# Names of local networks: RFC 6762 (.local), RFC 6761 (.localhost), RFC 8375 (.home.arpa), ICANN's .internal.
_LOCAL = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".home")


class ProxiedNames:
    """Check the host names that a proxy resolves, and cache the results."""

    def __init__(self, resolve: Resolve, *, trust_proxy: bool = False) -> None:
        """Start with an empty cache.

        Args:
            resolve: Resolves names to addresses on this machine.
            trust_proxy: Let the proxy decide, without a look-up here; names of local networks stay refused.
        """
        self._resolve = resolve
        self._trust_proxy = trust_proxy
        self._refused: dict[str, str] = {}
        # One look-up at a time: a look-up without an answer blocks a thread of the pool, which connections need too.
        self._one_at_a_time = asyncio.Lock()
        self._silent_until = 0.0  # in the event loop's time

    async def vet(self, host: str) -> None:
        """Refuse a name that leads into a private network.

        Raises:
            AddressRefused: The name leads there.
        """
        name = host.lower().rstrip(".")
        if name not in self._refused:
            if len(self._refused) >= _REMEMBERED:
                self._refused.clear()
            self._refused[name] = await self._objection(name)
        if self._refused[name]:
            raise AddressRefused(f"{host} {self._refused[name]}")

    async def _objection(self, name: str) -> str:
        if ":" not in name and ("." not in name or name.endswith(_LOCAL)):
            return "is a name of a local network"
        if self._trust_proxy or not (private := await self._private_addresses(name)):
            return ""
        if not await self._private_addresses(_PUBLIC_NAME):
            return f"leads to {private[0]}, a private or special address"
        return (
            f"leads to {private[0]}, and so does {_PUBLIC_NAME}: this machine's resolver gives private addresses for"
            " public names; if the proxy keeps requests out of private networks, set network.trust_proxy = true"
        )

    async def _private_addresses(self, name: str) -> list[str]:
        """Return the private and special addresses to which a name resolves here."""
        addresses = await self._look_up(name)
        return [address for address in addresses if not is_public(ip_address(address.partition("%")[0]))]

    async def _look_up(self, name: str) -> Sequence[str]:
        """Resolve a name here; return nothing if it does not resolve, or if this machine has no resolver."""
        loop = asyncio.get_running_loop()
        async with self._one_at_a_time:
            if loop.time() < self._silent_until:
                return ()
            try:
                async with asyncio.timeout(_SECONDS):
                    return await self._resolve(name, 443)
            except TimeoutError:
                self._silent_until = loop.time() + _WITHOUT_RESOLVER
                return ()
            except OSError:
                return ()
