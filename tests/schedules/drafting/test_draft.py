"""Drafting a declaration from a live site, good enough to crawl with."""

import re
import sqlite3
import tomllib
from contextlib import closing
from html.parser import HTMLParser

import pytest

from archive.errors import Failure, Reason
from archive.record import Candidate
from crawler.drafting.rule_trials import Shown, Trial
from crawler.drafting.url_pattern import LearnedPattern
from crawler.outlets.catalogue import bare_outlet, load_catalogue
from crawler.outlets.model import Source
from schedules.cli.commands.outlets_new import declaration
from schedules.drafting.draft import Draft, SourceProbe, choose_rules, short_name, spread
from schedules.drafting.draft_report import render_report

HOSTILE = "<script src=//x.example>alert(1)</script>'\"&"


@pytest.fixture
def drafting(khobao, newsstand, tmp_path):
    """A function that drafts a site of the newsstand into a folder of declarations."""
    (tmp_path / "mine").mkdir()
    env = {"KHOBAO_NETWORK__PROXY": newsstand.proxy, "KHOBAO_NETWORK__GAP": "0", "KHOBAO_OUTLETS__FOLDER": "mine"}

    def run(*arguments):
        return khobao(*arguments, env=env)

    return run


@pytest.mark.parametrize(
    ("name", "key", "rules"),
    [
        ("vntin", r"-(?P<key>\d{6,8})\.html", {"title": ("h1.title-detail",), "body": ("article.fck_detail",)}),
        ("phuongnam", r"-post(?P<key>\d{6,8})\.pnb", {"standfirst": ("div.cms-desc",), "byline": ("span.name",)}),
    ],
)
def test_a_draft_is_good_enough_to_crawl_by(drafting, tmp_path, name, key, rules):
    """A draft of an undeclared site has its name, sources, pattern and rules, and archives its articles."""
    file, report = tmp_path / "mine" / f"{name}.toml", tmp_path / "report.html"
    ran = drafting("outlets", "--new", f"http://{name}.example/", "--write", file, "--report", report, "--samples", "4")

    assert 0 == ran.code, ran.err
    assert "read by rule, 9" in ran.err or "read by rule, 100%" in ran.err
    outlet = load_catalogue(tmp_path / "mine")[name]
    assert (True, "vi", "Asia/Ho_Chi_Minh", True) == (
        outlet.unproven,
        outlet.language,
        outlet.timezone,
        any(key in pattern for pattern in outlet.article),
    )
    assert rules == {field: getattr(outlet.reading[0], field) for field in rules}
    assert ".example" not in outlet.name
    assert "took" in report.read_text(encoding="utf-8")

    drafting("crawl", name, "--archive", "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        read = [rules for (rules,) in db.execute("SELECT rules FROM articles")]
    assert len(read) > 3
    assert read.count("today") >= 0.9 * len(read)


def test_a_draft_is_printed_and_never_overwrites(drafting, tmp_path):
    """Without --write the draft is printed; an existing file is not overwritten."""
    there = tmp_path / "there.toml"
    there.write_text("mine")

    drafted = drafting("outlets", "--new", "http://songhong.example/", "--samples", "1").out
    assert "name = 'Báo Sông Hồng'" in drafted
    assert "'/rss/thoi-su.rss',  # 6 links" in drafted  # only a page of feeds lists this one
    kept = drafting("outlets", "--new", "http://songhong.example/", "--write", there)
    assert (2, "mine") == (kept.code, there.read_text())


def test_failures_of_drafting_are_reported(drafting):
    """A site that does not answer, pages that no rule fits, and wrong flags end in one clear line."""
    silent = drafting("outlets", "--new", "http://nowhere.example/")
    unread = drafting("outlets", "--new", "http://cholon.example/", "--samples", "1")

    assert (1, True) == (silent.code, "http://nowhere.example/: gone" in silent.err)
    assert (1, True) == (unread.code, "read by no rule" in unread.err)
    assert r"article = '[?&]id=(?P<key>\d{3,5})(?:&|$)'" in unread.out
    assert 2 == drafting("outlets", "--report", "x.html").code
    assert 2 == drafting("outlets", "--new", "ftp://x").code


def test_rules_are_chosen_by_the_pages_that_they_fit():
    """The best selector comes first, others only for pages that it does not fit, and drops only for recurring boxes."""
    pages = [
        {"body": {"article": 0.9, ".text": 0.99}, "title": {"h1": 1.0, "h1.big": 1.0}, "drop": {".once": 1.0}},
        {"body": {"article": 0.9, ".text": 0.99}, "title": {"h1": 1.0, "h1.big": 1.0}, "drop": {".box": 1.0}},
        {"body": {"article": 0.9, ".photo": 1.0}, "title": {"h1": 1.0}, "drop": {".box": 0.9}},
        {},
    ]

    assert {"title": {"h1": 3}, "body": {"article": 3}, "drop": {".box": 2}} == choose_rules(pages)
    assert {} == choose_rules([])


def test_names_are_short():
    """The id of a draft is the first label of the host that identifies the site."""
    homes = ("https://www.dw.com/", "http://m.dantri.com.vn/", "https://n-tv.de/", "https://localhost:8080/")

    assert ["dw", "dantri", "n_tv", "localhost"] == [short_name(home) for home in homes]


def test_samples_are_spread():
    """Sample pages are taken evenly from the whole list."""
    assert ["a", "c", "e"] == spread(list("abcdef"), 3)
    assert ["a"] == spread(["a"], 3)


class Tags(HTMLParser):
    """Collect the tags and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Store a tag."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def hostile():
    """A draft whose texts all come from a hostile site."""
    outlet = bare_outlet("https://b.example/").model_copy(update={"name": HOSTILE, "sources": ()})
    url = "https://b.example/a\"onclick='x"
    probed = (
        SourceProbe(Source(kind="feed", url='https://b.example/f?a="><i>'), (Candidate(url),)),
        SourceProbe(Source(kind="sitemap", url="https://b.example/s"), failure=Failure(Reason.GONE, HOSTILE)),
    )
    blocks = tuple(Shown(HOSTILE, "text", taken=i == 5) for i in range(12))
    trials = (
        Trial(url, {"title": HOSTILE, "byline": [HOSTILE], "date": None}, None, True, 0.97, blocks),
        Trial(url, {}, Failure(Reason.NO_TEXT, HOSTILE), blocks=blocks[:2]),
    )
    return Draft(outlet, probed, LearnedPattern("", articles=3), {"body": {HOSTILE: 2}}, 2, trials)


def test_the_report_escapes_texts_of_the_site():
    """Texts of a site never become markup; the page has no scripts, and sends no requests."""
    page = render_report(hostile())
    found = Tags(page)

    assert not {"script", "img", "link", "iframe", "i", "base"} & found.tags
    assert not {"src", "onclick", "srcset"} & found.attributes
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert not re.search(r"url\(|@import", page)
    assert "5 blocks dropped" in page
    assert "97% of the words" in page
    assert "have nothing in common" in page


def test_a_draft_is_toml_whatever_the_site_is_called():
    """Names and selectors of a site are quoted, so that the written file can be parsed."""
    told = tomllib.loads(declaration(hostile(), "b"))

    assert HOSTILE == told["name"]
    assert [HOSTILE] == told["reading"]["body"]
