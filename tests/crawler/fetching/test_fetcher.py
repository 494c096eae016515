"""The whole way from an address to its response."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import brotli
import httpx
import pytest

from archive.errors import Failure, Reason
from crawler.fetching.fetcher import Client, Fetcher, Limits, build_client, utc_now
from crawler.fetching.rate_limit import RateLimiter
from crawler.fetching.robots import RobotsFacts, RobotsRules
from crawler.newsstand.raw_http import Answer, ByteServer, endless, reply, reset, stall
from crawler.outlets.model import Outlet
from crawler.page import Fetched, NotModified

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
SITE = "https://bao.example"
OUTLET = Outlet(id="bao", name="Báo", home=f"{SITE}/")
PAGE = "<html><body>" + "<p>Một đoạn.</p>" * 9 + "</body></html>"

Site = Mapping[str, httpx.Response | Callable[[httpx.Request], httpx.Response]]


def page(body: str | bytes = PAGE, status: int = 200, **fields: str) -> httpx.Response:
    """Return a response with a page."""
    content = body if isinstance(body, bytes) else body.encode()
    headers = {"Content-Type": "text/html; charset=utf-8"} | {n.replace("_", "-"): v for n, v in fields.items()}
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


def to(url: str, status: int = 302, **fields: str) -> httpx.Response:
    """Return a redirect."""
    return httpx.Response(status, headers={"Location": url} | {n.replace("_", "-"): v for n, v in fields.items()})


class Stand:
    """A site whose responses are in a table, and a fetcher for it; a missing path is a 404."""

    def __init__(self, site: Site, **settings: Any) -> None:
        self.site = site
        self.requests: list[httpx.Request] = []
        self.kept: dict[str, RobotsFacts] = {}
        client = Client(httpx.MockTransport(self.answer), "khobao/test")
        pace = settings.pop("pace", None) or RateLimiter(0)
        self.fetcher = Fetcher(client, pace, robots=self, now=lambda: NOW, chance=lambda: 0.5, **settings)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return the response by full address or by path."""
        self.requests.append(request)
        found = self.site.get(str(request.url)) or self.site.get(request.url.raw_path.decode()) or page("none", 404)
        return found(request) if callable(found) else found

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """Return the stored robots.txt."""
        return self.kept.get(origin)

    def save_robots(self, facts: RobotsFacts) -> None:
        """Store a robots.txt."""
        self.kept[facts.origin] = facts

    def fetch(self, url: str = f"{SITE}/a", **options: Any) -> Fetched | NotModified | Failure:
        """Fetch one address."""
        return asyncio.run(self.fetcher.fetch(url, outlet=options.pop("outlet", OUTLET), **options))

    @property
    def asked(self) -> list[str]:
        """Return the requested addresses, without robots.txt."""
        return [url for url in map(str, (r.url for r in self.requests)) if not url.endswith("/robots.txt")]


def fetched(answer: Fetched | NotModified | Failure) -> Fetched:
    """Return a response with a body; anything else fails the test."""
    assert isinstance(answer, Fetched), answer
    return answer


def failed(answer: Fetched | NotModified | Failure) -> tuple[Reason, str]:
    """Return a failure; anything else fails the test."""
    assert isinstance(answer, Failure), answer
    return answer.reason, answer.detail


def test_a_page() -> None:
    """A page has its decoded content, and its capture has the transferred bytes."""
    stand = Stand(
        {
            "/a": page(
                gzip.compress(PAGE.encode(), mtime=0), Content_Encoding="gzip", Cache_Control="max-age=60", Age="5"
            )
        }
    )

    answer = fetched(stand.fetch(f"{SITE}/a#binh-luan"))

    assert (f"{SITE}/a", PAGE.encode(), "text/html; charset=utf-8", None) == (
        answer.page.url,
        answer.page.content,
        answer.page.content_type,
        answer.page.candidate,
    )
    assert (f"{SITE}/a", 200, NOW, gzip.compress(PAGE.encode(), mtime=0)) == (
        answer.capture.url,
        answer.capture.status,
        answer.capture.fetched_at,
        answer.capture.payload,
    )
    assert ((), 55, ()) == (answer.redirects, answer.fresh_for, answer.notes)
    assert [f"{SITE}/robots.txt", f"{SITE}/a"] == [str(request.url) for request in stand.requests]


