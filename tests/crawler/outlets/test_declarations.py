"""The shipped declarations are valid, and recognise the articles and keys of known addresses.

The addresses are in `addresses.toml`.
"""

from __future__ import annotations

import re
import time
import tomllib
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.outlets.article_urls import article_key, canonical, is_article, is_own
from crawler.outlets.catalogue import load_catalogue, outlet_for
from crawler.outlets.model import Outlet, Reading, Source

CATALOGUE = load_catalogue()
SLUG = "mot-bai-bao-khong-co-that-ngay-17-7"
GUIDE = (Path(__file__).parents[3] / "crawler" / "docs" / "outlets.md").read_text(encoding="utf-8")
ADDRESSES = tomllib.loads((Path(__file__).parent / "addresses.toml").read_text("utf-8").replace("SLUG", SLUG))
IN_ENGLISH = {"vietnamnews", "vnexpress_en"}
WITHOUT_PATTERN = {"thitruongvietnam"}  # its article addresses are unknown

ARTICLES = [(outlet, url, key) for outlet, known in ADDRESSES.items() for url, key in known["articles"].items()]
NUMBERED = [(outlet, url, key) for outlet, url, key in ARTICLES if key.isalnum()]
OTHERS = [(outlet, url) for outlet, known in ADDRESSES.items() for url in known["others"]]


def test_every_outlet_has_test_addresses() -> None:
    """Every shipped declaration is tested with addresses."""
    assert set(CATALOGUE) == {*ADDRESSES, *WITHOUT_PATTERN}
    assert all(bool(outlet.article) == (outlet.id in ADDRESSES) for outlet in CATALOGUE.values())


@pytest.mark.parametrize(("outlet", "url", "key"), ARTICLES)
def test_an_article_is_identified_by_its_number(outlet: str, url: str, key: str) -> None:
    """An address of the outlet's form belongs to it, is an article, and has the outlet's number as its key."""
    address = canonical(url) or ""

    assert is_own(CATALOGUE[outlet], address)
    assert is_article(CATALOGUE[outlet], address)
    assert key == article_key(CATALOGUE[outlet], address)


@pytest.mark.parametrize(("outlet", "url"), OTHERS)
def test_other_pages_are_not_articles(outlet: str, url: str) -> None:
    """Sections, tags, authors, events and other sites are not articles."""
    declared, address = CATALOGUE[outlet], canonical(url) or ""

    assert not (is_own(declared, address) and is_article(declared, address))


@pytest.mark.parametrize(("outlet", "url", "key"), NUMBERED)
def test_another_headline_leaves_the_number_alone(outlet: str, url: str, key: str) -> None:
    """An edited slug and a query do not change the key of an article with a number."""
    edited = url.replace(SLUG, "tieu-de-moi-2-khac-han-tieu-de-dau-tien") + "?zarsrc=30&x=1"

    assert key == article_key(CATALOGUE[outlet], canonical(edited) or "")


@pytest.mark.parametrize(("outlet", "url", "key"), NUMBERED)
def test_a_similar_number_is_another_article(outlet: str, url: str, key: str) -> None:
    """A number with one digit more or less is another article."""
    for alike in (f"{key}0", f"9{key}", key[:-1], key[1:]):
        address = canonical(url.replace(key, alike)) or ""

        assert key != article_key(CATALOGUE[outlet], address), address


@pytest.mark.parametrize("outlet", CATALOGUE.values(), ids=CATALOGUE)
def test_a_declaration_is_complete(outlet: Outlet) -> None:
    """Every outlet declares its language, timezone and names, and has a note for people."""
    assert ("en" if outlet.id in IN_ENGLISH else "vi") == outlet.language
    assert "Asia/Ho_Chi_Minh" == outlet.timezone
    assert outlet.names
    assert outlet.note
    assert urlsplit(outlet.home).path
    assert outlet == outlet_for(CATALOGUE, outlet.home)
    assert len(outlet.sources) == len({source.url for source in outlet.sources})
    assert outlet.unproven or outlet.sources


def test_hosts_belong_to_one_outlet() -> None:
    """No two outlets claim the same host or the same part of one."""
    claimed = [host for outlet in CATALOGUE.values() for host in (urlsplit(outlet.home).hostname, *outlet.hosts)]

    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("outlet", CATALOGUE.values(), ids=CATALOGUE)
def test_addresses_of_sources_can_be_filled_in(outlet: Outlet) -> None:
    """Every template gives an address; only archives use other dates than today."""
    facts = {"year": 2026, "month": 7, "day": 5, "page": 2, "from": 1782000000, "to": 1782086400}
    for source in outlet.sources:
        filled = source.url.format(**facts)

        assert filled == canonical(filled)
        assert source.kind == "archive" or not {"{page}", "{from}", "{to}", "{day}"} & set(
            re.findall(r"{\w+}", source.url)
        )
        assert not source.next or ("{page}" in source.next and source.next.format(**facts) != source.url)


