"""robots.txt according to Google's specification and RFC 9309, in our own test cases."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from archive.errors import Failure, Reason
from crawler.fetching.robots import MAX_BYTES, Robots, RobotsFacts, RobotsRules, facts_of, is_conclusive, parse_robots

NOW = datetime(2026, 2, 4, 12, 25, tzinfo=UTC)
SITE = "https://bao.example"


def rules_of(body: bytes, status: int = 200) -> RobotsRules:
    """Return the rules of a response."""
    return parse_robots(facts_of(SITE, status, body, NOW).text)


@pytest.mark.parametrize(
    ("group", "allowed", "refused"),
    [
        ("", ["/", "/a"], []),
        ("Disallow:", ["/", "/a"], []),
        ("Disallow: /", [], ["/", "/a", "/a?b=c"]),
        ("Disallow: /*", [], ["/", "/a"]),
        (
            "Disallow: /fish",
            ["/Fish.asp", "/catfish", "/?id=fish", "/desert/fish"],
            ["/fish", "/fish.html", "/fishheads/yummy"],
        ),
        ("Disallow: /fish*", ["/Fish.asp", "/catfish"], ["/fish", "/fish.html", "/fish.php?id=anything"]),
        (
            "Disallow: /fish/",
            ["/fish", "/fish.html", "/animals/fish/"],
            ["/fish/", "/fish/?id=anything", "/fish/salmon.htm"],
        ),
        (
            "Disallow: /*.php",
            ["/", "/windows.PHP"],
            ["/index.php", "/folder/filename.php?a", "/any.php.here.html", "/a.php/"],
        ),
        (
            "Disallow: /*.php$",
            ["/filename.php?parameters", "/filename.php/", "/php"],
            ["/filename.php", "/folder/filename.php"],
        ),
        ("Disallow: /fish*.php", ["/Fish.PHP"], ["/fish.php", "/fishheads/catfish.php?parameters"]),
        ("Allow: /p\nDisallow: /", ["/page"], ["/other"]),
        ("Allow: /folder\nDisallow: /folder", ["/folder/page"], []),
        ("Allow: /page\nDisallow: /*.htm", ["/page"], ["/page.htm"]),
        ("Allow: /page\nDisallow: /*.ph", ["/page.php5"], ["/other.php5"]),
        ("Allow: /$\nDisallow: /", ["/"], ["/page.htm"]),
        ("Disallow: /tin-tức", ["/tin"], ["/tin-t%E1%BB%A9c", "/tin-tức/1"]),
        ("disallow:/a # a comment\n  DISALLOW : /b", ["/c"], ["/a", "/b"]),
    ],
)
def test_paths(group: str, allowed: list[str], refused: list[str]) -> None:
    """Prefixes, wildcards, ends and precedence work as Google specifies."""
    rules = rules_of(f"User-agent: *\n{group}\n".encode())

    assert {**dict.fromkeys(allowed, True), **dict.fromkeys(refused, False)} == {
        path: rules.allows(SITE + path) for path in (*allowed, *refused)
    }


OWN = "User-agent: khobao\nDisallow: /own\n"
ALL = "User-agent: *\nDisallow: /all\n"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (OWN + "\n" + ALL, "/own"),
        (ALL + "\n" + OWN, "/own"),
        ("User-agent: KhoBao/0.1\nDisallow: /own\n\n" + ALL, "/own"),
        ("User-agent: other\nUser-agent: khobao\nDisallow: /own\n", "/own"),
        ("User-agent: kho\nDisallow: /no\n\n" + ALL, "/all"),
        ("User-agent: khobao-news\nDisallow: /no\n\n" + ALL, "/all"),
        ("User-agent: Googlebot\nDisallow: /\n\n" + ALL, "/all"),
        ("Disallow: /no\n" + ALL, "/all"),
        (ALL.replace("\n", "\r\n"), "/all"),
        (ALL.replace("\n", "\r"), "/all"),
        ("\ufeff" + ALL, "/all"),
        (ALL.replace("a", "\0a"), "/all"),
        ("User-agent *\nDisallow /all\n", "/all"),
    ],
    ids=str,
)
def test_groups(text: str, refused: str) -> None:
    """Our own group applies, or else the one for all; line ends, byte order marks and nulls do not matter."""
    rules = rules_of(text.encode())

    assert [refused] == [path for path in ("/own", "/all", "/no", "/free") if not rules.allows(SITE + path)]


def test_invalid_bytes_are_ignored() -> None:
    """A comment in another charset does not affect the rules around it."""
    rules = rules_of(b"# b\xe1o \xff\xfe\nUser-agent: *\nDisallow: /a\n")

    assert not rules.allows(f"{SITE}/a")


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("Crawl-delay: 5", 5),
        ("Crawl-delay: 0.5\nRequest-rate: 1/10", 10),
        ("Request-rate: 2/1m", 30),
        ("Request-rate: 0/5", 0),
        ("Crawl-delay: -5", 0),
        ("Crawl-delay: nan", 0),
        ("Crawl-delay: soon", 0),
        ("", 0),
    ],
)
def test_delays(text: str, delay: float) -> None:
    """The slower of Crawl-delay and Request-rate is used, and invalid values are ignored."""
    rules = rules_of(f"User-agent: *\n{text}\n".encode())

    assert delay == rules.delay


# The kinds of lines in the robots files of crawler-commons. Of 6,317 answers about paths and agents of its 24 files,
# 205 differ from those of protego, all for the reasons in `DIFFERENT`. Delays differ if Request-rate is the slower one.
SAME = {
    "groups of one agent that are merged": "User-agent: khobao\nDisallow: /a\nUser-agent: *\nDisallow: /b\n"
    "User-agent: khobao\nDisallow: /c",
    "a delay between two agents": "User-agent: khobao\nCrawl-delay: 9\nUser-agent: khac\nDisallow: /a",
    "a sitemap inside a group": "User-agent: *\nSitemap: /s.xml\nDisallow: /a",
    "rules before any agent": "Disallow: /a\nUser-agent: *\nDisallow: /b",
    "misspelled rules": "User-agent: *\nDissalow: /a\nDesallow: /b\nDisalow: /c",
    "misspelled agents": "useragent: *\nDisallow: /a\nuser agent: khobao\nDisallow: /b",
    "missing colons": "User-agent *\nDisallow /a\nDisallow : /b",
    "carriage returns": "User-agent: *\r\nDisallow: /a\r\rDisallow: /b\r",
    "broken escapes": "User-agent: *\nDisallow: /a%3\nDisallow: /b%zz\nDisallow: c",
    "wildcards of equal length": "User-agent: *\nDisallow: /*a\nAllow: /a$\nAllow: /b*\nDisallow: /b",
    "HTML instead of a robots.txt": "<!doctype html><title>404</title><p>User-agent: none<p>Disallow: /",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_answers_are_those_of_protego(text: str) -> None:
    """Merging the other agents and normalising the lines does not change what the parser answers."""
    ours, theirs = rules_of(text.encode()), Protego.parse(text)

    for path in ("/", "/a", "/a/1", "/b", "/b%zz", "/c", "/a%3", "/d"):
        assert theirs.can_fetch(f"{SITE}{path}", "khobao") == ours.allows(f"{SITE}{path}")
    assert (theirs.crawl_delay("khobao") or 0) == ours.delay


DIFFERENT = {
    "the version of an agent is no part of its name (RFC 9309, 2.2.1)": b"User-agent: khobao/0.5\nDisallow: /a",
    "a byte order mark is no part of the first line": b"\xef\xbb\xbfUser-agent: *\nDisallow: /a",
    "UTF-16 is read if it has a mark": "\ufeffUser-agent: *\nDisallow: /a".encode("utf-16-le"),
}


@pytest.mark.parametrize("body", DIFFERENT.values(), ids=DIFFERENT)
def test_answers_differ_from_those_of_protego_for_a_reason(body: bytes) -> None:
    """We obey what the site means where the parser alone would not."""
    assert Protego.parse(body.decode("utf-8", "replace")).can_fetch(f"{SITE}/a", "khobao")
    assert not rules_of(body).allows(f"{SITE}/a")


def test_sitemaps_are_listed_once() -> None:
    """Sitemaps are listed in order, each once, without oversized addresses."""
    sitemaps = ["https://bao.example/a.xml", "https://bao.example/b.xml"]
    body = "".join(f"Sitemap: {address}\n" for address in (*sitemaps, sitemaps[0], "https://bao.example/" + "a" * 3000))

    rules = rules_of(body.encode())

    assert sitemaps == list(rules.sitemaps)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_robots_allows_everything(status: int) -> None:
    """A status 4xx for robots.txt means that there is none, so everything is allowed."""
    assert is_conclusive(status)
    assert rules_of(b"User-agent: *\nDisallow: /\n", status).allows(f"{SITE}/a")


@pytest.mark.parametrize("status", [103, 302, 304, 429, 500, 502, 503, 599, 999])
def test_an_outage_decides_nothing(status: int) -> None:
    """During an outage of the host, its rules are unknown."""
    assert not is_conclusive(status)
    assert is_conclusive(200)


def test_a_truncated_rule_is_ignored() -> None:
    """The parsed part ends with a whole line, because half of `Disallow: /private` would forbid everything."""
    head = b"User-agent: *\nDisallow: /first\n"
    filler = b"#" * (MAX_BYTES - len(head) - len(b"\nDisallow: /")) + b"\n"

    rules = rules_of(head + filler + b"Disallow: /private\n" * 3)

    assert [False, True, True] == [rules.allows(SITE + path) for path in ("/first", "/a", "/private")]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{i}{end}" for i in range(18_000)) + f"Disallow: /a{end}" * 18_000
        for end in ("\n", "\r", "\u2028")
    ]
    + [
        "User-agent: *\n" + "".join(f"Disallow: /*{i}*a$\n" for i in range(40_000)),
        "User-agent: *\nDisallow: " + "*a" * 250_000,
        "User-agent: *\nDisallow: /" + "%" * 500_000,
        "user-agent" + " " * 500_000,
        "<html><body>" + "<p>User-agent: *</p>\n<p>Disallow: /</p>\n" * 10_000,
        "\0" * 500_000,
        "a:b\n" * 120_000,
    ],
    ids=["agents", "agents cr", "agents ls", "patterns", "stars", "percent", "blanks", "html", "nulls", "junk"],
)
def test_hostile_files_cost_little(text: str) -> None:
    """Half a megabyte of anything is parsed and queried in about a second, and forbids nothing by accident."""
    began = time.process_time()

    rules = rules_of(text.encode())

    assert rules.allows(f"{SITE}/tin-tuc-1.html")
    assert time.process_time() - began < 5


@given(
    st.binary(max_size=300)
    | st.text("user-agent: *\ndisallow/khobao#crawl-delay 0123.\r", max_size=200).map(str.encode)
)
def test_no_file_raises(body: bytes) -> None:
    """Any text gives rules."""
    rules = rules_of(body)

    assert rules.delay >= 0
    assert isinstance(rules.allows(f"{SITE}/a"), bool)


class Desk:
    """A simulated server and store of robots.txt, with a simulated clock."""

    def __init__(self, *answers: tuple[int, bytes] | Failure, kept: RobotsFacts | None = None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.kept = kept
        self.now = NOW

    async def ask(self, url: str) -> tuple[int, bytes] | Failure:
        """Return the next response."""
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.answers.pop(0)

    def load_robots(self, origin: str) -> RobotsFacts | None:
        """Return the stored robots.txt."""
        return self.kept if self.kept and self.kept.origin == origin else None

    def save_robots(self, facts: RobotsFacts) -> None:
        """Store a robots.txt."""
        self.kept = facts

    def robots(self, *, stored: bool = True) -> Robots:
        """Return the rules, as a new process has them."""
        return Robots(self.ask, self if stored else None, lambda: self.now)


FORBIDS = (200, b"User-agent: *\nDisallow: /\n")
ALLOWS = (404, b"")
BUSY = Failure(Reason.SERVER_ERROR, "503 Service Unavailable")


def verdict(rules: RobotsRules | Failure) -> bool | Reason:
    """Return whether a page may be fetched, or why that is unknown."""
    return rules.reason if isinstance(rules, Failure) else rules.allows(f"{SITE}/a")


async def judge(robots: Robots) -> bool | Reason:
    """Return the verdict on a page."""
    return verdict(await robots.rules(SITE))


def test_one_task_fetches_for_all() -> None:
    """However many tasks need it, robots.txt is requested once a day."""
    desk = Desk(FORBIDS, ALLOWS)

    async def scenario() -> list[bool | Reason]:
        robots = desk.robots()
        first = await asyncio.gather(*(judge(robots) for _ in range(5)))
        desk.now += timedelta(hours=23)
        before = await judge(robots)
        desk.now += timedelta(hours=1)
        return [*first, before, await judge(robots)]

    assert [False] * 6 + [True] == asyncio.run(scenario())
    assert [f"{SITE}/robots.txt"] * 2 == desk.asked


def test_stored_rules_outlive_the_process() -> None:
    """A new process requests it again only after a day."""
    desk = Desk(FORBIDS, ALLOWS)

    assert asyncio.run(judge(desk.robots())) is False
    assert asyncio.run(judge(desk.robots())) is False
    assert asyncio.run(judge(desk.robots(stored=False))) is True
    assert 2 == len(desk.asked)


def test_an_outage_is_retried() -> None:
    """During an outage nothing is fetched; robots.txt is requested again after a minute."""
    desk = Desk(BUSY, Failure(Reason.TIMEOUT, "late", 30.0), ALLOWS)

    async def scenario() -> list[bool | Reason]:
        robots, verdicts = desk.robots(), []
        for minutes in (0, 0.9, 0.2, 1):
            desk.now += timedelta(minutes=minutes)
            verdicts.append(await judge(robots))
        return verdicts

    assert [Reason.ROBOTS_UNAVAILABLE] * 3 + [True] == asyncio.run(scenario())
    assert 3 == len(desk.asked)


def test_a_stale_copy_serves_for_a_day() -> None:
    """During an outage, the old rules apply for one more day."""
    desk = Desk(FORBIDS, BUSY, BUSY)

    async def scenario() -> list[bool | Reason]:
        robots, verdicts = desk.robots(), []
        for hours in (0, 25, 24):
            desk.now += timedelta(hours=hours)
            verdicts.append(await judge(robots))
        return verdicts

    assert [False, False, Reason.ROBOTS_UNAVAILABLE] == asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Failure(Reason.UNREACHABLE), Reason.UNREACHABLE),
        (Failure(Reason.TLS), Reason.TLS),
        (Failure(Reason.PRIVATE_ADDRESS), Reason.PRIVATE_ADDRESS),
        (Failure(Reason.TIMEOUT), Reason.ROBOTS_UNAVAILABLE),
        (Failure(Reason.PROTOCOL), Reason.PROTOCOL),
        (Failure(Reason.REDIRECTS), True),
    ],
)
def test_failures_of_the_host_are_reported(answer: Failure, expected: bool | Reason) -> None:
    """A failure of the host itself is reported as it is; endless redirects mean that there is no robots.txt."""
    assert expected == asyncio.run(judge(Desk(answer).robots()))


@pytest.mark.slow
def test_few_origins_are_remembered() -> None:
    """Redirects to ever new hosts do not fill the memory."""
    desk = Desk(*[ALLOWS] * 2500)

    async def scenario() -> int:
        robots = desk.robots()
        for i in range(2500):
            await robots.rules(f"https://{i}.example")
        return len(robots._known)

    assert asyncio.run(scenario()) <= 1000
