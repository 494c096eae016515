"""The pages in a real browser: no errors, no external requests, no scripts, accessible to everybody."""

import os
import sqlite3
from contextlib import closing

import pytest
import shelf
from browser import ARGUMENTS, CHROMIUM, SIZES, Witness, served

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; the test extra brings it")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium"),
    pytest.mark.timeout(300),
]
PAGES = {
    "today": "/today/2026-02-04",
    "article": "/article/{edited}",
    "gone": "/article/{gone}",
    "changes": "/changes",
    "change": "/change/{edited}/2",
    "stories": "/stories",
    "story": "/story/{story}",
    "search": "/search?q=ông",
    "nothing": "/search?q=xyzzy",
    "outlets": "/outlets",
    "outlet": "/outlet/vntin?lang=vi",
    "timeline": "/timeline?q=ông&q=thư+viện&q=cây&since=2026-01-20&until=2026-02-10",
    "timeline by outlet": "/timeline?q=ông&by=outlet&unit=week&as=count&lang=vi",
    "concordance": "/concordance?q=ông&sort=left",
    "compare": "/compare?q=ông&lang=vi",
    "watches": "/watches?q=ông&outlet=vntin&outlet=cholon",
    "words": "/words",
    "refused": "/article/0000000000000000",
}
THEIRS = {
    "database": "/archive",
    "articles": "/archive/articles",
    "row": "/archive/articles/1",
    "revisions": "/archive/revisions",
    "nowhere": "/archive/nowhere",
    "query": "/archive/syndication_by_outlet?since=2026-01-01&until=2026-12-31",
}


@pytest.fixture(scope="module")
def chromium(demo, press):
    """The browser. Its driver blocks the event loop of this thread, so the archives are made first."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(press):
    """The press archive, served."""
    with served(press) as address:
        yield address


@pytest.fixture(scope="module")
def names(press):
    """The ids that appear in the addresses of the pages."""
    with closing(sqlite3.connect(press)) as db:
        (edited,) = db.execute("SELECT id FROM articles WHERE revision > 1 ORDER BY id LIMIT 1").fetchone()
        (gone,) = db.execute("SELECT id FROM articles WHERE gone_at IS NOT NULL").fetchone()
        (story,) = db.execute("SELECT story FROM articles JOIN copies ON article = id LIMIT 1").fetchone()
    return {"edited": edited, "gone": gone, "story": story}


@pytest.fixture(scope="module")
def axe():
    """axe-core, read once."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def violations(axe, page, scheme):
    """Return axe-core's findings on a page; in dark mode, only those on colours."""
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else None
    found = axe.run(page, options=options).response["violations"]
    return [f"{v['id']}: {v['help']}: {[node['target'] for node in v['nodes'][:3]]}" for v in found]


def test_every_page_is_whole_and_accessible(chromium, axe, site, names):
    """A page has no console messages, failed or external requests, axe-core findings or sideways scrolling."""
    page, witness, found = chromium.new_page(), Witness(site), {}
    witness.watch(page)
    for name, path in (PAGES | THEIRS).items():
        page.goto(site + path.format(**names), wait_until="load")
        for size, scheme in (("desktop", "light"), ("phone", "dark")):  # one request of the page for both
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme=scheme)
            told = violations(axe, page, scheme)
            if page.evaluate("document.documentElement.scrollWidth") > SIZES[size]["width"]:
                told.append("scrolls sideways")
            if told:
                found[name, size] = told
            if folder := os.environ.get("KHOBAO_SHOTS"):
                page.screenshot(path=f"{folder}/{name}-{size}-{scheme}.png", full_page=True)
        told = [c for c in witness.complaints if name not in {"refused", "nowhere"} or "404" not in c]
        witness.complaints.clear()
        if told:
            found[name] = told
    page.close()

    assert {} == found


def test_a_keyboard_reaches_the_content_first(chromium, site):
    """The first tab stop skips the header, and is visible."""
    page = chromium.new_page()
    page.goto(site + "/today")
    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    page.keyboard.press("Enter")
    page.wait_for_url("**#content")

    assert box
    assert box["x"] >= 0
    assert page.url.endswith("#content")
    page.close()


def test_nothing_of_the_archive_runs(chromium, tmp_path):
    """Hostile headlines, texts, tags, captions, addresses and outlet names run nothing in a real browser."""
    shelf.fill(tmp_path / "archive.db")
    with served(tmp_path / "archive.db") as address:
        page, witness = chromium.new_page(), Witness(address)
        witness.watch(page)
        with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
            hostile = [id_ for (id_,) in db.execute("SELECT id FROM articles WHERE outlet = 'song'")]
        ours = "/search?q=script /search?q=<script>alert(3)</script> /timeline?q=script /outlets /outlet/song /changes"
        theirs = "articles outlets revisions headlines articles/3 headlines_of_a_day?date=2026-02-05"
        paths = [*ours.split(), "/today/2026-02-05", *(f"/archive/{path}" for path in theirs.split())]
        for path in (*paths, *(f"/article/{id_}" for id_ in hostile)):
            page.goto(address + path)
            assert (
                0 == page.locator("main:not(.content) img, main:not(.content) script, table img, table script").count()
            ), path
        page.close()

    assert [] == witness.complaints
