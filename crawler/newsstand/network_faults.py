"""Define the faults of servers: wire, encodings, redirects, walls, TLS and robots.txt."""

from __future__ import annotations

import asyncio
import gzip
from itertools import count

import brotli
import zstandard

from archive.errors import Reason
from crawler.newsstand.fault_model import Fault, article
from crawler.newsstand.raw_http import Answer, close, drip, endless, reply, reset, stall

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_NOTHING = bytes(40_000_000)  # the decompressed content of a bomb
_HALF = article()[:500]


def _encode(body: bytes, encoding: str) -> bytes:
    return reply(200, body, Content_Encoding=encoding)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 1, mtime=0)


def _to(address: str, status: int = 302) -> bytes:
    return reply(status, Location=address)


def _ever_new() -> Answer:
    hops = count()

    async def onward(writer: asyncio.StreamWriter) -> None:
        writer.write(_to(f"/bai-xau-1000001.html?{next(hops)}"))

    return onward


ON_THE_WIRE = (
    Fault(
        name="slow-header",
        told="a header that drips in byte by byte",
        answer=lambda: drip(_HEAD * 20, 0.05),
        reason=Reason.TIMEOUT,
    ),
    Fault(
        name="slow-body",
        told="a body that drips in byte by byte",
        answer=lambda: drip(reply(200, article()), 0.05),
        reason=Reason.TIMEOUT,
    ),
    Fault(name="no-answer", told="a connection without a response", answer=stall, reason=Reason.TIMEOUT),
    Fault(
        name="stalled-body",
        told="half a page, then silence",
        answer=lambda: stall(reply(200, article())[:900]),
        reason=Reason.TIMEOUT,
    ),
    Fault(
        name="endless-continue",
        told="endless `100 Continue`",
        answer=lambda: drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 400, 0.01),
        reason=Reason.TIMEOUT,
    ),
    Fault(
        name="reset-body",
        told="a connection that is reset in the middle of a page",
        answer=lambda: reset(reply(200, article())[:900]),
        reason=Reason.UNREACHABLE,
    ),
    Fault(
        name="hung-up", told="a connection that is closed without a response", answer=close, reason=Reason.UNREACHABLE
    ),
    Fault(
        name="short-body",
        told="fewer bytes than announced",
        answer=lambda: close(reply(200, article(), Content_Length="99999")),
        reason=Reason.TRUNCATED,
    ),
    Fault(
        name="long-body",
        told="more bytes than announced",
        answer=lambda: close(reply(200, article() + b"x" * 5000, Content_Length=str(len(article())))),
        reason=None,
    ),
    Fault(
        name="huge-length",
        told="a terabyte announced",
        answer=lambda: stall(reply(200, _HALF, Content_Length="1000000000000")),
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="endless-body",
        told="a body that never ends",
        answer=lambda: endless(b"<p>" + b"x" * 60_000, _HEAD + b"\r\n"),
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="chunked-garbage",
        told="chunks whose sizes are not numbers",
        answer=lambda: close(_CHUNKED + b"zz\r\n" + _HALF + b"\r\n0\r\n\r\n"),
        reason=Reason.PROTOCOL,
    ),
    Fault(
        name="chunked-cut",
        told="chunks without the last one",
        answer=lambda: close(_CHUNKED + b"1f4\r\n" + _HALF + b"\r\n"),
        reason=Reason.TRUNCATED,
    ),
    Fault(
        name="not-http",
        told="the greeting of another protocol",
        answer=lambda: close(b"220 mail.hostile.example ESMTP\r\n\r\n"),
        reason=Reason.PROTOCOL,
    ),
    Fault(
        name="cookie-flood",
        told="a thousand cookies",
        answer=lambda: _HEAD + b"Set-Cookie: a=b\r\n" * 1000 + b"Content-Length: 0\r\n\r\n",
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="header-flood",
        told="a header of a megabyte",
        answer=lambda: _HEAD + b"X-Flood: " + b"x" * 1_000_000 + b"\r\n\r\n",
        reason=Reason.TOO_LARGE,
    ),
)

IN_ENCODINGS = (
    Fault(
        name="gzip-bomb",
        told="a small gzip body that inflates to 40 MB",
        answer=lambda: _encode(_gzip(_NOTHING), "gzip"),
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="brotli-bomb",
        told="a small brotli body that inflates to 40 MB",
        answer=lambda: _encode(brotli.compress(_NOTHING, quality=1), "br"),
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="zstd-bomb",
        told="a small zstd body that inflates to 40 MB",
        answer=lambda: _encode(zstandard.compress(_NOTHING, 1), "zstd"),
        reason=Reason.TOO_LARGE,
    ),
    Fault(
        name="nested-encodings",
        told="gzip in gzip in gzip",
        answer=lambda: _encode(_gzip(_gzip(_gzip(article()))), "gzip, gzip, gzip"),
        reason=Reason.BAD_ENCODING,
    ),
    Fault(
        name="no-gzip",
        told="plain text labelled as gzip",
        answer=lambda: _encode(article(), "gzip"),
        reason=Reason.BAD_ENCODING,
    ),
    Fault(
        name="unknown-encoding",
        told="an unknown encoding",
        answer=lambda: _encode(_gzip(article()), "rot13"),
        reason=Reason.BAD_ENCODING,
    ),
    Fault(
        name="cut-gzip",
        told="truncated gzip",
        answer=lambda: _encode(_gzip(article())[:-30], "gzip"),
        reason=Reason.TRUNCATED,
    ),
)

