"""Loading declarations: families, overrides, lookups, and one clear line for every mistake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archive.errors import UsageError
from crawler.outlets.article_urls import is_own
from crawler.outlets.catalogue import bare_outlet, find_outlet, load_catalogue, outlet_for
from crawler.outlets.model import Outlet, Reading, Source

BARE = 'name = "Mine"\nhome = "https://mine.example/"\n'


@pytest.fixture(scope="module")
def shipped() -> dict[str, Outlet]:
    """The outlets that khobao ships."""
    return load_catalogue()


def load(folder: Path, **files: str) -> dict[str, Outlet]:
    """Load the catalogue with these files in the user's folder."""
    for stem, text in files.items():
        (folder / f"{stem}.toml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def complaint(folder: Path, **files: str) -> str:
    """Return the error message for these files, without the folder's name."""
    with pytest.raises(UsageError) as caught:
        load(folder, **files)
    return str(caught.value).replace(f"{folder}/", "")


def test_user_adds_an_outlet(tmp_path: Path, shipped: dict[str, Outlet]) -> None:
    """An outlet in the user's folder is added to ours, in alphabetical order."""
    catalogue = load(tmp_path, mine=BARE)

    assert sorted([*shipped, "mine"]) == list(catalogue)
    assert Outlet(id="mine", name="Mine", home="https://mine.example/") == catalogue["mine"]


def test_user_replaces_an_outlet(tmp_path: Path) -> None:
    """A file with the id of one of our outlets replaces it completely."""
    catalogue = load(tmp_path, tuoitre=BARE)

    assert Outlet(id="tuoitre", name="Mine", home="https://mine.example/") == catalogue["tuoitre"]


def test_user_amends_an_outlet(tmp_path: Path, shipped: dict[str, Outlet]) -> None:
    """A file that extends its own id is merged over ours: lists of joined keys grow, other keys are replaced."""
    catalogue = load(
        tmp_path, tuoitre='extends = "tuoitre"\nnames = ["TTx"]\n[reading]\ndrop = ".new"\ntitle = "h1.new"\n'
    )
    ours, theirs = shipped["tuoitre"], catalogue["tuoitre"]

    assert (*ours.names, "TTx") == theirs.names
    assert (*ours.reading[0].drop, ".new") == theirs.reading[0].drop
    assert ("h1.new",) == theirs.reading[0].title
    assert ours.reading[0].body == theirs.reading[0].body
    assert ours.sources == theirs.sources


def test_user_extends_another_outlet(tmp_path: Path) -> None:
    """An outlet may extend another user outlet, which extends a family; single values become lists."""
    base = BARE + 'extends = "epi"\nhosts = "a.example"\nexclude = "^/x"\n'
    child = 'extends = "base"\nname = "Child"\nhosts = ["b.example", "a.example"]\n[sources]\nfeed = "/rss"\n'
    catalogue = load(tmp_path, base=base, child=child)

    assert ("a.example", "b.example") == catalogue["child"].hosts
    assert ("^/x",) == catalogue["child"].exclude
    assert "Asia/Ho_Chi_Minh" == catalogue["child"].timezone
    assert (Source(kind="feed", url="https://mine.example/rss"),) == catalogue["child"].sources
    assert catalogue["base"].reading == catalogue["child"].reading


def test_an_outlet_of_ours_is_extended_as_the_user_has_it(tmp_path: Path) -> None:
    """A declaration that extends an id gets the user's outlet with that id, not ours."""
    catalogue = load(tmp_path, tuoitre=BARE, mine='extends = "tuoitre"\nname = "Over mine"\n')

    assert "https://mine.example/" == catalogue["mine"].home


def test_sources_are_read_by_kind() -> None:
    """Addresses of sources and of their next pages are relative to the home page, for every kind."""
    sources = load_catalogue()["baodautu"].sources

    assert ["sitemap", *["section"] * 5] == [source.kind for source in sources]
    assert "https://baodautu.vn/sitemaps/news-{year}-{month}.xml" == sources[0].url
    assert "https://baodautu.vn/thoi-su-dau-tu-d1/p{page}" == sources[1].next
    assert "" == load_catalogue()["vietnamnet"].sources[2].next


def test_rules_of_an_earlier_time_come_before_todays(tmp_path: Path) -> None:
    """Dated rules apply up to their day, the earliest fitting ones win, and today's rules are appended to each key."""
    text = (
        BARE
        + """
        [reading]
        title = "h1"
        drop = [".a"]
        [reading_until.2018-12-31]
        title = ["h2", "h1"]
        [reading_until.2015-06-30]
        title = "h3"
        drop = [".b"]
        date_order = "mdy"
        """
    )
    outlet = load(tmp_path, mine=text)["mine"]
    oldest = Reading(until=date(2015, 6, 30), title=("h3", "h1"), drop=(".b", ".a"), date_order="mdy")

    assert [None, date(2018, 12, 31), date(2015, 6, 30)] == [rules.until for rules in outlet.reading]
    assert oldest == outlet.rules(date(2015, 6, 30))
    assert Reading(until=date(2018, 12, 31), title=("h2", "h1"), drop=(".a",)) == outlet.rules(date(2015, 7, 1))
    assert Reading(title=("h1",), drop=(".a",)) == outlet.rules(date(2019, 1, 1)) == outlet.rules(None)


def test_an_outlet_without_rules_has_empty_ones(tmp_path: Path) -> None:
    """If no rules are declared for a day, they are empty and the generic reader reads."""
    outlet = load(tmp_path, mine=BARE + "[reading_until.2015-06-30]\ntitle = 'h1'\n")["mine"]

    assert Reading() == outlet.rules(None) == outlet.rules(date(2015, 7, 1))


MISTAKES = {
    "no TOML": ("name =", "mine.toml: not TOML: Invalid value (at end of document)"),
    "unknown key": (BARE + "tmezone = 'UTC'", "mine.toml: tmezone: unknown key; did you mean 'timezone'?"),
    "unknown key, none near": (BARE + "qqq = 1", "mine.toml: qqq: unknown key; there is article, exclude, extends, "),
    "unknown rule": (BARE + "[reading]\ntitel = 'h1'", "mine.toml: reading.titel: unknown key; did you mean 'title'?"),
    "unknown kind": (BARE + "[sources]\nfeeds = []", "mine.toml: sources.feeds: unknown key; did you mean 'feed'?"),
    "unknown key of a source": (
        BARE + "[sources]\nfeed = [{ uri = '/a' }]",
        "mine.toml: sources.feed[0].uri: unknown key; did you mean 'url'?",
    ),
    "until as a rule": (BARE + "[reading]\nuntil = 2018-01-01", "mine.toml: reading.until: unknown key; "),
    "no home": ("name = 'Mine'", "mine.toml: home: missing; every outlet has one"),
    "no name": (BARE.replace("Mine", ""), "mine.toml: name: should have at least 1 character"),
    "home without scheme": (
        "name = 'Mine'\nhome = 'mine.example'",
        "mine.toml: home: not an address: 'mine.example'; write one like 'https://example.vn/rss/home.rss'",
    ),
    "number for a text": (BARE + "note = 5", "mine.toml: note: not a text; put it in quotes"),
    "number for a list": (BARE + "hosts = 5", "mine.toml: hosts: not a list; write hosts = ['…', '…']"),
    "number for a rule": (
        BARE + "[reading]\ntitle = 5",
        "mine.toml: reading.title: not a list; write title = ['…', '…']",
    ),
    "number for a table": (BARE + "sources = 5", "mine.toml: sources: not a table; write it as [sources]"),
    "table for a text": ("extends = 'tuoitre'\n[note]\na = 1", "mine.toml: note: not a text; put it in quotes"),
    "list for a table": (BARE + "[[reading]]", "mine.toml: reading: not a table; write it as [reading]"),
    "number for rules of a day": (
        BARE + "[reading_until]\n2018-12-31 = 5",
        "mine.toml: reading_until.2018-12-31: not a table; write it as [reading_until.2018-12-31]",
    ),
    "number for a source": (BARE + "[sources]\nfeed = [5]", "mine.toml: sources.feed[0].url: not a text; "),
    "no list of ports": (BARE + "ports = 81", "mine.toml: ports: not a list; write it in square brackets"),
    "no port": (BARE + "ports = [0]", "mine.toml: ports[0]: should be greater than or equal to 1"),
    "host with scheme": (
        BARE + "hosts = ['https://m.mine.example']",
        "mine.toml: hosts[0]: not a host name: 'https://m.mine.example'; write one like 'm.example.vn' or ",
    ),
    "bad timezone": (
        BARE + "timezone = 'Asia/Hanoi'",
        "mine.toml: timezone: no such timezone: 'Asia/Hanoi'; write one like 'Asia/Ho_Chi_Minh'",
    ),
    "folder as timezone": (BARE + "timezone = 'Asia'", "mine.toml: timezone: no such timezone: 'Asia'; "),
    "path as timezone": (BARE + "timezone = '../x'", "mine.toml: timezone: no such timezone: '../x'; "),
    "bad pattern": (BARE + "article = '('", "mine.toml: article[0]: not a regular expression: missing ), "),
    "bad pattern in a list": (BARE + "exclude = ['a', '(']", "mine.toml: exclude[1]: not a regular expression: "),
    "bad selector": (BARE + "[reading]\nbody = 'p['", "mine.toml: reading.body[0]: not a CSS selector: 'p['; "),
    "empty selector": (BARE + "[reading]\ndrop = ['a', '']", "mine.toml: reading.drop[1]: not a CSS selector: ''; "),
    "unknown pseudo-class": (BARE + "[reading]\nend = 'p:foo'", "mine.toml: reading.end[0]: not a CSS selector: "),
    "attribute of a node": (
        BARE + "[reading]\nbody = 'p@id'",
        "mine.toml: reading.body[0]: not a CSS selector: 'p@id'; ",
    ),
    "no attribute": (
        BARE + "[reading]\ntitle = 'p@'",
        "mine.toml: reading.title[0]: not an attribute: '' in 'p@'; write 'SELECTOR@name'",
    ),
    "bad selector of an earlier time": (
        BARE + "[reading_until.2018-12-31]\nbody = 'p['",
        "mine.toml: reading_until.2018-12-31.body[0]: not a CSS selector: 'p['; ",
    ),
    "bad day order": (
        BARE + "[reading]\ndate_order = 'dym'",
        "mine.toml: reading.date_order: should be 'dmy', 'mdy' or 'ymd'",
    ),
    "no such day": (
        BARE + "[reading_until.2018-02-30]\nbody = 'p'",
        "mine.toml: reading_until.2018-02-30: not a day; write [reading_until.2018-12-31]",
    ),
    "bad links": (BARE + "[sources]\nsection = [{ url = '/', links = 'a[' }]", "mine.toml: sources.section[0].links: "),
    "no address": (
        BARE + "[sources]\nfeed = 'ftp://x/'",
        "mine.toml: sources.feed[0].url: not an address: 'ftp://x/'; ",
    ),
    "broken address": (
        BARE + "[sources]\nfeed = 'http://['",
        "mine.toml: sources.feed[0].url: not an address: 'http://['; ",
    ),
    "broken home": (
        "name = 'Mine'\nhome = 'http://['\n[sources]\nfeed = '/rss'",
        "mine.toml: home: not an address: 'http://['; ",
    ),
    "unknown placeholder": (
        BARE + "[sources]\nfeed = '/{yeer}'",
        "mine.toml: sources.feed[0].url: not a template: 'https://mine.example/{yeer}'; the placeholders are {year}, ",
    ),
    "open brace": (BARE + "[sources]\nfeed = '/{'", "mine.toml: sources.feed[0].url: not a template: "),
    "bad form of a placeholder": (
        BARE + "[sources]\nfeed = '/{year:x%}'",
        "mine.toml: sources.feed[0].url: not a template: ",
    ),
    "attribute of a placeholder": (
        BARE + "[sources]\nfeed = '/{page.real}'",
        "mine.toml: sources.feed[0].url: not a template: ",
    ),
    "bad next page": (
        BARE + "[sources]\nsection = [{ url = '/', next = '/{n}' }]",
        "mine.toml: sources.section[0].next: not a template: ",
    ),
    "polled too often": (
        BARE + "[sources]\nfeed = { url = '/', every = 5 }",
        "mine.toml: sources.feed[0].every: should be greater than or equal to 60",
    ),
    "another id": (
        BARE + "id = 'yours'",
        "mine.toml: id: differs from the file's name; leave it out, or rename the file",
    ),
    "unknown family": (BARE + "extends = 'imz'", "mine.toml: extends: no outlet or family 'imz'; did you mean 'ims'?"),
    "no text to extend": (BARE + "extends = 5", "mine.toml: extends: not a text; write extends = 'ims'"),
    "itself": (BARE + "extends = 'mine'", "mine.toml: extends: no outlet or family 'mine'; "),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_reported_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    """File, key and remedy are in one line."""
    said = complaint(tmp_path, mine=text)

    assert told == said[: len(told)]
    assert "\n" not in said


def test_a_mistake_is_reported_with_its_file(tmp_path: Path) -> None:
    """A bad value in an inherited file is reported with that file's name."""
    said = complaint(tmp_path, a="extends = 'z'\nname = 'A'", z=BARE + "[reading]\ndrop = 'p['")

    assert said.startswith("z.toml: reading.drop[0]: ")


def test_a_circle_is_reported(tmp_path: Path) -> None:
    """Outlets that extend each other are refused, and the line shows the circle."""
    said = complaint(tmp_path, a="extends = 'b'", b="extends = 'c'", c="extends = 'a'")

    assert "a.toml: extends: is a circle, a -> b -> c -> a; remove one `extends` of it" == said


def test_the_name_of_a_file_is_an_id(tmp_path: Path) -> None:
    """A file whose name is not an id is refused."""
    (tmp_path / "My Paper.toml").write_text(BARE)

    with pytest.raises(UsageError, match=r"My Paper\.toml: id: not an id; name the file in lower-case letters"):
        load_catalogue(tmp_path)


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    """The line of the first invalid byte is named."""
    (tmp_path / "mine.toml").write_bytes(b"name = 'x'\nnote = 'Ti\xea'\n")

    with pytest.raises(UsageError, match=r"mine\.toml: not UTF-8 \(at line 2\); save it as UTF-8"):
        load_catalogue(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """A byte order mark is accepted."""
    assert "Mine" == load(tmp_path, mine="\ufeff" + BARE)["mine"].name


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    """An unreadable folder is reported in one clear line."""
    with pytest.raises(UsageError, match="none: cannot be read: No such file or directory; name a folder of outlet"):
        load_catalogue(tmp_path / "none")


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    """Only `.toml` files are declarations."""
    (tmp_path / "README.md").write_text("not TOML =")

    assert "mine" in load(tmp_path, mine=BARE)


def test_a_mistyped_id_gets_a_suggestion(shipped: dict[str, Outlet]) -> None:
    """An unknown outlet gets a suggestion, or the list of all outlets."""
    assert "Tiền Phong" == find_outlet(shipped, "tienphong").name
    with pytest.raises(UsageError, match=r"^no outlet 'tienfong'; did you mean 'tienphong'\?$"):
        find_outlet(shipped, "tienfong")
    with pytest.raises(UsageError, match=r"^no outlet '#'; there is 24h, "):
        find_outlet(shipped, "#")


OWNERS = {
    "front page": ("https://tuoitre.vn/", "tuoitre"),
    "article": ("https://tuoitre.vn/mot-bai-20260307075519174.htm", "tuoitre"),
    "www": ("http://www.tuoitre.vn/x.htm", "tuoitre"),
    "mobile": ("https://m.cafef.vn/x.chn", "cafef"),
    "any case, any port": ("HTTPS://TuoiTre.VN:8443/x", "tuoitre"),
    "former domain": ("https://news.zing.vn/x-post1.html", "znews"),
    "part of another's site": ("https://tuoitre.vn/nld/kinh-te.htm", "nld"),
    "that part itself": ("https://tuoitre.vn/plo", "plo"),
    "beginning like that part": ("https://tuoitre.vn/nldx/x.htm", "tuoitre"),
    "front page that is a part": ("https://www.bbc.com/vietnamese/articles/cwy8403nrj1o", "bbc_vi"),
    "the rest of that site": ("https://www.bbc.com/news/articles/cwy8403nrj1o", None),
    "longer name": ("https://nottuoitre.vn/", None),
    "sub-domain": ("https://quangcao.tuoitre.vn/", None),
    "no host": ("tuoitre.vn/x", None),
    "no address": ("http://[", None),
}


@pytest.mark.parametrize(("url", "owner"), OWNERS.values(), ids=OWNERS)
def test_an_address_belongs_to_the_closest_outlet(shipped: dict[str, Outlet], url: str, owner: str | None) -> None:
    """The outlet of an address is found by host, or by the part of a shared site."""
    found = outlet_for(shipped, url)

    assert owner == (found and found.id)
    assert found is None or is_own(found, url)


def test_an_empty_catalogue_owns_no_address() -> None:
    """Without outlets no address has an outlet."""
    assert outlet_for({}, "https://tuoitre.vn/") is None


def test_a_bare_site_has_default_rules() -> None:
    """An undeclared site is named after its host, and has no timezone, so that its pages may give one."""
    feed = Source(kind="feed", url="https://example.org/rss")
    outlet = bare_outlet("https://www.Example.org:8443/news/1?x=1", language="en", sources=[feed])

    assert ("example.org", "example.org", "https://www.example.org:8443/") == (outlet.id, outlet.name, outlet.home)
    assert ("en", (feed,), ()) == (outlet.language, outlet.sources, outlet.article)
    assert "timezone" not in outlet.model_fields_set
    assert outlet.claim("https://example.org/2")
    assert outlet.claim("http://www.example.org/3")


def test_a_bare_site_may_have_a_timezone() -> None:
    """A known timezone is kept."""
    outlet = bare_outlet("http://example.org", timezone="Asia/Tokyo")

    assert "Asia/Tokyo" == outlet.timezone
    assert "timezone" in outlet.model_fields_set


@pytest.mark.parametrize(
    ("url", "id_"),
    [("http://[::1]:80/", "1"), ("https://xn--bo-2ja.vn/", "xn--bo-2ja.vn"), ("http://_x.org/", "x.org")],
)
def test_a_bare_site_has_an_id_whatever_its_host(url: str, id_: str) -> None:
    """Hosts that are not valid ids are converted to ids."""
    assert id_ == bare_outlet(url).id


@pytest.mark.parametrize("url", ["example.org", "ftp://example.org/", "https://", "http://["])
def test_a_bare_site_needs_an_address(url: str) -> None:
    """A text that is not an address is refused."""
    with pytest.raises(UsageError, match=r"^not an address: "):
        bare_outlet(url)


def test_credentials_do_not_enter_a_bare_site() -> None:
    """User name and password in an address are removed from the home page."""
    assert "https://example.org/" == bare_outlet("https://me:secret@example.org/").home


def test_healed_rules_come_before_the_users_and_the_shipped_ones(tmp_path):
    """A healed declaration extends the one with its id, the user's or ours; without one it is ignored."""
    user, healed = tmp_path / "mine", tmp_path / "in-force"
    for folder in (user, healed):
        folder.mkdir()
    (user / "mine.toml").write_text(
        "name = 'Mine'\nhome = 'https://mine.example/'\n[reading]\nbody = '.old'\n", "utf-8"
    )
    (healed / "mine.toml").write_text("extends = 'mine'\n[reading]\nbody = ['.new', '.old']\n", "utf-8")
    (healed / "gone.toml").write_text("extends = 'gone'\n", "utf-8")

    catalogue = load_catalogue(user, healed)

    assert (".new", ".old") == catalogue["mine"].reading[0].body
    assert "gone" not in catalogue
    assert (".old",) == load_catalogue(user, tmp_path / "nowhere")["mine"].reading[0].body