def test_the_request_depends_on_the_kind() -> None:
    """A list is requested with its own `Accept` and size limit, and may be JSON."""
    stand = Stand(
        {"/a": page("[]" + " " * 100, Content_Type="application/json")}, limits=Limits(max_page=50, max_list=200)
    )

    assert Reason.TOO_LARGE == failed(stand.fetch())[0]
    fetched(stand.fetch(accept="list"))
    assert ["text/html", "application/rss+xml"] == [
        request.headers["Accept"].split(",")[0] for request in stand.requests if request.url.path == "/a"
    ]


@pytest.mark.parametrize(
    ("etag", "last_modified", "sent"),
    [
        ("", "", {}),
        ('W/"a"', "", {"if-none-match": 'W/"a"'}),
        (
            '"a"',
            "Wed, 04 Feb 2026 12:25:00 GMT",
            {"if-none-match": '"a"', "if-modified-since": "Wed, 04 Feb 2026 12:25:00 GMT"},
        ),
    ],
)
def test_conditional_requests(etag: str, last_modified: str, sent: dict[str, str]) -> None:
    """Validators are sent, and a 304 means that nothing changed; without conditions a 304 is a failure."""
    stand = Stand({"/a": lambda request: httpx.Response(304, headers={"Expires": "Wed, 04 Feb 2026 12:30:00 GMT"})})

    answer = stand.fetch(etag=etag, last_modified=last_modified)

    assert sent == {k: v for k, v in stand.requests[-1].headers.items() if k.startswith("if-")}
    if sent:
        assert NotModified(f"{SITE}/a", NOW, 300) == answer
    else:
        assert (Reason.PROTOCOL, "304 Not Modified, though the request had no conditions") == failed(answer)


def test_conditions_hold_for_one_resource() -> None:
    """A redirect to the same path of another host keeps the conditions; one to another page drops them."""
    stand = Stand({"http://bao.example/a": to(f"{SITE}/a"), f"{SITE}/a": to("/home"), "/home": page()})

    fetched(stand.fetch("http://bao.example/a", etag='"a"'))

    asked = [request for request in stand.requests if request.url.path != "/robots.txt"]
    assert [True, True, False] == ["if-none-match" in request.headers for request in asked]
    assert all("if-none-match" not in request.headers for request in stand.requests if request not in asked)


def test_redirects_are_followed() -> None:
    """The page has the final address, and the redirects are listed."""
    stand = Stand({"/a": to("/b", 301), "/b": to("https://www.bao.example/c#x", 308), "/c": page()})

    answer = fetched(stand.fetch())

    assert "https://www.bao.example/c" == answer.page.url == answer.capture.url
    assert (f"{SITE}/a", f"{SITE}/b") == answer.redirects
    assert () == answer.notes


def test_a_downgrade_to_http_is_noted() -> None:
    """A redirect from https to http is followed, and noted."""
    stand = Stand({f"{SITE}/a": to("http://bao.example/b?c"), "/b?c": page()})

    assert ("redirected from https to http://bao.example/b?c",) == fetched(stand.fetch()).notes


@pytest.mark.parametrize(
    ("site", "reason", "detail"),
    [
        ({"/a": to("/b"), "/b": to("/a")}, Reason.REDIRECTS, "a loop, back to https://bao.example/a"),
        ({"/a": to("/a")}, Reason.REDIRECTS, "a loop, back to https://bao.example/a"),
        (
            {"/a": to("/a", **{"Set-Cookie": "a=b"})},
            Reason.BLOCKED,
            "redirects in a loop, back to https://bao.example/a, with and without cookies",
        ),
        ({"/a": httpx.Response(302)}, Reason.REDIRECTS, "302 without an address"),
        (
            {"/a": to("file:///etc/passwd")},
            Reason.BAD_ADDRESS,
            "redirected to file:///etc/passwd: not http or https, but file",
        ),
        (
            {"/a": to("//bao.example:22/")},
            Reason.BAD_ADDRESS,
            "redirected to https://bao.example:22/: port 22 is not allowed",
        ),
        (
            {"/a": to("//u:pw@bao.example/")},
            Reason.BAD_ADDRESS,
            "redirected to https://bao.example/: credentials in the address",
        ),
        ({"/a": to("/b"), "/b": to("http://xn--/")}, Reason.UNREACHABLE, None),
        ({"/a": to("/b")}, Reason.GONE, "redirected to https://bao.example/b: 404 Not Found"),
    ],
)
def test_bad_redirects_are_failures(site: Site, reason: Reason, detail: str | None) -> None:
    """Each hop is checked like the first address, loops end, and messages contain no credentials."""
    if detail is None:
        reason, detail = Reason.BAD_ADDRESS, "redirected to http://xn--/: robots.txt: bad_address: not an address"
    told = failed(Stand(site).fetch())

    assert reason == told[0]
    assert told[1].startswith(detail)


