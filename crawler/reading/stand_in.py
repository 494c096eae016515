"""Recognise pages served instead of an article: a consent wall, a bot check, a notice.

Such pages come with status 200 and in any words, so a list of phrases is never complete. But they do not concern the
article: they have no date of it, share no words with its headline, and have the same text at every address of the
host. One of these signs alone proves nothing; see `suspect` for the combinations that do.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass

from archive.errors import Failure, Reason
from archive.record import Document, Record

_OWN_DATES = frozenset({"json-ld", "meta", "page"})  # sources of a date on the page itself
_SHARED = 0.5  # share of the words of a headline; an article has nearly all of them in its own headline and text
_HARDLY = 0.2
_SHORT = 150  # words
_FEW_WORDS = 3  # words of a headline; with fewer, a match is chance
_SHRUNK = 0.5  # share of the words that the article had before
_WALL_ADDRESSES = 3  # addresses with the same text; two may be one article in two sections
_REMEMBERED = 20_000  # texts that are remembered
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOT_THERE = re.compile(
    r"expired|no longer (?:available|exist)|not (?:be )?found|(?:has|have|was|were) (?:been )?(?:removed|unpublished)|"
    r"không (?:còn )?tồn tại|đã (?:bị )?(?:xóa|xoá|gỡ)|hết hạn|"
    r"nicht mehr verfügbar|n'est plus disponible|ya no está disponible",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known about an article before its page is read.

    Attributes:
        headline: The headline in a source; empty for none.
        earlier: The newest stored revision; None for none.
    """

    headline: str = ""
    earlier: Document | None = None


def suspect(record: Record, expected: Expectation, addresses: int = 1) -> Failure | None:
    """Return why a record is probably not the article, or None.

    A record is strange if it shares less than half of the words of the headline in its source or in the earlier
    revision. A strange record is refused if it has no date of its own, is less than half as long as the earlier
    revision, or is short and shares hardly any word. A text that was seen at three addresses of its host is refused if
    the record is strange or has no date of its own.

    Args:
        record: The record that was read from the page.
        expected: What is known about the article.
        addresses: The number of addresses of the host with the same text, this one included.

    Returns:
        ERROR_PAGE if the page says that the article does not exist, otherwise BLOCKED; both are retried.
    """
    headline = expected.earlier.title if expected.earlier else expected.headline
    shared, undated = _shared_words(record.document, headline), record.date_source not in _OWN_DATES
    if addresses >= _WALL_ADDRESSES and (undated or shared < _SHARED):
        return _failure(record, f"the same text is at {addresses} addresses of this site")
    if shared >= _SHARED:
        return None
    if undated:
        return _failure(record, f"the page has no date of its own and does not speak of {headline[:80]!r}")
    if shared < _HARDLY and _length(record.document) < _SHORT:
        return _failure(record, f"the page is short and does not speak of {headline[:80]!r} at all")
    if expected.earlier and _length(record.document) < _SHRUNK * _length(expected.earlier):
        return _failure(record, f"the page is far shorter than before and does not speak of {headline[:80]!r}")
    return None


def _failure(record: Record, why: str) -> Failure:
    words = f"{record.document.title}\n{record.document.text}"
    reason = Reason.ERROR_PAGE if _NOT_THERE.search(words[:2_000]) else Reason.BLOCKED
    return Failure(reason, f"a page stands in place of the article, {record.document.title[:60]!r}: {why}")


def _shared_words(document: Document, headline: str) -> float:
    """Return the share of a headline's words that a document has; 1 if the headline is too short."""
    wanted = _words(headline)
    if len(wanted) < _FEW_WORDS:
        return 1.0
    return len(wanted & _words(f"{document.title}\n{document.text}")) / len(wanted)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _length(document: Document) -> int:
    return len(document.text.split())


class SeenTexts:
    """Remember texts, and the articles of a host that had them: repetition reveals a wall."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        """Start empty.

        Args:
            most: How many texts are remembered; beyond that, the text that was not seen for longest is forgotten.
        """
        self._most = most
        self._seen: OrderedDict[tuple[str, bytes], frozenset[str]] = OrderedDict()

    def add(self, host: str, document: Document, article: str) -> int:
        """Record a text, and return for how many articles of the host it was seen.

        Args:
            host: The host of the page.
            document: The text of the page.
            article: The id of the article that it should be.
        """
        key = (host, hashlib.blake2b(document.text.encode(), digest_size=16).digest())
        articles = self._seen.pop(key, frozenset())
        if len(articles) < _WALL_ADDRESSES:
            articles |= {article}
        self._seen[key] = articles
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return len(articles)
