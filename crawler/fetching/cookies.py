"""Store the cookies of one fetch: those set by redirects are sent back, and forgotten afterwards."""

from __future__ import annotations

from email.message import Message
from http.cookiejar import CookieJar
from urllib.request import Request

from archive.record import Capture

_MOST_BYTES = 4096  # of one Cookie field; servers refuse larger ones (RFC 6265, 6.1)


class _Response:
    """Provide what `http.cookiejar` needs of a response."""

    def __init__(self, response: Capture) -> None:
        self._message = Message()
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                self._message["Set-Cookie"] = value

    def info(self) -> Message:
        """Return the header fields."""
        return self._message


class FetchCookies:
    """Hold the cookies that were set during one fetch."""

    def __init__(self) -> None:
        """Start without cookies."""
        self._jar: CookieJar | None = None

    def learn(self, response: Capture) -> None:
        """Store the cookies that a response sets."""
        if response.header("Set-Cookie") is None:
            return
        self._jar = self._jar if self._jar is not None else CookieJar()
        request = Request(response.url)  # noqa: S310 - nothing is opened
        self._jar.extract_cookies(_Response(response), request)  # type: ignore[arg-type]

    def field(self, url: str) -> str:
        """Return the `Cookie` field for an address; empty if there are no cookies for it."""
        if self._jar is None:
            return ""
        request = Request(url)  # noqa: S310 - nothing is opened
        self._jar.add_cookie_header(request)
        value = request.get_header("Cookie") or ""
        return value if len(value) <= _MOST_BYTES else ""