def test_redirects_are_counted() -> None:
    """Five redirects are followed, six are not."""
    stand = Stand({f"/{n}": to(f"/{n + 1}") for n in range(1, 30)})
    stand.site = {**stand.site, "/7": page()}

    fetched(stand.fetch(f"{SITE}/2"))
    assert (Reason.REDIRECTS, "more than 5") == failed(stand.fetch(f"{SITE}/1"))


def robots(*lines: str) -> httpx.Response:
    """Return a robots.txt for all agents."""
    return page("\n".join(("User-agent: *", *lines)), Content_Type="text/plain")


def test_robots_are_obeyed() -> None:
    """Disallowed addresses are not requested; robots.txt itself is requested once."""
    stand = Stand({"/robots.txt": robots("Disallow: /a"), "/b": page()})

    assert (Reason.ROBOTS, "robots.txt of bao.example disallows it") == failed(stand.fetch())
    fetched(stand.fetch(f"{SITE}/b"))
    assert [f"{SITE}/robots.txt", f"{SITE}/b"] == [str(request.url) for request in stand.requests]
    assert "identity" == stand.requests[0].headers["Accept-Encoding"]


def test_robots_of_another_host_count_after_a_redirect() -> None:
    """The robots.txt of each host that a redirect leads to is obeyed."""
    stand = Stand(
        {"/a": to("https://khac.example/b"), "https://khac.example/robots.txt": robots("Disallow: /"), "/b": page()}
    )

    assert (Reason.ROBOTS, "redirected to https://khac.example/b: robots.txt of khac.example disallows it") == failed(
        stand.fetch()
    )
    assert [f"{SITE}/a"] == stand.asked


def test_robots_are_kept() -> None:
    """A stored robots.txt is used after a restart."""
    stand = Stand({"/robots.txt": robots("Disallow: /a")})
    stand.fetch()
    again = Stand({})
    again.kept = stand.kept

    assert Reason.ROBOTS == failed(again.fetch())[0]
    assert [] == again.requests


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("", 503), Reason.ROBOTS_UNAVAILABLE),
        (page("", 429), Reason.ROBOTS_UNAVAILABLE),
        (page(b"junk", Content_Encoding="gzip"), Reason.BAD_ENCODING),
        (page("User-agent: *\nDisallow: /", 403), None),
        (page("User-agent: *\nDisallow: /", 404), None),
        (page(PAGE), None),
        (to("/robots.txt"), None),
        (to("/elsewhere.txt"), Reason.ROBOTS),
        (page("User-agent: *\nDisallow: /" + "\n#" * 30_000_000), Reason.ROBOTS),
    ],
    ids=["503", "429", "bad encoding", "403", "404", "html", "loop", "redirect", "60 MB"],
)
def test_robots_of_all_kinds(answer: httpx.Response, reason: Reason | None) -> None:
    """An outage means waiting, a missing file allows everything, redirects are followed, large files are cut."""
    stand = Stand({"/robots.txt": answer, "/elsewhere.txt": robots("Disallow: /"), "/a": page()})

    assert reason == getattr(stand.fetch(), "reason", None)


def test_rules_can_be_read() -> None:
    """The sitemaps and the delay of a robots.txt can be read, on the outlet's own ports too."""
    stand = Stand({"/robots.txt": robots("Crawl-delay: 3", f"Sitemap: {SITE}/map.xml")})
    own = OUTLET.model_copy(update={"ports": (5000,)})

    rules = asyncio.run(stand.fetcher.rules("https://bao.example:5000/x", own))

    assert isinstance(rules, RobotsRules)
    assert (3, (f"{SITE}/map.xml",)) == (rules.delay, rules.sitemaps)
    assert isinstance(asyncio.run(stand.fetcher.rules("https://bao.example:5000/x", OUTLET)), Failure)