IN_REDIRECTS = (
    Fault(
        name="endless-redirects",
        told="endless redirects to new addresses",
        answer=_ever_new,
        reason=Reason.REDIRECTS,
    ),
    Fault(
        name="redirect-loop",
        told="a redirect to itself",
        answer=lambda: _to("/bai-xau-1000001.html", 301),
        reason=Reason.REDIRECTS,
    ),
    Fault(
        name="redirect-nowhere",
        told="a redirect without an address",
        answer=lambda: reply(302),
        reason=Reason.REDIRECTS,
    ),
    Fault(
        name="redirect-to-file",
        told="a redirect to a local file",
        answer=lambda: _to("file:///etc/passwd"),
        reason=Reason.BAD_ADDRESS,
    ),
    Fault(
        name="redirect-to-metadata",
        told="a redirect to the credentials address of a cloud provider",
        answer=lambda: _to("http://169.254.169.254/latest/meta-data/"),
        reason=Reason.PRIVATE_ADDRESS,
    ),
    Fault(
        name="redirect-to-loopback",
        told="a redirect to loopback, in decimal",
        answer=lambda: _to("http://2130706433/"),
        reason=Reason.PRIVATE_ADDRESS,
    ),
    Fault(
        name="redirect-to-local-name",
        told="a redirect to a name that resolves to loopback",
        answer=lambda: _to("http://localhost/"),
        reason=Reason.PRIVATE_ADDRESS,
    ),
    Fault(
        name="redirect-to-mail",
        told="a redirect to the port of a mail server",
        answer=lambda: _to("http://khac.example:25/"),
        reason=Reason.BAD_ADDRESS,
    ),
    Fault(
        name="redirect-with-password",
        told="a redirect with credentials in it",
        answer=lambda: _to("http://admin:admin@khac.example/"),
        reason=Reason.BAD_ADDRESS,
    ),
)

BEHIND_WALLS = (
    Fault(
        name="cookie-gate",
        told="a script that sets a cookie and reloads the page",
        answer=lambda: reply(200, b"<script>document.cookie='a=b';location.reload()</script>"),
        reason=Reason.BLOCKED,
    ),
    Fault(
        name="cookie-loop",
        told="a redirect to itself that requires its cookie",
        answer=lambda: reply(302, Location="/bai-xau-1000001.html", Set_Cookie="a=b"),
        reason=Reason.BLOCKED,
    ),
    Fault(
        name="captcha",
        told="a captcha instead of the page",
        answer=lambda: reply(200, b"<html><form><div class='g-recaptcha'></div></form></html>"),
        reason=Reason.BLOCKED,
    ),
    Fault(
        name="challenge",
        told="a bot challenge with status 503",
        answer=lambda: reply(503, b"<title>Just a moment...</title>", cf_mitigated="challenge"),
        reason=Reason.BLOCKED,
    ),
    Fault(name="forbidden", told="403", answer=lambda: reply(403, b"<h1>Forbidden</h1>"), reason=Reason.BLOCKED),
    Fault(name="censored", told="451", answer=lambda: reply(451), reason=Reason.BLOCKED),
    Fault(
        name="too-many-requests",
        told="429 with a Retry-After of an hour",
        answer=lambda: reply(429, Retry_After="3600"),
        reason=Reason.RATE_LIMITED,
        spoils=True,
    ),
    Fault(
        name="busy",
        told="503 with a Retry-After in the past",
        answer=lambda: reply(503, Retry_After="-5"),
        reason=Reason.SERVER_ERROR,
    ),
    Fault(name="gone", told="410", answer=lambda: reply(410), reason=Reason.GONE),
    Fault(name="teapot", told="418", answer=lambda: reply(418), reason=Reason.CLIENT_ERROR),
    Fault(name="odd-status", told="an invalid status", answer=lambda: reply(799), reason=Reason.PROTOCOL),
    Fault(
        name="partial",
        told="a part of the page although all was requested",
        answer=lambda: reply(206, _HALF, Content_Range="bytes 0-499/9999"),
        reason=Reason.TRUNCATED,
    ),
)

IN_TLS = (
    Fault(
        name="wrong-name",
        told="TLS with a certificate for another name",
        at="source",
        answer=lambda: reply(404),
        reason=Reason.TLS,
        spoils=True,
        scheme="https",
    ),
    Fault(
        name="no-tls",
        told="plain text instead of TLS",
        at="source",
        answer=lambda: reply(404),
        reason=Reason.TLS,
        spoils=True,
        scheme="https",
    ),
)


def _robots(name: str, told: str, answer: Answer, reason: Reason | None = None) -> Fault:
    return Fault(name=name, told=told, at="robots", answer=lambda: answer, reason=reason, spoils=reason is not None)


IN_ROBOTS = (
    Fault(
        name="robots-50-mb",
        told="a robots.txt of 50 MB",
        at="robots",
        answer=lambda: endless(b"Allow: /" + b"a" * 65_000 + b"\n", b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\n"),
        reason=None,
    ),
    _robots("robots-html", "a web page instead of robots.txt", reply(200, article())),
    _robots("robots-nulls", "a robots.txt of nulls", reply(200, bytes(100_000), Content_Type="text/plain")),
    _robots("robots-loop", "a robots.txt that redirects to itself", _to("/robots.txt")),
    _robots("robots-forbidden", "403 for robots.txt, which counts as missing", reply(403)),
    _robots("robots-503", "503 for robots.txt", reply(503), Reason.ROBOTS_UNAVAILABLE),
    _robots("robots-stalled", "no response for robots.txt", stall(), Reason.ROBOTS_UNAVAILABLE),
    _robots(
        "robots-closed",
        "a robots.txt that disallows everything",
        reply(200, b"User-agent: *\nDisallow: /"),
        Reason.ROBOTS,
    ),
    _robots(
        "robots-patience",
        "a robots.txt that asks for an hour between requests",
        reply(200, b"User-agent: *\nCrawl-delay: 3600"),
    ),
)
