"""Judging responses."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Failure, Reason
from archive.record import Capture
from crawler.fetching.responses import Kind, find_wall, next_hop, status_failure, type_failure

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
HERE = "https://bao.example/a/b.html?c=d"


def answer(status: int, **fields: str) -> Capture:
    """Return a response with a header field."""
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Capture(HERE, NOW, status, headers, b"")


@pytest.mark.parametrize(
    ("location", "onward"),
    [
        ("https://khac.example/x", "https://khac.example/x"),
        ("/x?y=z#part", "https://bao.example/x?y=z"),
        ("x", "https://bao.example/a/x"),
        ("//khac.example", "https://khac.example/"),
        ("\\x", "https://bao.example/x"),
        ("https:\\\\khac.example\\x", "https://khac.example/x"),
        ("http:/khac.example/x", "http://khac.example/x"),
        ("/tin\t-moi", "https://bao.example/tin-moi"),
        ("http://b\u00c3\u00a1o.example/", "http://xn--bo-mia.example/"),
        (" /x ", "https://bao.example/x"),
        ("?e=f", "https://bao.example/a/b.html?e=f"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("/tin-t\u00e1\u00bb\u00a9c", "https://bao.example/tin-t%E1%BB%A9c"),
        ("/b\u00e1o", "https://bao.example/b%E1o"),
        ("", Reason.REDIRECTS),
        ("http://[::1", Reason.REDIRECTS),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(status: int, location: str, onward: str | Reason) -> None:
    """A redirect gives an absolute address without a fragment, with its bytes escaped, or a failure."""
    hop = next_hop(answer(status, Location=location))

    assert onward == (hop.reason if isinstance(hop, Failure) else hop)


@pytest.mark.parametrize("status", [200, 204, 300, 304, 305, 404, 503])
def test_other_responses_are_not_redirects(status: int) -> None:
    """An address in any other response is ignored."""
    assert next_hop(answer(status, Location="/x")) is None


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_location_raises(location: str) -> None:
    """Any value of the field gives an address or a failure."""
    assert isinstance(next_hop(answer(302, Location=location)), str | Failure)


@pytest.mark.parametrize(
    ("status", "fields", "reason", "detail", "retry_after"),
    [
        (404, {}, Reason.GONE, "404 Not Found", None),
        (410, {"Retry_After": "5"}, Reason.GONE, "410 Gone", None),
        (401, {}, Reason.BLOCKED, "401 Unauthorized", None),
        (403, {}, Reason.BLOCKED, "403 Forbidden", None),
        (451, {}, Reason.BLOCKED, "451 Unavailable For Legal Reasons", None),
        (429, {}, Reason.RATE_LIMITED, "429 Too Many Requests", None),
        (429, {"Retry_After": "120"}, Reason.RATE_LIMITED, "429 Too Many Requests", 120),
        (503, {"Retry_After": "Wed, 04 Feb 2026 12:26:00 GMT"}, Reason.SERVER_ERROR, "503 Service Unavailable", 60),
        (503, {"Retry_After": "-9"}, Reason.SERVER_ERROR, "503 Service Unavailable", None),
        (500, {}, Reason.SERVER_ERROR, "500 Internal Server Error", None),
        (520, {}, Reason.SERVER_ERROR, "520", None),
        (400, {}, Reason.CLIENT_ERROR, "400 Bad Request", None),
        (402, {}, Reason.CLIENT_ERROR, "402 Payment Required", None),
        (300, {}, Reason.REDIRECTS, "300 Multiple Choices", None),
        (304, {}, Reason.PROTOCOL, "304 Not Modified, though the request had no conditions", None),
        (206, {}, Reason.TRUNCATED, "206 Partial Content", None),
        (101, {}, Reason.PROTOCOL, "101 Switching Protocols", None),
        (999, {}, Reason.PROTOCOL, "999", None),
        (503, {"CF_Mitigated": "challenge"}, Reason.BLOCKED, "503 Service Unavailable, a challenge", None),
        (202, {"x_amzn_waf_action": "challenge"}, Reason.BLOCKED, "202 Accepted, a challenge", None),
    ],
)
def test_refusals(status: int, fields: dict[str, str], reason: Reason, detail: str, retry_after: float | None) -> None:
    """Each status has its reason, and Retry-After is used for some of them."""
    assert Failure(reason, detail, retry_after) == status_failure(answer(status, **fields))


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 205, 218, 226, 299])
def test_success_is_not_a_failure(status: int) -> None:
    """A 2xx is not a failure, registered or not."""
    assert status_failure(answer(status)) is None


@pytest.mark.parametrize(
    ("part", "is_whole"),
    [("bytes 0-99/100", True), ("bytes 0-98/100", False), ("bytes 1-99/100", False), ("bytes 0-99/*", False)],
)
def test_a_part_that_is_the_whole_is_no_failure(part: str, is_whole: bool) -> None:
    """Some caches answer 206 with the complete page, though no range was requested."""
    assert is_whole == (status_failure(answer(206, Content_Range=part)) is None)


HTML = b"\xef\xbb\xbf\n <!DOCTYPE html><title>Tin</title>"
FEED = b"<?xml version='1.0'?><rss/>"


@pytest.mark.parametrize(
    ("kind", "called", "content", "fits"),
    [
        ("page", "text/html; charset=utf-8", HTML, True),
        ("page", "TEXT/HTML", b"plain words", True),
        ("page", "application/xhtml+xml", HTML, True),
        ("page", "", HTML, True),
        ("page", "", b"", True),
        ("page", "text/html", b"", True),
        ("page", "application/octet-stream", HTML, True),
        ("page", "application/json", HTML, True),
        ("page", "text/html", b"\0\0\0\0 nulls", True),
        ("page", "application/octet-stream", b"plain words", False),
        ("page", "application/json", b'{"a": 1}', False),
        ("page", "image/png", HTML, False),
        ("page", "video/mp4", b"", False),
        ("page", "application/pdf", b"%PDF-1.7", False),
        ("page", "text/html", b"%PDF-1.7", False),
        ("page", "text/html", b"\x89PNG\r\n\x1a\n", False),
        ("page", "text/html", b"\xff\xd8\xff\xe0", False),
        ("page", "", b"GIF89a", False),
        ("page", "", b"RIFF\0\0\0\0WEBPVP8 ", False),
        ("page", "", b"PK\x03\x04", False),
        ("page", "", b"\0\0\0\x18ftypmp42", False),
        ("page", "text/html", gzip.compress(HTML, mtime=0), False),
        ("list", "application/rss+xml", FEED, True),
        ("list", "text/plain", FEED, True),
        ("list", "application/feed+json", b"{}", True),
        ("list", "application/json", b"[]", True),
        ("list", "application/octet-stream", FEED, True),
        ("list", "application/octet-stream", b' {"items": []}', True),
        ("list", "application/x-gzip", gzip.compress(FEED, mtime=0), True),
        ("list", "text/html", HTML, True),
        ("list", "application/zip", b"PK\x03\x04", False),
        ("list", "image/svg+xml", FEED, False),
        ("list", "application/octet-stream", b"plain words", False),
    ],
)
def test_types(kind: Kind, called: str, content: bytes, fits: bool) -> None:
    """The content type and the beginning of the content decide together whether it is the expected kind."""
    refused = type_failure(kind, called, content)

    assert (None if fits else Reason.WRONG_TYPE) == (refused and refused.reason)


RELOADED = b'<script>document.cookie="D1N=0f3c" + "; path=/"; window.location.reload(true);</script>'
ARTICLE = (
    b"<html><body><article>" + b"<p>M\xe1\xbb\x99t \xc4\x91o\xe1\xba\xa1n.</p>" * 5 + b"</article>%s</body></html>"
)


@pytest.mark.parametrize(
    "content",
    [
        RELOADED,
        b"<script>document.cookie = 'a=b'; location.href = location.href</script>",
        b"<meta http-equiv='Refresh' content='1'><script>document.cookie='a=b'</script>",
        b"<html><title>Just a moment...</title><div id=x></div>" + b"x" * 20_000,
        b"<html><script>window._cf_chl_opt={cvId:'3'}</script><p><p><p><p></html>",
        b"<iframe>Request unsuccessful. Incapsula incident ID: 1-2</iframe>",
        b"<script>var dd={'host':'geo.captcha-delivery.com'}</script>",
        b"<div id='px-captcha'></div>",
        b"<html><title>DDoS-Guard</title></html>",
        b"<html><form><div class='g-recaptcha'></div></form></html>",
        b"<html><h1>M\xc3\xa3 x\xc3\xa1c nh\xe1\xba\xadn</h1><img src='/captcha.php'></html>",
    ],
)
def test_walls(content: bytes) -> None:
    """Cookie scripts, challenges and captchas are walls, with any status."""
    refused = find_wall(content)

    assert refused is not None
    assert Reason.BLOCKED == refused.reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        ARTICLE % b"<script>document.cookie='a=b'; location.reload()</script>",
        ARTICLE % b"<form class='comment'><div class='g-recaptcha'></div></form>",
        ARTICLE % b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        ARTICLE
        % b"<script src='/_Incapsula_Resource?x'></script><script src='https://js.datadome.co/tags.js'></script>",
        b"<script>document.cookie='theme=dark'</script>",
        b"<script>location.href='https://m.bao.example/'</script>",
        RELOADED + b" " * 70_000,
        FEED,
        b"<?xml version='1.0'?><rss><channel><item><title>Captcha l\xc3\xa0 g\xc3\xac?</title></item></channel></rss>",
    ],
)
def test_pages_are_not_walls(content: bytes) -> None:
    """A page with content is not a wall, even if it has the scripts of a protection service."""
    assert find_wall(content) is None


@given(st.binary(max_size=400))
def test_nothing_raises(content: bytes) -> None:
    """Any content is judged without an exception."""
    assert isinstance(find_wall(content), Failure | None)
    assert isinstance(type_failure("page", "", content), Failure | None)
