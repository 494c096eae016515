"""Recognise a page in place of an article: a consent wall, a bot check, a maintenance notice.

Such pages come with status 200 and in any words, so no list of phrases is ever complete. What they have in common is
that they do not speak of the article: they carry no date of it, share no words with its headline, and say the same
under every address of the host. One sign alone proves nothing; see `suspect` for what does.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass

from archive.errors import Failure, Reason
from archive.record import Document, Record

_OWN_DATES = frozenset({"json-ld", "meta", "page"})  # where a page says itself when it was published
_SHARED = 0.5  # of the words of a headline; an article has nearly all of them in its own headline and text
_HARDLY = 0.2
_SHORT = 150  # words
_FEW_WORDS = 3  # in a headline, below which chance decides
_SHRUNK = 0.5  # of the words that the article had
_WALL_ADDRESSES = 3  # that say the same; two may be one article in two sections
_REMEMBERED = 20_000  # texts
_WORD = re.compile(r"[^\W\d_]{2,}")
_NOT_THERE = re.compile(
    r"expired|no longer (?:available|exist)|not (?:be )?found|(?:has|have|was|were) (?:been )?(?:removed|unpublished)|"
    r"không (?:còn )?tồn tại|đã (?:bị )?(?:xóa|xoá|gỡ)|hết hạn|"
    r"nicht mehr verfügbar|n'est plus disponible|ya no está disponible",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of an article before its page is read.

    Attributes:
        headline: What a source announced; empty for nothing.
        earlier: The newest revision that is kept; None for none.
    """

    headline: str = ""
    earlier: Document | None = None


def suspect(record: Record, expected: Expectation, addresses: int = 1) -> Failure | None:
    """Return why a record is probably not the article, or None.

    A record is strange where it shares less than half of the words of the headline that was announced, or that the
    earlier revision had. A strange record is suspected where it has no date of its own, is less than half as long as
    the earlier revision, or is short and shares hardly any word. A text that was seen at three addresses of its host is
    suspected where the record is strange or has no date of its own.

    Args:
        record: What was read from the page.
        expected: What is known of the article.
        addresses: At how many addresses of the host the same text was seen, this one included.

    Returns:
        ERROR_PAGE where the page says that the article is not there, else BLOCKED; both are asked again.
    """
    headline = expected.earlier.title if expected.earlier else expected.headline
    shared, undated = _shared_words(record.document, headline), record.date_source not in _OWN_DATES
    if addresses >= _WALL_ADDRESSES and (undated or shared < _SHARED):
        return _failure(record, f"the same text stands at {addresses} addresses of this site")
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
    """Return the share of a headline's words that a document has; 1 for a headline too short to tell."""
    wanted = _words(headline)
    if len(wanted) < _FEW_WORDS:
        return 1.0
    return len(wanted & _words(f"{document.title}\n{document.text}")) / len(wanted)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _length(document: Document) -> int:
    return len(document.text.split())


class SeenTexts:
    """Remember texts and which articles of a host had them: repetition reveals a wall."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        """Remember nothing yet.

        Args:
            most: How many texts are remembered; beyond that, the one not seen for longest is forgotten.
        """
        self._most = most
        self._seen: OrderedDict[tuple[str, bytes], frozenset[str]] = OrderedDict()

    def add(self, host: str, document: Document, article: str) -> int:
        """Record a text, and return at how many articles of the host it was seen.

        Args:
            host: Of the page.
            document: What it says.
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
