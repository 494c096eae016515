"""Canonical addresses, article keys, and the selection of an outlet's articles."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import Reason
from archive.record import Candidate, article_id
from crawler.outlets.article_urls import (
    LONGEST,
    article_key,
    canonical,
    former_forms,
    is_article,
    looks_like_article,
    select_articles,
)
from crawler.outlets.model import Outlet

NUMBERED = Outlet(
    id="bao",
    name="Báo",
    home="https://bao.example/",
    hosts=("m.bao.example", "amp.bao.example"),
    article=r"^[^?]*-(?P<key>\d{7})\.html\b",
    exclude=(r"^/tag/",),
)
BARE = Outlet(id="bare", name="Bare", home="https://bare.example/", hosts=("m.bare.example", "amp.bare.example"))
BAO = "https://bao.example"
CANONICAL = {
    "as it is": (f"{BAO}/a.html", f"{BAO}/a.html"),
    "scheme and host in capitals": ("HTTPS://BAO.Example/A.html", f"{BAO}/A.html"),
    "the default port": (f"{BAO}:443/a", f"{BAO}/a"),
    "another's default port": ("http://bao.example:443/a", "http://bao.example:443/a"),
    "a final dot": ("https://bao.example./a", f"{BAO}/a"),
    "no path": (BAO, f"{BAO}/"),
    "a fragment": (f"{BAO}/a#binh-luan", f"{BAO}/a"),
    "blanks around": (f"  {BAO}/a\n", f"{BAO}/a"),
    "a blank within": (f"{BAO}/a b", f"{BAO}/a%20b"),
    "dot segments": (f"{BAO}/x/./y/../../a", f"{BAO}/a"),
    "dots at the end": (f"{BAO}/x/y/..", f"{BAO}/x/"),
    "dots above the root": (f"{BAO}/../../a", f"{BAO}/a"),
    "letters beyond ASCII": (f"{BAO}/điện", f"{BAO}/%C4%91i%E1%BB%87n"),
    "escapes in small letters": (f"{BAO}/%c4%91", f"{BAO}/%C4%91"),
    "escapes of plain letters": (f"{BAO}/%61%2Db%2F", f"{BAO}/a-b%2F"),
    "half an escape": (f"{BAO}/100%", f"{BAO}/100%25"),
    "braces and quotes": (f'{BAO}/{{a}}?b="c"', f"{BAO}/%7Ba%7D?b=%22c%22"),
    "a name beyond ASCII": ("https://báo.example/a", "https://xn--bo-mia.example/a"),
    "IPv6": ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    "empty pairs": (f"{BAO}/a?&&x=1&", f"{BAO}/a?x=1"),
    "another kind": ("ftp://bao.example/a", None),
    "a script": ("javascript:alert(1)", None),
    "credentials": ("https://ai:do@bao.example/a", None),
    "too many slashes": ("https:///bao.example/a", f"{BAO}/a"),
    "no host": ("https://", None),
    "no address": ("bao.example/a", None),
    "a broken bracket": ("http://[", None),
    "a port that is none": (f"{BAO}:x/", None),
    "a name that cannot be": (f"https://{'á' * 70}.example/", None),
    "a line break within": (f"{BAO}/a\n\tb", f"{BAO}/ab"),
    "backslashes": ("https:\\\\bao.example\\a", f"{BAO}/a"),
    "a short IPv4 address": ("http://127.1/a", "http://127.0.0.1/a"),
    "a sharp s": ("https://fußball.example/a", "https://xn--fuball-cta.example/a"),
    "an apostrophe in a query": (f"{BAO}/a?b='c'", f"{BAO}/a?b=%27c%27"),
    "nothing": ("", None),
    "without end": (f"{BAO}/{'a' * LONGEST}", None),
}  # fmt: skip


@pytest.mark.parametrize(("url", "form"), CANONICAL.values(), ids=CANONICAL)
def test_an_address_has_one_form(url: str, form: str | None) -> None:
    """Addresses that are the same for browsers have one canonical form (WHATWG URL); other texts have none."""
    assert form == canonical(url)


def test_relative_addresses_have_a_base() -> None:
    """An address on a page may be relative to it."""
    assert f"{BAO}/x/a" == canonical("a", f"{BAO}/x/y")
    assert "https://khac.example/a" == canonical("//khac.example/a", f"{BAO}/x/y")


@pytest.mark.parametrize(
    "name",
    "utm_source UTM_Campaign fbclid gclid gbraid msclkid ttclid gidzl zarsrc zalo_src igsh mc_cid _ga pk_x".split(),
)
def test_tracking_parameters_are_removed(name: str) -> None:
    """Tracking parameters are removed, and all others stay."""
    assert f"{BAO}/a?id=1" == canonical(f"{BAO}/a?{name}=x&id=1&{name}")
    assert f"{BAO}/a?x{name}=x" == canonical(f"{BAO}/a?x{name}=x")


urls = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "HTTPS"]),
    st.sampled_from(["bao.example", "BÁO.example.", "bao.example:443", "[::1]"]),
    st.text(max_size=30).map("/{}".format),
    st.one_of(st.just(""), st.text(max_size=30).map("?{}".format)),
)


@given(st.one_of(urls, st.text(max_size=60)))
def test_the_one_form_is_its_own_form(url: str) -> None:
    """The canonical form of a canonical address is itself, and it can be encoded."""
    once = canonical(url)

    assert once is None or (once == canonical(once) and once.isascii())


SAME = [
    f"{BAO}/thoi-su/tieu-de-4954454.html",
    "http://bao.example/thoi-su/tieu-de-4954454.html",
    "https://www.bao.example/thoi-su/tieu-de-4954454.html",
    "https://m.bao.example/thoi-su/tieu-de-4954454.html",
    f"{BAO}/thoi-su/tieu-de-moi-4954454.html",
    f"{BAO}/the-gioi/tieu-de-4954454.html",
    f"{BAO}/thoi-su/tieu-de-4954454.html?utm_source=zalo&zarsrc=30&gidzl=x#box_comment",
    f"{BAO}/thoi-su/tieu-de-4954454.html/amp",
]


@pytest.mark.parametrize("url", SAME)
def test_an_article_keeps_its_number(url: str) -> None:
    """Slug, section, mirror, scheme and tracking do not change the key of an article with a number."""
    assert is_article(NUMBERED, canonical(url) or "")
    assert "4954454" == article_key(NUMBERED, canonical(url) or "")


OTHERS = [
    f"{BAO}/tieu-de-4954455.html",
    f"{BAO}/tieu-de-49544544.html",
    f"{BAO}/tieu-de-495445.html",
    f"{BAO}/tieu-de-14954454.html",
    f"{BAO}/tieu-de-4954454x.html",
    f"{BAO}/tieu-de-4954454-2.html",
    f"{BAO}/x?next=/tieu-de-4954454.html",
    "https://bare.example/tieu-de-4954454.html",
]


def test_articles_are_never_merged_by_accident() -> None:
    """Numbers that begin, end or look alike, numbers in a query, and other outlets' numbers are different articles."""
    known = article_id("bao", "4954454")
    outlets = [BARE if "bare" in url else NUMBERED for url in OTHERS]
    ids = [article_id(outlet.id, article_key(outlet, url)) for outlet, url in zip(outlets, OTHERS, strict=True)]

    assert len(ids) == len({*ids})
    assert known not in ids


