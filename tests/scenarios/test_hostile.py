"""The hostile newsstand: one crawl of every fault and of the good outlets."""

import json
import os
import shutil
import ssl
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from archive.maintenance.check import check
from archive.record import article_id
from archive.store.reader import ArchiveReader
from crawler.newsstand import Newsstand
from crawler.newsstand.article_pages import address
from crawler.newsstand.fault_model import TITLE
from crawler.newsstand.hostile import FAULTS, HASTE, HostileNewsstand
from crawler.newsstand.press import stories
from crawler.outlets.article_urls import article_key, canonical
from crawler.outlets.model import Outlet

pytestmark = pytest.mark.timeout(300)  # for a busy machine

# Runs the program, and prints its slowest callback of the event loop (seconds of CPU) and its largest size in KB. CPU
# time is measured because it does not depend on what else the machine does.
PROGRAM = """
import asyncio.events, pathlib, re, sys, time
from schedules.cli.main import main
slowest, run = [0.0, ""], asyncio.events.Handle._run
def timed(handle):
    began = time.thread_time()
    run(handle)
    if (taken := time.thread_time() - began) > slowest[0]:
        slowest[:] = [taken, repr(handle)]
asyncio.events.Handle._run = timed
try: main()
finally:
    size = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]
    print(slowest[1], slowest[0], size, sep="\\n", file=sys.stderr)
"""


@dataclass(frozen=True)
class Crawled:
    """The result of the crawl: archive, output, largest memory in MB, and the number of requests by address."""

    archive: Path
    err: str
    megabytes: int
    slowest: tuple[float, str]
    requests: list[str]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Crawl all faults and all good outlets in one run of the program."""
    folder = tmp_path_factory.mktemp("hostile")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    with HostileNewsstand(tls=serving(authority, "somebody-else.example")) as stand:
        for fault in FAULTS:
            (folder / f"{fault.outlet}.toml").write_text(declaration(stand.outlets[fault.outlet]), encoding="utf-8")
        shutil.copytree(resources.files("crawler") / "newsstand" / "outlets", folder, dirs_exist_ok=True)
        names = [*stand.outlets, *stand.newsstand.outlets]
        settings = {f"KHOBAO_{name.upper().replace('.', '__')}": str(value) for name, value in HASTE.items()}
        settings |= {"KHOBAO_OUTLETS__FOLDER": str(folder), "KHOBAO_NETWORK__CA_BUNDLE": str(folder / "ca.pem")}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KHOBAO_") and "proxy" not in k.lower()}
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, "crawl", *names, "--archive", "a.db"],
            env=clean | settings | stand.environment,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            timeout=280,
            check=False,
        )
    assert 1 == ran.returncode, ran.stderr[-2000:]
    *_, callback, seconds, size = ran.stderr.splitlines()
    return Crawled(folder / "a.db", ran.stderr, int(size) // 1024, (float(seconds), callback), stand.requests)


def serving(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Return the TLS context of a server with this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def declaration(outlet: Outlet) -> str:
    """Return an outlet as a declaration file in the user's folder."""
    facts = outlet.model_dump(include={"name", "home", "article", "language", "timezone"})
    lines = [f"{name} = {json.dumps(value)}" for name, value in facts.items()]
    sources = groupby(outlet.sources, key=lambda source: source.kind)
    listed = [f"{kind} = {json.dumps([source.url for source in group])}" for kind, group in sources]
    rules = [
        f"[reading]\nbody = {json.dumps(rules.body)}\nstrip = {json.dumps(rules.strip)}" for rules in outlet.reading
    ]
    return "\n".join((*lines, "[sources]", *listed, *rules))


@pytest.fixture(scope="module")
def archive(crawled):
    """The archive of the crawl."""
    with ArchiveReader.open(crawled.archive) as opened:
        yield opened


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_has_its_reason_in_the_ledger(archive, fault):
    """The ledger has the reason of each fault; faults without a reason are archived."""
    known = archive.address(fault.bad) if fault.at == "page" else archive.source(fault.poll)

    assert (fault.reason or "") == known.reason
    if fault.reason is None and fault.at == "page":
        assert TITLE in archive.article(fault.bad).record.document.title


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.spoils], ids=lambda fault: fault.name)
def test_the_good_page_beside_each_fault_is_archived(archive, fault):
    """A fault does no other harm: the good page of its host is archived."""
    assert TITLE == archive.article(fault.good).record.document.title


def test_every_good_article_beside_the_faults_is_archived(archive):
    """The good outlets are archived as if they were alone."""
    with Newsstand() as alone:
        outlets = alone.outlets
    published = {article_id(s.outlet, article_key(outlets[s.outlet], canonical(address(s)))): s for s in stories()}
    expected = {article for article, s in published.items() if s.kind in {"article", "photo", "opinion", "moved"}}

    assert expected == {record.id for record in archive.records() if record.outlet in outlets}


def test_a_page_that_breaks_a_worker_is_quarantined(archive):
    """A page that broke a worker is not fetched again within a week, and the worker was replaced."""
    (trap,) = [fault for fault in FAULTS if fault.strip]
    known = archive.address(trap.bad)

    assert timedelta(days=7) <= known.next_due_at - known.asked_at
    assert TITLE == archive.article(trap.good).record.document.title


def test_the_archive_is_whole(crawled, archive):
    """Nothing from the hostile sites damages the archive."""
    found = check(archive, crawled.archive.parent / "captures")

    assert [] == [finding for finding in found if finding.gravity == "error"]


def test_no_fault_is_requested_again_and_again(crawled):
    """Each host gets only a few requests, one for each address except redirects."""
    asked = Counter(urlsplit(address).hostname for address in crawled.requests)

    assert 10 >= max(asked.values())


def test_the_memory_stays_flat(crawled):
    """The memory of the process stays within that of a good crawl, plus a few bodies."""
    assert 180 >= crawled.megabytes


def test_no_callback_holds_the_event_loop(crawled):
    """No callback takes more than 200 ms of CPU, whatever the sites send: everything else would wait for it."""
    seconds, callback = crawled.slowest

    assert 0.2 > seconds, callback


def test_there_are_enough_faults():
    """The catalogue of faults keeps its promised size, and every name is unique."""
    assert 40 <= len(FAULTS) == len({fault.name for fault in FAULTS})


def test_the_demo_shows_each_fault_and_its_reason(tmp_path):
    """`khobao demo --hostile` lists every fault, and the number of good articles."""
    few = "from crawler.newsstand import hostile; hostile.FAULTS = hostile.IN_REDIRECTS[2:5]\n"
    told = subprocess.run(
        [sys.executable, "-c", few + PROGRAM, "demo", "--hostile", "--archive", "a.db"],
        env=os.environ | {"COLUMNS": "200"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout

    assert "redirect-to-file" in told
    assert "private_address: redirected to http://169.254.169.254/latest/meta-data/" in told
    assert "3 faults; all 49 articles of the good outlets beside them are archived" in told