# Section pages and monthly sitemaps that were observed.
SEEN = {
    "vnexpress": ("https://vnexpress.net/thoi-su", "https://vnexpress.net/rss/tin-moi-nhat.rss"),
    "nld": ("https://nld.com.vn/kinh-te.htm", "https://nld.com.vn/rss/home.rss"),
    "tuoitre": ("https://tuoitre.vn/kinh-doanh.htm", "https://tuoitre.vn/sitemaps/index.rss"),
    "cafef": ("https://cafef.vn/thi-truong-chung-khoan.chn", "https://cafef.vn/latest-news-sitemap.xml"),
    "baodautu": ("https://baodautu.vn/tai-chinh-chung-khoan-d6/", "https://baodautu.vn/sitemaps/news-2026-7.xml"),
    "vov": ("https://vov.vn/sitemaps/2026/7/article.xml", "https://vov.vn/rss.xml"),
    "vtv": ("https://vtv.vn/latest-news-sitemap.xml", "https://vtv.vn/sitemap.xml"),
    "tienphong": ("https://tienphong.vn/sitemaps/google-news.xml", "https://tienphong.vn/sitemaps/news-2026-7.xml"),
    "vietnamplus": ("https://www.vietnamplus.vn/sitemaps/news-2026-7.xml",),
    "vneconomy": ("https://vneconomy.vn/sitemap/news-2026-07.xml",),
}


@pytest.mark.parametrize(("outlet", "addresses"), SEEN.items(), ids=SEEN)
def test_observed_sources_are_declared(outlet: str, addresses: tuple[str, ...]) -> None:
    """Observed section pages, feeds and sitemaps are declared as sources, and are not `unproven`."""
    facts = dict.fromkeys(("day", "page", "from", "to"), 1) | {"year": 2026, "month": 7}
    proven = {source.url.format(**facts) for source in CATALOGUE[outlet].sources if not source.unproven}

    assert set(addresses) <= proven


def test_families_give_their_rules() -> None:
    """Outlets of a family use their own rules first, then the family's."""
    ims = {"nld", "tuoitre", "thanhnien", "vtv", "cafef", "kenh14", "soha", "suckhoedoisong", "baochinhphu"}
    epi = {"tienphong", "nhandan", "vietnamplus", "sggp", "plo", "anninhthudo", "cand"}

    assert all("[data-check-position=body_end]" in CATALOGUE[outlet].reading[0].end for outlet in ims)
    assert all(".article-relate" in CATALOGUE[outlet].reading[0].drop for outlet in epi)
    assert "h1.news-title" == CATALOGUE["soha"].reading[0].title[0]


def test_old_pages_are_read_by_old_rules() -> None:
    """Tuổi Trẻ had different markup in 2015, in 2020 and today."""
    tuoitre = CATALOGUE["tuoitre"]
    days = [date.fromisoformat(day) for day in ("2015-03-23", "2017-12-31", "2020-06-01", "2026-03-07")]

    assert ["h1.title-2", "h1.title-2", "h1.article-title", "[data-role=title]"] == [
        tuoitre.rules(day).title[0] for day in days
    ]


HOSTILE = [
    "-" * 40_000,
    "a-" * 20_000,
    "/" * 40_000,
    "/tin/" * 8_000,
    "-1" * 20_000,
    "-post" * 8_000,
    "1" * 40_000,
    "?" * 40_000,
]


@pytest.mark.parametrize("outlet", CATALOGUE.values(), ids=CATALOGUE)
def test_no_pattern_takes_long(outlet: Outlet) -> None:
    """An address of any length is classified quickly."""
    patterns = [*outlet.article, *outlet.exclude, *(p for rules in outlet.reading for p in rules.strip)]
    started = time.process_time()
    for pattern in patterns:
        for text in HOSTILE:
            re.search(pattern, f"/{text}.x")

    assert time.process_time() - started < 2


def test_the_example_of_the_guide_loads(tmp_path: Path) -> None:
    """The example declaration loads, and has the values that the guide describes."""
    example = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "example.toml").write_text(example[0], encoding="utf-8")
    outlet = load_catalogue(tmp_path)["example"]

    assert 1 == len(example)
    assert ["feed", "feed", "sitemap", "section", "listing", "archive", "archive"] == [s.kind for s in outlet.sources]
    assert "https://www.example.org/politics?page={page}" == outlet.sources[3].next
    assert outlet.claim("https://portal.example.com/times/2026/x-1234567.html")
    assert not outlet.claim("https://portal.example.com/weather")
    assert ("h1.headline", "h1") == outlet.rules(date(2019, 6, 30)).title
    assert {name for name in Reading.model_fields if getattr(outlet.reading[0], name)} == {*Reading.model_fields} - {
        "until"
    }


def test_the_guide_names_every_key() -> None:
    """Every field of the schema has a row in the guide, and every row is a field."""
    rows = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    kinds = {"feed", "sitemap", "section", "listing", "archive", "unknown"}
    keys = (
        {*Outlet.model_fields, "extends", "reading_until"}
        | {*Reading.model_fields} - {"until"}
        | {*Source.model_fields} - {"kind"}
        | kinds
    )

    assert keys == set(rows)
    assert "`until`" in GUIDE
