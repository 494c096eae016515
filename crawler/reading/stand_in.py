"""Recognise pages served instead of an article: a consent wall, a bot check, a notice.

Such pages have status 200 and any wording, so a list of phrases is never complete. But they have nothing to do with
the article: they have no date of it, share no words with its headline, and have the same text at every address of
their host. One of these signs alone proves nothing; see `suspect` for the combinations that do.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archive.errors import Failure, Reason
from archive.record import Document, Record

_OWN_DATES = frozenset({"json-ld", "meta", "page"})  # sources of a date on the page itself
_SHARED = 0.5  # share of the words of a headline; an article has nearly all of them in its own headline and text
_HARDLY = 0.2
_SHORT = 150  # words
_FEW_WORDS = 3  # words of a headline; with fewer, a match is chance
_SHRUNK = 0.5  # share of the words that the article had before
WALL_ADDRESSES = 3  # addresses with the same text; two may be one article in two sections
_SLUG_WORDS = 4  # words of a slug; with fewer, it is a section or a code
_LOOKS = 2  # earlier visits with the same text, after which a doubtful page is accepted
_DISTINCT_TEXT = 1  # addresses with the text of an ordinary article
# Scripts without blanks between words: Thai, Lao, Burmese, Khmer, Kana and Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"(?=([{_UNSPACED}]{{2}}))|([^\W\d_{_UNSPACED}]{{2,}})")
_ACCENT = re.compile("[\u0300-\u036f]+")
_NOT_THERE = re.compile(
    r"expired|no longer (?:available|exist)|not (?:be )?found|(?:has|have|was|were) (?:been )?(?:removed|unpublished)|"
    r"không (?:còn )?tồn tại|đã (?:bị )?(?:xóa|xoá|gỡ)|hết hạn|"
    r"nicht mehr verfügbar|n'est plus disponible|ya no está disponible",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The facts about an article that are known before its page is read.

    Attributes:
        headline: The headline in a source; empty for none.
        earlier: The newest stored revision; None for none.
        url: The address; its slug is used if no source announced a headline.
        addresses: The number of articles of the host with the same text, this one included.
        looks: How often in a row this page was refused with the same text.
    """

    headline: str = ""
    earlier: Document | None = None
    url: str = ""
    addresses: int = _DISTINCT_TEXT
    looks: int = 0

    @property
    def is_confirmed(self) -> bool:
        """Whether the text stayed the same at several visits, and is only at this address."""
        return self.looks >= _LOOKS and self.addresses == _DISTINCT_TEXT


def suspect(record: Record, expected: Expectation) -> Failure | None:
    """Return why a record is probably not the article, or None.

    A record is strange if it shares less than half of the words of the headline in its source, or of the headline and
    of the text of the earlier revision. A strange record is refused if it has no date of its own, is less than half as
    long as the earlier revision, or is short and shares hardly any word. A text that was seen at three addresses of its
    host is refused if the record is strange or has no date of its own. Two weaker signs refuse a record only until
    later visits find the same text, at no other address: it shares hardly any word with the earlier revision, or, if no
    source announced a headline, with the slug of its address.

    Args:
        record: The record that was read from the page.
        expected: What is known about the article.

    Returns:
        ERROR_PAGE if the page says that the article does not exist, otherwise BLOCKED; both are retried.
    """
    why = next(_doubts(record.document, expected, undated=record.date_source not in _OWN_DATES), "")
    return _failure(record, why) if why else None


def _doubts(document: Document, expected: Expectation, *, undated: bool) -> Iterator[str]:
    """Yield the reasons for which a document is probably not the article."""
    earlier = expected.earlier
    headline = earlier.title if earlier else expected.headline
    words = _words(document.title)
    shared = _shared_words(words, headline, earlier)
    if shared < _SHARED or (undated and not headline):  # otherwise more words change nothing
        words = _words(f"{document.title}\n{document.text}")
        shared = _shared_words(words, headline, earlier)
    if expected.addresses >= WALL_ADDRESSES and (undated or shared < _SHARED):
        yield f"the same text is at {expected.addresses} addresses of this site or more"
    if undated and not headline and not expected.is_confirmed and _contradicts_slug(document, words, expected.url):
        yield "the page has no date of its own, and no word of its address"
    if shared >= _SHARED:
        return
    if undated:
        yield f"the page has no date of its own and does not mention {headline[:80]!r}"
    if shared < _HARDLY and _length(document) < _SHORT:
        yield f"the page is short and does not mention {headline[:80]!r} at all"
    if earlier and _length(document) < _SHRUNK * _length(earlier):
        yield f"the page is far shorter than before and does not mention {headline[:80]!r}"
    if earlier and not expected.is_confirmed and shared < _HARDLY:
        yield f"the page contains hardly a word of the article {headline[:80]!r}"


def text_digest(host: str, document: Document) -> str:
    """Return 16 hex digits that are the same for the same text on the same host."""
    return hashlib.blake2b(f"{host}\n{document.text}".encode(), digest_size=8).hexdigest()


def _failure(record: Record, why: str) -> Failure:
    words = f"{record.document.title}\n{record.document.text}"
    reason = Reason.ERROR_PAGE if _NOT_THERE.search(words[:2_000]) else Reason.BLOCKED
    return Failure(reason, f"the page is not the article, it is {record.document.title[:60]!r}: {why}")


def _shared_words(words: frozenset[str], headline: str, earlier: Document | None) -> float:
    """Return the share of a headline or of an earlier text that these words cover, the larger of the two."""
    kept = _share(_words(earlier.text), words, _FEW_WORDS) if earlier else 0.0
    return max(kept, _share(_words(headline), words, _FEW_WORDS))


def _contradicts_slug(document: Document, words: frozenset[str], url: str) -> bool:
    """Return whether a document has hardly a word of its address; never if it is not in Latin script."""
    if not all(word.isascii() for word in _words(document.title)):
        return False
    slug = max(re.split(r"[/.]", unquote(urlsplit(url).path)), key=len)
    return _share(_words(slug), words, _SLUG_WORDS) < _HARDLY


def _share(wanted: frozenset[str], words: frozenset[str], fewest: int) -> float:
    """Return the share of the wanted words that there are; 1 if too few are wanted to judge."""
    return len(wanted & words) / len(wanted) if len(wanted) >= fewest else 1.0


def _words(text: str) -> frozenset[str]:
    """Return the words of a text without accents; of scripts without blanks, the pairs of characters."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", text.casefold())).replace("đ", "d")
    return frozenset(pair or word for pair, word in _WORD.findall(plain))


def _length(document: Document) -> int:
    return len(document.text.split())
