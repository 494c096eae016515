"""Send a message to a webhook or to a command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from urllib.parse import urlsplit

from archive.errors import UsageError
from crawler.fetching.allowed_addresses import is_public, literal
from crawler.fetching.transports import build_client, user_agent
from crawler.fetching.webhook import post_json
from schedules.config import NetworkSettings

_SECONDS = 20.0  # time limit of a webhook or a command


async def post(address: str, body: bytes, network: NetworkSettings) -> str:
    """Post JSON to a webhook; return why that failed, in one line, or an empty string.

    The request goes over the crawler's transport, with its guard, proxy and certificates. A webhook with a loopback or
    private address is allowed, because a person chose it. A name that resolves to such an address needs
    `network.allow_private_addresses`.
    """
    try:
        client = build_client(
            agent=user_agent(version("khobao"), network.contact),
            proxy=network.proxy,
            ca_bundle=network.ca_bundle,
            allow_private_addresses=network.allow_private_addresses or _is_written_private(address),
            trust_proxy=network.trust_proxy,
        )
        async with client:
            failure = await post_json(client, address, body, _SECONDS)
    except UsageError as error:
        return str(error)
    return str(failure) if failure else ""


def _is_written_private(address: str) -> bool:
    """Return whether an address names this machine or a private network by its IP address."""
    host = urlsplit(address).hostname or ""
    number = literal(host)
    return host == "localhost" or (number is not None and not is_public(number))


async def run(command: Sequence[str], body: bytes, facts: Mapping[str, str]) -> str:
    """Run a command; return why that failed, in one line, or an empty string.

    Args:
        command: A program and its arguments.
        body: The bytes for its standard input.
        facts: Variables to add to its environment.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, env={**os.environ, **facts}
        )
    except OSError as error:
        return str(error)
    try:
        await asyncio.wait_for(process.communicate(body), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
    return f"exit code {process.returncode}" if process.returncode else ""
