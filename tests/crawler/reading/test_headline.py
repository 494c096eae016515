"""Choosing the headline of a page, without the name of its site."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.reading.headline import read_headlines
from crawler.reading.metadata import read_metadata

URL = "https://www.bendo.example/bai-1.html"
TITLE = "Bến đò dời về phía cầu sắt"


def facts(page):
    """Return the metadata of a page."""
    return read_metadata(LexborHTMLParser(page), URL)


def choose_headline(found):
    """Return the headline that is chosen from the metadata of a page."""
    return read_headlines(found).chosen


def og(name, content):
    """Return an OpenGraph meta."""
    return f'<meta property="og:{name}" content="{content}">'


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(og("title", TITLE), id="a meta"),
        pytest.param(og("title", f"{TITLE}：Bến Đò") + og("site_name", "Bến Đò"), id="a full-width colon"),
        pytest.param(f"<title>{TITLE}_xã hội_Bến Đò</title><h1>{TITLE}</h1>", id="underscores"),
        pytest.param(f"<title>{TITLE} - Bendo.example</title>", id="the host behind it"),
        pytest.param(f"<title>Bendo :: {TITLE}</title>", id="the host before it"),
        pytest.param(og("title", f"{TITLE} | Bến Đò | Báo") + f"<h1>{TITLE}</h1>", id="more behind the heading"),
        pytest.param(f"<title>Tin bến đò hôm nay | Bến Đò</title><h1>{TITLE}</h1>", id="a title for search engines"),
        pytest.param(
            f"<title>{TITLE}</title>" + og("site_name", TITLE) + f"<h1>{TITLE}</h1>", id="a name that is none"
        ),
        pytest.param(og("title", f"{TITLE}。 | Bến Đò cổ") + f"<h1>{TITLE}</h1>", id="a full stop before the site"),
        pytest.param(og("title", f"{TITLE}：Sông Nước số") + f"<h1>{TITLE}</h1>", id="an unknown name behind a colon"),
        pytest.param(f"<title>{TITLE} :: Sông Nước</title><h1>{TITLE}</h1>", id="an unknown name behind two colons"),
        pytest.param(og("title", f"{TITLE}【Sông Nước】") + f"<h1>{TITLE}</h1>", id="an unknown name in brackets"),
        pytest.param(og("title", f"{TITLE} : Đời sống") + f"<h1>{TITLE}</h1>", id="a section behind a colon"),
        pytest.param(
            og("title", f"{TITLE} | Đời sống") + f"<meta name=twitter:title content='{TITLE}'>",
            id="a section that another meta leaves out",
        ),
        pytest.param(f"<title></title><h1>Main menu</h1><h2 class=article-title>{TITLE}</h2>", id="a menu"),
        pytest.param(f"<title>{TITLE}</title><h1>Bendo</h1>", id="the site's name as heading"),
        pytest.param(f"<title>{TITLE} | Bendo Ngày Mới</title>", id="an unknown name with the host's label"),
        pytest.param(f"<title>Nhật ký Bendo - {TITLE}</title>", id="an unknown name with the host's label before it"),
        pytest.param(
            f"<title>{TITLE} | Sông Nước Quê</title><h1><a href=/>Sông Nước Quê</a></h1><h2>{TITLE}</h2>",
            id="a heading that leads home",
        ),
        pytest.param(
            f"<title>{TITLE} - Sông Nước Quê</title><h1>Sông Nước Quê</h1><h3>{TITLE}</h3>", id="the heading behind it"
        ),
        pytest.param(
            f"<title>Sông Nước Quê: {TITLE}</title><h1>Sông Nước Quê</h1><h3>{TITLE}</h3>", id="the heading before it"
        ),
        pytest.param(
            f"<title>{TITLE} - Sông Nước Quê</title><h1>{TITLE}</h1><h3>Sông Nước Quê</h3>", id="the name as subheading"
        ),
        pytest.param(f"<title>{TITLE} - Sông Nước Quê</title><p class=t>{TITLE}</p>", id="a line without a heading"),
        pytest.param(
            og("title", TITLE)
            + '<script type="application/ld+json">{"@type": "Article", "headline": "bến sông ở làng", '
            f'"name": "{TITLE}"}}</script><h1>{TITLE}</h1>',
            id="a description as headline",
        ),
        pytest.param(
            og("title", "Bến đò dời rồi") + f"<meta name=twitter:title content='{TITLE}'><h1>{TITLE}</h1>",
            id="a meta that is shown",
        ),
    ],
)
def test_the_headline_is_chosen(page):
    """Metadata, heading and title are compared, and the site's name before or after the headline is removed."""
    assert TITLE == choose_headline(facts(page))