MIRRORS = [
    "https://bare.example/news/big-bridge-opens-today",
    "http://www.bare.example/news/big-bridge-opens-today/",
    "https://m.bare.example/news/big-bridge-opens-today",
    "https://amp.bare.example/news/big-bridge-opens-today",
    "https://bare.example/news/big-bridge-opens-today/amp",
    "https://bare.example/news/big-bridge-opens-today/amp/",
    "https://bare.example/amp/news/big-bridge-opens-today",
    "https://bare.example/news/big-bridge-opens-today.amp",
    "https://bare.example/news/big-bridge-opens-today?amp",
    "https://bare.example/news/big-bridge-opens-today?amp=1&outputType=amp&fbclid=x",
]


@pytest.mark.parametrize("url", MIRRORS)
def test_without_a_number_an_article_is_its_address(url: str) -> None:
    """Without a number, mirrors, AMP, scheme, slash and tracking do not change the key."""
    assert "bare.example/news/big-bridge-opens-today" == article_key(BARE, canonical(url) or "")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://bare.example/a?id=1&amp=1", "bare.example/a?id=1"),
        ("https://bare.example/a?amp=1&id=1", "bare.example/a?id=1"),
        ("https://bare.example/a?amp=2&lamp", "bare.example/a?amp=2&lamp"),
        ("https://bare.example/amp", "bare.example/amp"),
        ("https://bare.example/stamp", "bare.example/stamp"),
        ("https://m.example/a", "m.example/a"),
    ],
)
def test_what_only_looks_like_a_mirror_stays(url: str, key: str) -> None:
    """Other queries, sections and hosts are parts of the address."""
    assert key == article_key(BARE, url)