def test_a_crawl_delay_is_kept_up_to_the_cap() -> None:
    """The delay in robots.txt is kept between requests, up to the cap; a longer one is noted."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds))

    hour = iter(range(10_000))
    pace = RateLimiter(1, cap=60, clock=lambda: float(next(hour)) if not slept else 1e9, sleep=sleep)
    stand = Stand({"/robots.txt": robots("Crawl-delay: 120"), "/a": page()}, pace=pace)

    first = fetched(stand.fetch())

    assert ("bao.example asks for 120 s between requests; 60 s are kept",) == first.notes


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("", 404), Reason.GONE),
        (page("", 410), Reason.GONE),
        (page("", 401), Reason.BLOCKED),
        (page("", 403), Reason.BLOCKED),
        (page("", 429, Retry_After="60"), Reason.RATE_LIMITED),
        (page("", 500), Reason.SERVER_ERROR),
        (page("<title>Just a moment...", 503), Reason.BLOCKED),
        (page("<script>document.cookie='D1N=1'; location.reload()</script>"), Reason.BLOCKED),
        (page(gzip.compress(b"<div class=g-recaptcha>", mtime=0), Content_Encoding="gzip"), Reason.BLOCKED),
        (page(b"%PDF-1.7", Content_Type="application/pdf"), Reason.WRONG_TYPE),
        (page(b"\x89PNG\r\n"), Reason.WRONG_TYPE),
        (page(b"junk", Content_Encoding="gzip"), Reason.BAD_ENCODING),
        (page(gzip.compress(PAGE.encode(), mtime=0)[:-9], Content_Encoding="gzip"), Reason.TRUNCATED),
        (page(gzip.compress(bytes(20_000_000), mtime=0), Content_Encoding="gzip"), Reason.TOO_LARGE),
        (page(brotli.compress(bytes(20_000_000), quality=1), Content_Encoding="br"), Reason.TOO_LARGE),
        (page(PAGE, Content_Encoding="gzip, gzip, gzip, gzip"), Reason.BAD_ENCODING),
    ],
)
def test_responses_that_are_not_pages_have_reasons(answer: httpx.Response, reason: Reason) -> None:
    """Bad statuses, walls, types and encodings each have their reason."""
    assert reason == failed(Stand({"/a": answer}).fetch())[0]


@pytest.mark.parametrize(
    "url", ["ftp://bao.example/", "https://bao.example:25/", "https://u:p@bao.example/", "tin-tuc", ""]
)
def test_bad_addresses_are_not_requested(url: str) -> None:
    """No request is sent for a forbidden address, not even for its robots.txt."""
    stand = Stand({})

    assert Reason.BAD_ADDRESS == failed(stand.fetch(url))[0]
    assert [] == stand.requests


def test_a_short_wait_is_waited_out() -> None:
    """After a 503 with a short Retry-After, the same fetch tries again."""
    answers = [page("", 503, Retry_After="0"), page()]
    stand = Stand({"/a": lambda request: answers.pop(0)})

    fetched(stand.fetch())
    assert [f"{SITE}/a"] * 2 == stand.asked


def test_a_failing_host_is_left_alone() -> None:
    """After several failures in a row the host gets no requests, and each failure says for how long."""
    stand = Stand({f"/{n}": page("", 500) for n in range(9)})

    answers = [stand.fetch(f"{SITE}/{n}") for n in range(9)]

    assert 5 == len(stand.asked)
    assert [None] * 5 + [150.0] * 4 == [getattr(answer, "retry_after", None) for answer in answers]
    assert not stand.fetcher.network_down()


def test_one_request_at_a_time() -> None:
    """With many tasks for one host, only one request is in flight."""
    running, most = 0, 0

    async def slowly(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return page()

    async def scenario() -> list[Any]:
        fetcher = Fetcher(Client(httpx.MockTransport(slowly), "khobao/test"), RateLimiter(0))
        schemes = ("http://bao.example", SITE)
        return await asyncio.gather(*(fetcher.fetch(f"{schemes[n % 2]}/{n}", outlet=OUTLET) for n in range(20)))

    assert 20 == len([fetched(answer) for answer in asyncio.run(scenario())])
    assert 1 == most


def test_the_clock_tells_utc() -> None:
    """The default clock returns the time in UTC."""
    assert UTC is utc_now().tzinfo


FAULTS: dict[str, tuple[Answer, Reason | None]] = {
    "silence": (stall(), Reason.TIMEOUT),
    "a stalled body": (stall(reply(200, Content_Length="10")), Reason.TIMEOUT),
    "a reset body": (reset(reply(200, Content_Length="10") + b"abc"), Reason.UNREACHABLE),
    "a length too short": (reply(200, b"abc", Content_Length="2"), None),
    "an endless body": (endless(b"a" * 10_000, reply(200, Content_Length=None)), Reason.TOO_LARGE),
    "a cookie flood": (endless(b"Set-Cookie: a=b\r\n" * 100, b"HTTP/1.1 200 OK\r\n"), Reason.TOO_LARGE),
    "to the metadata of a cloud": (reply(302, Location="http://169.254.169.254/latest/"), Reason.PRIVATE_ADDRESS),
    "to loopback in hex": (reply(302, Location="http://0x7f.1/"), Reason.PRIVATE_ADDRESS),
    "to loopback in one number": (reply(302, Location="//2130706433/"), Reason.PRIVATE_ADDRESS),
    "to loopback inside ipv6": (reply(302, Location="http://[::ffff:127.0.0.1]/"), Reason.PRIVATE_ADDRESS),
    "to a name that leads to loopback": (reply(302, Location="http://rebound.example/"), Reason.PRIVATE_ADDRESS),
    "to a file": (reply(302, Location="file:///etc/passwd"), Reason.BAD_ADDRESS),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_on_real_connections(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds for real connections with the guard on; our server is a proxy for all names but one."""
    answer, reason = FAULTS[name]

    async def to_loopback(host: str, port: int) -> Sequence[str]:
        if host == "bao.example":
            raise OSError("only the proxy knows it")
        return ["127.0.0.1"]

    async def scenario() -> tuple[Fetched | NotModified | Failure, float]:
        limits = Limits(connect=5, read=0.6, total=2, max_page=100_000)
        async with ByteServer({"http://bao.example/a": answer}) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv("NO_PROXY", "rebound.example")
            async with build_client(agent="khobao/test", resolve=to_loopback) as client:
                began = asyncio.get_running_loop().time()
                told = await Fetcher(client, RateLimiter(0), limits=limits).fetch("http://bao.example/a", outlet=OUTLET)
                return told, asyncio.get_running_loop().time() - began

    told, took = asyncio.run(scenario())

    assert reason == getattr(told, "reason", None), told
    assert took < 5


