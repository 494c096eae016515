"""Make the pictures of the documents from the demo.

Run `python .github/pictures/make.py`. It needs the test extra of khobao (for Playwright) and an installed Chromium.
The terminal is drawn by rich. The pages are screenshots, each wide in light colours and narrow in dark ones.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from io import StringIO
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
import pressroom  # noqa: E402 - the path is set above
from browser import ARGUMENTS, CHROMIUM, served  # noqa: E402 - the path is set above

PROGRAM = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 800}}
LOOKS = (("wide", "light"), ("narrow", "dark"))
PAGES = {
    "today": "/today/2026-02-04",
    "search": "/search?q=dien+dam",
    "timeline": "/timeline?q=điện+đàm",
    "stories": "/stories",
    "outlets": "/outlets",
    "changes": "/changes",
    "concordance": "/concordance?q=ông&sort=left",
    "compare": "/compare?q=ông",
    "words": "/words?q=ông",
    "collocates": "/collocates?q=ông",
    "rising": "/rising",
    "watches": "/watches?q=điện+đàm&outlet=vntin&outlet=cholon",
    "outlet": "/outlet/vntin",
    "story": "/story/1",
    "missing": "/article/0000000000000000",
    "database": "/archive",
    "articles": "/archive/articles",
    "row": "/archive/articles/1",
}


def draw_terminal(typed: str, folder: Path, picture: Path, lines: int) -> None:
    """Run a command in a folder and draw the first lines of its output as SVG."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_")} | {"COLUMNS": "100"}
    ran = subprocess.run(
        [*PROGRAM, *typed.split()], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    console = Console(record=True, width=100, file=StringIO())
    console.print(Text.from_ansi("\n".join([f"$ khobao {typed}", *ran.stdout.splitlines()[:lines]])))
    console.save_svg(str(picture), title="khobao")


def photograph(browser: Browser, address: str, picture: Path, size: str, colours: str) -> None:
    """Take a screenshot of the top of a page."""
    page = browser.new_page(viewport=SIZES[size], color_scheme=colours, locale="en")
    page.goto(address)
    page.screenshot(path=picture)
    page.close()


def address_of_a_change(archive: Path) -> str:
    """Find the latest edit of a text: the path of its page."""
    with closing(sqlite3.connect(archive)) as db:
        article, revision = db.execute(
            "SELECT article, max(revision) FROM versions WHERE change <> '' GROUP BY article ORDER BY seen_at DESC"
        ).fetchone()
    return f"/change/{article}/{revision}"


def make(folder: Path) -> None:
    """Crawl the demo, change some of its articles, and make every picture."""
    draw_terminal("demo", folder, HERE / "demo.svg", lines=24)
    archive = folder / "khobao-demo" / "archive.db"
    pressroom.change(archive)
    count = [*PROGRAM, "words", "--update", "--archive", str(archive)]
    subprocess.run(count, capture_output=True, check=True)
    change = address_of_a_change(archive)
    pages = PAGES | {"change": change, "article": f"/article/{change.split('/')[2]}"}
    with sync_playwright() as playwright, served(archive) as site:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, path in pages.items():
            for size, colours in LOOKS:
                photograph(browser, site + path, HERE / f"{name}-{size}-{colours}.png", size, colours)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        make(Path(scratch))