ARTICLES = [
    "https://a.example/2026/02/04/bridge",
    "https://a.example/2026/feb/04/bridge",
    "https://a.example/news/big-bridge-opens-today",
    "https://a.example/bridge-1234567.html",
    "https://a.example/story?id=1234567",
    "https://a.example/articles/cwy8403nrj1o",
]
NONE = [
    "https://a.example/",
    "https://a.example/sport",
    "https://a.example/tag/big-bridge-opens-today",
    "https://a.example/big-picture-of-a-bridge.jpg",
    "https://a.example/about",
    "https://a.example/world/asia",
    "https://a.example/news/x",
]


@pytest.mark.parametrize(("url", "article"), [(url, True) for url in ARTICLES] + [(url, False) for url in NONE])
def test_articles_of_a_site_nobody_declared(url: str, article: bool) -> None:
    """A long slug, a number or a day makes an article; sections, tags and files are not articles."""
    assert article == looks_like_article(url)
    assert article == is_article(BARE, url)


def test_dropped_candidates_are_counted() -> None:
    """Adverts, foreign links, sections and broken addresses are dropped, each counted by its reason."""
    urls = [
        f"{BAO}/a-4954454.html?utm_source=rss",
        f"{BAO}/a-4954454.html",
        f"{BAO}/b-4954454.html",
        "https://quangcao.example/a-4954454.html",
        "https://bao.example.evil.example/a-4954454.html",
        "https://quangcao.example/?https://bao.example/a-4954454.html",
        f"{BAO}/the-thao",
        f"{BAO}/tag/a-4954454.html",
        "https://x@bao.example/a-4954454.html",
    ]
    selection = select_articles(NUMBERED, [Candidate(url, str(place)) for place, url in enumerate(urls)])

    assert [(f"{BAO}/a-4954454.html", "0"), (f"{BAO}/b-4954454.html", "2")] == [
        (link.url, link.candidate.title) for link in selection.links
    ]
    assert {article_id("bao", "4954454")} == {link.article for link in selection.links}
    assert {Reason.FOREIGN: 3, Reason.NOT_AN_ARTICLE: 2, Reason.BAD_ADDRESS: 1} == selection.dropped


@pytest.mark.parametrize("piece", ["%", "%2", "/..", "?&", "a-", "/amp", "é", "&amp", ".amp"])
def test_hostile_addresses_take_no_time(piece: str) -> None:
    """Hostile addresses are refused or normalised quickly."""
    started = time.process_time()
    for length in (100, 1900 // len(piece), 100_000):
        if form := canonical(f"https://bare.example/{piece * length}"):
            article_key(BARE, form)
            is_article(BARE, form)

    assert time.process_time() - started < 1


def test_a_feed_whose_addresses_have_all_changed_is_still_taken() -> None:
    """A feed lists articles, so addresses of a new form are accepted if no known form is left."""
    moved = [Candidate(f"https://bao.example/v2/thoi-su/{i}/mot-bai-bao-moi-nua.html") for i in range(6)]
    section = Candidate("https://bao.example/thoi-su")

    assert 6 == len(select_articles(NUMBERED, [*moved, section], lists_articles=True).links)
    assert {Reason.NOT_AN_ARTICLE: 1} == select_articles(NUMBERED, [*moved, section], lists_articles=True).dropped
    assert () == select_articles(NUMBERED, [*moved, section]).links
    known = Candidate("https://bao.example/mot-bai-4954454.html")
    assert 1 == len(select_articles(NUMBERED, [*moved, known], lists_articles=True).links)


def test_an_address_is_as_long_as_its_encoded_form() -> None:
    """Letters beyond ASCII count as they are sent: 310 of three octets each are longer than any browser accepts."""
    assert canonical(f"http://bao.example/{'ế' * 310}") is None
    assert f"http://bao.example/{'%E1%BA%BF' * 200}" == canonical(f"http://bao.example/{'ế' * 200}")
    assert "http://bao.example/a" == canonical(f"http://bao.example/a#{'ế' * 310}")


@pytest.mark.parametrize("host", ["0x5d.0xb8.0xd8.0x22", "0x5db8d822", "013556154042", "93.12113954", "93.184.55330"])
def test_the_former_spellings_of_an_ipv4_address_are_known(host: str) -> None:
    """Each spelling leads to the form of today, whose former forms contain it."""
    today = canonical(f"http://{host}:8080/tin")

    assert "http://93.184.216.34:8080/tin" == today
    assert f"http://{host}:8080/tin" in former_forms(today)