def test_the_total_time_covers_redirects() -> None:
    """Quick redirects do not exceed the time limit of the whole fetch."""

    def slowly(onward: str) -> Answer:
        async def answering(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.4)
            writer.write(reply(302, Location=onward))

        return answering

    async def to_loopback(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def scenario() -> Fetched | NotModified | Failure:
        client = build_client(agent="khobao/test", allow_private_addresses=True, resolve=to_loopback)
        async with ByteServer({f"/{n}": slowly(f"/{n + 1}") for n in range(9)}) as server, client:
            outlet = OUTLET.model_copy(update={"ports": (server.port,)})
            fetcher = Fetcher(client, RateLimiter(0), limits=Limits(total=1, max_redirects=8))
            return await fetcher.fetch(server.url("/0"), outlet=outlet)

    reason, detail = failed(asyncio.run(scenario()))

    assert Reason.TIMEOUT == reason
    assert detail.endswith("the time for the whole response is over")


def wants_cookie(path: str, onward: str) -> Any:
    """Respond with a page if the cookie is sent back; otherwise set it and redirect."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Cookie") == "seen=1":
            return page()
        return to(onward, Set_Cookie=f"seen=1; path={path}")

    return answer


COOKIES: dict[str, Site] = {
    "a page that redirects to itself": {"/a": wants_cookie("/", "/a")},
    "a page behind a check": {
        "/a": lambda request: page() if "Cookie" in request.headers else to("/check?back=/a"),
        "/check?back=/a": to("/a", Set_Cookie="seen=1; path=/"),
    },
    "a page that redirects to another form of itself": {
        "/a": wants_cookie("/", "/a?c=1"),
        "/a?c=1": to("/a", Set_Cookie="seen=1; path=/"),
    },
}


@pytest.mark.parametrize("site", COOKIES.values(), ids=COOKIES)
def test_cookies_are_sent_back_within_a_fetch(site: Site) -> None:
    """A site that requires its cookie gets it, the page keeps its address, and the next fetch starts without it."""
    stand = Stand(site)

    answer = fetched(stand.fetch())
    first = next(request for request in stand.requests if request.url.path == "/a")
    stand.fetch()
    second = [request for request in stand.requests if request.url.path == "/a"][-1]

    assert (f"{SITE}/a", ()) == (answer.page.url, answer.redirects)
    assert "Cookie" not in first.headers
    assert "Cookie" in second.headers  # the last hop of the second fetch, which also started without cookies
    assert 2 == sum("Cookie" not in r.headers for r in stand.requests if r.url.raw_path == b"/a")


def test_a_site_that_redirects_whatever_cookies_it_gets_is_blocked() -> None:
    """A loop with cookies is a wall, and a loop without is a redirect loop."""
    stand = Stand({"/a": to("/a", Set_Cookie="seen=1; path=/"), "/b": to("/b")})

    assert Reason.BLOCKED == failed(stand.fetch())[0]
    assert Reason.REDIRECTS == failed(stand.fetch(f"{SITE}/b"))[0]


def test_a_site_that_sets_a_new_cookie_each_time_is_blocked() -> None:
    """It redirects to itself with another cookie each time, which is a wall, too."""
    numbers = itertools.count()
    stand = Stand({"/a": lambda _: to("/a", Set_Cookie=f"seen={next(numbers)}; path=/")})

    assert (
        Reason.BLOCKED,
        "redirects in a loop, back to https://bao.example/a, with and without cookies",
    ) == failed(stand.fetch())


def test_a_cookie_is_sent_to_no_other_site() -> None:
    """A cookie of one host is not sent to another."""
    stand = Stand({"/a": to("https://khac.example/b", Set_Cookie="seen=1"), "https://khac.example/b": page()})

    fetched(stand.fetch())

    assert "Cookie" not in stand.requests[-1].headers


REFRESH = '<meta http-equiv="refresh" content="0; url=/b">'


@pytest.mark.parametrize("accept", ["page", "list"])
def test_a_meta_refresh_is_a_redirect(accept: Any) -> None:
    """A page that is only a refresh is followed like a redirect, and a note says so."""
    stand = Stand({"/a": page(REFRESH), "/b": page()})

    answer = fetched(stand.fetch(accept=accept))

    assert (f"{SITE}/b", (f"{SITE}/a",)) == (answer.page.url, answer.redirects)
    assert (f"a meta refresh to {SITE}/b",) == answer.notes
    assert Reason.REDIRECTS == failed(Stand({"/a": page(REFRESH), "/b": to("/a")}).fetch())[0]


def test_a_304_for_another_version_is_ignored() -> None:
    """A 304 with another ETag means that a newer version exists (RFC 9111, 4.3.4), so it is fetched in full."""

    def answer(request: httpx.Request) -> httpx.Response:
        if "If-None-Match" in request.headers:
            return httpx.Response(304, headers={"ETag": '"new"'})
        return page(ETag='"new"')

    answered = fetched(Stand({"/a": answer}).fetch(etag='"old"'))

    assert 200 == answered.capture.status
    assert ("it answered 304 for another version than the stored one; fetched again in full",) == answered.notes
    assert isinstance(Stand({"/a": answer}).fetch(etag='W/"new"'), NotModified)


@pytest.mark.parametrize(("status", "detail"), [(200, "200 OK"), (204, "204 No Content")])
def test_an_empty_body_has_a_name_of_its_own(status: int, detail: str) -> None:
    """A response without content is EMPTY."""
    assert (Reason.EMPTY, f"{detail} with an empty body") == failed(Stand({"/a": page(" \n", status)}).fetch())


def test_a_plain_body_under_a_strange_coding_is_noted() -> None:
    """Ignored errors of a response are in its notes."""
    answer = fetched(Stand({"/a": page(Content_Encoding="binary")}).fetch())

    assert PAGE.encode() == answer.page.content
    assert ("Content-Encoding 'binary' is not a coding; the body is plain",) == answer.notes