def test_a_series_that_the_site_names_after_itself_stays():
    """Words with the site's name before a colon belong to the headline."""
    assert f"Bendo chọn quà: {TITLE}" == choose_headline(facts(f"<title>Bendo chọn quà: {TITLE}</title>"))


LONG = f"{TITLE}, và người làng nói gì"
SHARED = og("title", "Bảy điều bạn nên biết về một bến sông ở quê")
NODE = '<script type="application/ld+json">{"@type": "WebSite", "name": "Bến Đò"}</script>'


@pytest.mark.parametrize(
    ("page", "headline"),
    [
        pytest.param(f"{SHARED}<h1>{LONG}</h1>", LONG, id="only the heading is shown"),
        pytest.param(f"{SHARED}<h1>Bendo bendo</h1><h1>{LONG}</h1>", LONG, id="beside the site's name, twice"),
        pytest.param(f"{SHARED}{NODE}<h1>{LONG}</h1>", "Bảy điều bạn nên biết về một bến sông ở quê", id="JSON-LD"),
        pytest.param(f"{SHARED}<h1>Bến sông</h1>", "Bảy điều bạn nên biết về một bến sông ở quê", id="a section"),
        pytest.param(og("title", f"{LONG}: ảnh") + f"<h1>{LONG}</h1>", f"{LONG}: ảnh", id="the meta has more"),
        pytest.param(
            og("title", LONG) + f"<h1>Chuyện của những bến sông cũ</h1><h2 class=title>{LONG}</h2>",
            LONG,
            id="the meta is shown too",
        ),
    ],
)
def test_a_heading_replaces_a_headline_written_for_shares(page, headline):
    """The only long `h1` of a page without JSON-LD is the headline if the metas have another that no heading shows."""
    assert headline == choose_headline(facts(page))


def test_a_label_is_not_the_headline():
    """A short heading without a word of the longer page title is the label of a tool."""
    assert LONG == choose_headline(facts(f"<title>{LONG}</title><h1>Original text</h1>"))


def test_a_site_name_behind_a_headline_with_a_colon_is_removed():
    """The name of the site is removed from its end also if the headline has a separator of its own."""
    assert f"Bến đò: {TITLE}" == choose_headline(facts(og("title", f"Bến đò: {TITLE} - Bendo.example")))


def test_a_short_heading_is_a_headline_before_the_name_of_the_site():
    """A heading of a few letters is the headline if the title appends only the name of the site to it."""
    assert "Bến đò" == choose_headline(facts("<title>Bến đò - Bendo.example</title><h1>Bến đò</h1>"))


def test_a_colon_belongs_to_the_headline():
    """The text after a colon is removed only if it is the name of the site."""
    assert "Bến đò: chuyện cũ" == choose_headline(facts(og("title", "Bến đò: chuyện cũ") + "<h1>Bến đò</h1>"))


def test_headings_that_may_be_headlines():
    """Menus and the name of the site are not headlines."""
    assert [TITLE] == read_headlines(facts(f"<h1>Menu</h1><h1>Bendo</h1><h1>{TITLE}</h1>")).shown


def test_a_heading_is_the_headline_where_all_titles_are_the_name_of_the_site():
    """On a page whose titles only name the site, the first heading that is no link is the headline."""
    page = f"<title>Bendo</title><h2><a href=/>Mục khác của báo</a></h2><h2 class=baslik>{TITLE}</h2>"

    assert TITLE == choose_headline(facts(page + og("site_name", "Bendo") + og("title", "Bendo")))


def test_a_headline_cut_short_is_completed_by_its_heading():
    """A headline that ends in dots is replaced by the heading that begins with it."""
    page = f"<h1>{TITLE}</h1>"

    assert TITLE == choose_headline(facts(og("title", f"{TITLE[:18]}...") + page))
    assert "Chợ nổi họp lại..." == choose_headline(facts(og("title", "Chợ nổi họp lại...") + f"<h1>{TITLE}</h1>" * 2))


def test_a_page_without_any_title_has_none():
    """A page without a headline has an empty one."""
    assert "" == choose_headline(facts("<p>x</p>"))


def test_a_topic_before_a_colon_is_part_of_the_headline():
    """A subheading with the topic of an article does not cut its headline behind the topic."""
    headline = f"{TITLE} : người làng Vạn nói gì"
    page = og("title", headline) + f"<h2>{TITLE}</h2><h1>{headline}</h1>"

    assert headline == choose_headline(facts(page))
