"""Crawling recorded pages of real outlets under their real addresses.

KHOBAO_CORPORA names the folder of the corpora, and KHOBAO_REPLAY a script that replays one on loopback:
`python REPLAY --corpus FOLDER -- COMMAND…` runs a command with the proxy and the certificates of that replay.
"""

import csv
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import corpora

from crawler.outlets.catalogue import load_catalogue, outlet_for

REPLAY = "KHOBAO_REPLAY"


def listed(corpus: Path) -> dict[str, tuple[str, str, str]]:
    """Return the outlet, title and date of each article that a listing page of the corpus links to, by address."""
    with (corpus / "index.tsv").open(encoding="utf-8", newline="") as index:
        files = [row["file"] for row in csv.DictReader(index, delimiter="\t") if row["kind"] == "listing"]
    listings = [gzip.decompress((corpus / file).read_bytes()).decode() for file in files]
    catalogue = load_catalogue(None)
    found = {}
    for path in (corpus / "gold").glob("*.json"):
        gold = json.loads(path.read_text(encoding="utf-8"))
        outlet = outlet_for(catalogue, gold["url"])
        if outlet and any(f'"{urlsplit(gold["url"]).path}"' in page or gold["url"] in page for page in listings):
            found[gold["url"]] = (outlet.id, gold["title"], gold["date"])
    return found


@pytest.mark.timeout(300)
def test_an_article_in_a_listing_is_archived(tmp_path):
    """`khobao crawl OUTLET` archives each article of a recorded listing, with its title and date."""
    folder, replay = corpora.folder(), os.environ.get(REPLAY)
    if folder is None or not replay:
        pytest.skip(f"{corpora.VARIABLE} and {REPLAY} name no recorded pages and no way to replay them")
    expected = listed(folder / "corpus")
    program = [sys.executable, "-c", "from schedules.cli.main import main; main()"]
    outlets = sorted({outlet for outlet, _, _ in expected.values()})

    subprocess.run(
        [sys.executable, replay, "--corpus", folder / "corpus", "--", *program, "crawl", *outlets, "--archive", "a.db"],
        cwd=tmp_path,
        env=os.environ | {"KHOBAO_NETWORK__GAP": "0"},
        capture_output=True,
        timeout=280,
        check=False,
    )
    with closing(sqlite3.connect(tmp_path / "a.db")) as archive:
        rows = archive.execute("SELECT url, outlet, title, date FROM articles").fetchall()

    assert expected
    assert expected == {url: tuple(facts) for url, *facts in rows if url in expected}
