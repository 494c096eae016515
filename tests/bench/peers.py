"""The other readers of pages, each in a process of its own: `python tests/bench/peers.py NAME` serves one.

khobao makes trafilatura's XPaths faster for its whole process, so no peer is measured beside it in one process.
"""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import re
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

Peer = Callable[[str, bytes], str]


def trafilatura(url: str, content: bytes) -> str:
    """Read a page with trafilatura and its metadata."""
    found = importlib.import_module("trafilatura").bare_extraction(_text(content), url=url, with_metadata=True)
    return found.text if found else ""


def trafilatura_fast(url: str, content: bytes) -> str:
    """Read a page with trafilatura in its fast mode, without metadata."""
    found = importlib.import_module("trafilatura").bare_extraction(_text(content), url=url, fast=True)
    return found.text if found else ""


def newspaper4k(url: str, content: bytes) -> str:
    """Read a page with newspaper4k."""
    return str(importlib.import_module("newspaper").article(url, input_html=_text(content), fetch_images=False).text)


def readability(url: str, content: bytes) -> str:
    """Read a page with readability-lxml."""
    summary = importlib.import_module("readability").Document(_text(content)).summary()
    return re.sub(r"<[^<>]*>", " ", summary)


def goose3(url: str, content: bytes) -> str:
    """Read a page with goose3."""
    return str(importlib.import_module("goose3").Goose().extract(raw_html=_text(content)).cleaned_text)


def news_please(url: str, content: bytes) -> str:
    """Read a page with news-please."""
    found = importlib.import_module("newsplease").NewsPlease.from_html(_text(content), url=url, fetch_images=False)
    return found.maintext or ""


def resiliparse(url: str, content: bytes) -> str:
    """Extract the main text of a page with resiliparse, which reads no metadata."""
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return str(extract(_text(content), main_content=True))


# Each reader with the module that must be installed for it.
PEERS: dict[str, tuple[str, Peer]] = {
    "trafilatura": ("trafilatura", trafilatura),
    "trafilatura fast": ("trafilatura", trafilatura_fast),
    "resiliparse": ("resiliparse", resiliparse),
    "newspaper4k": ("newspaper", newspaper4k),
    "readability": ("readability", readability),
    "goose3": ("goose3", goose3),
    "news-please": ("newsplease", news_please),
}


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def is_installed(name: str) -> bool:
    """Return whether a peer can be measured."""
    return importlib.util.find_spec(PEERS[name][0]) is not None


class PeerProcess:
    """A peer in a process of its own."""

    def __init__(self, name: str) -> None:
        """Start the process; it runs on the cores that this one may use."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def timed(self, url: str, content: bytes) -> tuple[str, float]:
        """Return the peer's result for a page, empty if it fails, and the CPU seconds that it took."""
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump((url, content), self._process.stdin)
        self._process.stdin.flush()
        found: tuple[str, float] = pickle.load(self._process.stdout)
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def forbid_network() -> None:
    """Let every connection fail immediately."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError("the benchmark runs offline")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    socket.getaddrinfo = refuse


def serve(read: Peer, calls: Any, answers: Any) -> None:
    """Read pages until there are no more."""
    while True:
        try:
            url, content = pickle.load(calls)
        except EOFError:
            return
        start = time.process_time()
        try:
            found = read(url, content)
        except Exception:  # noqa: BLE001 - other readers fail in their own ways, and find nothing then
            found = ""
        pickle.dump((found, time.process_time() - start), answers)
        answers.flush()


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a peer prints is no answer
    forbid_network()
    warnings.simplefilter("ignore")
    serve(PEERS[sys.argv[1]][1], sys.stdin.buffer, answers)
