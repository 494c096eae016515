"""Post to a configured address, over the same guarded transport as every other request."""

from __future__ import annotations

import httpx

from archive.errors import Failure, Reason
from crawler.fetching.guarded_network import exchange
from crawler.fetching.http_client import Client, failure_of


async def post_json(client: Client, url: str, body: bytes, seconds: float) -> Failure | None:
    """Post JSON and ignore the response body; a redirect is a failure.

    Args:
        client: The client, with its guard, proxy and certificates.
        url: The address.
        body: The JSON.
        seconds: Time limit of the whole exchange.

    Returns:
        Why the server did not accept it; None if it did.
    """
    fields = {"User-Agent": client.agent, "Content-Type": "application/json"}
    try:
        timeout = httpx.Timeout(seconds, pool=None).as_dict()
        request = httpx.Request("POST", url, headers=fields, content=body, extensions={"timeout": timeout})
    except (httpx.InvalidURL, ValueError) as error:  # includes idna.IDNAError
        return Failure(Reason.BAD_ADDRESS, f"not an address: {error}")
    try:
        with exchange(seconds):
            response = await client.transport.handle_async_request(request)
            await response.aclose()
    except httpx.TransportError as error:
        return failure_of(error)
    if not response.is_success:
        reason = Reason.SERVER_ERROR if response.is_server_error else Reason.CLIENT_ERROR
        return Failure(reason, f"HTTP status {response.status_code}")
    return None
