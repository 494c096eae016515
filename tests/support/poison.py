"""Imported in a worker process, makes pages that say so break their worker: a loop, a segfault, or much memory."""

import os
import signal
import sys

from crawler.page import Page
from crawler.reading import extract

_read_article = extract.read_article
LOOP, SEGFAULT, MEMORY = "poison: loop", "poison: segfault", "poison: memory"


def read_article(page: Page, *arguments):
    """Read a page, unless it is poisoned."""
    if LOOP in page.text:
        while True:
            pass
    if SEGFAULT in page.text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if MEMORY in page.text:
        bytearray(3_000_000_000)
    return _read_article(page, *arguments)


if (
    getattr(sys.modules["__main__"].__spec__, "name", "") == "crawler.workers.serving"
):  # elsewhere the reader stays as it is
    extract.read_article = read_article
