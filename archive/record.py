"""Define the values that cross from stage to stage, and the dated format (see docs/format.md).

The stages work one after the other: a `Candidate` is found, a `Capture` is fetched, a `Record` is read from it. A
`Document` is the part of a record that its dated text contains. All are frozen and use only types of the standard
library, so that processes can exchange and compare them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from archive.errors import FormatError

_HEAD = re.compile(r"\s*date (\d{4}-\d{2}-\d{2})\s+(\S.*)")
# "01:43 | 22/01/2025", "22/01/2025 01:43", "Thứ tư, 4/2/2026, 19:25 (GMT+7)": a line that holds only a date.
_DATELINE = re.compile(
    r"(?:\d{1,2}:\d{2}\s*[|,-]?\s*)?(?:[^\W\d]+(?: [^\W\d]+)?,\s*)?(?:ngày\s+)?(\d{1,2})[/-](\d{1,2})[/-](\d{4})"
    r"(?:[\s,|-]*\d{1,2}:\d{2}(?::\d{2})?)?(?:\s*\(?GMT[+-]\d{1,2}\)?)?",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # the categories Cc and Cs
_MOST_MARKS = 30  # as in the Stream-Safe Text Format (Unicode Standard Annex #15, section 13)
_LONG_LINE = 1000  # characters; a shorter line is fast to normalize, whatever it contains
_DATELINE_WITHIN = 4  # non-blank lines at the top in which a text without a head must have its dateline


@dataclass(frozen=True, slots=True)
class Document:
    """Hold the part of a record that its dated text contains.

    Attributes:
        date: The outlet-local civil date.
        title: The headline: one line, no blanks at its ends.
        text: Paragraphs separated by one blank line, NFC, LF, no blanks at the ends of lines; may be empty.

    Raises:
        FormatError: The title is empty.
    """

    date: date
    title: str
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", " ".join(line for line in _lines(self.title) if line))
        object.__setattr__(self, "text", "\n\n".join(_paragraphs(_lines(self.text))))
        if not self.title:
            raise FormatError("a document needs a headline")

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Split the text into paragraphs."""
        return tuple(self.text.split("\n\n")) if self.text else ()


def dumps(document: Document) -> str:
    """Write a document in the dated format, without a trailing newline."""
    head = f" date {document.date.isoformat()} {document.title}"
    return f"{head}\n\n{document.text}" if document.text else head


def loads(text: str) -> Document:
    """Read a document leniently: accept BOM, CRLF, stray blanks, or a dateline instead of a head.

    Raises:
        FormatError: There is no headline or no date.
    """
    lines = _lines(text.removeprefix("\ufeff"))
    filled = [i for i, line in enumerate(lines) if line]
    if not filled:
        raise FormatError("the text is empty; it should begin with ` date YYYY-MM-DD Headline`")
    if head := _HEAD.fullmatch(lines[filled[0]]):
        return Document(_day(*head[1].split("-")), head[2], "\n".join(lines[filled[0] + 1 :]))
    for i in filled[1:_DATELINE_WITHIN]:
        if dateline := _DATELINE.fullmatch(lines[i]):
            rest = lines[filled[0] + 1 : i] + lines[i + 1 :]
            return Document(_day(dateline[3], dateline[2], dateline[1]), lines[filled[0]], "\n".join(rest))
    raise FormatError(f"no date: the first line is {lines[filled[0]][:60]!r}; it should be ` date YYYY-MM-DD Headline`")


def _day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise FormatError(f"there is no day {year}-{month}-{day}") from None


def _lines(text: str) -> list[str]:
    """Split into lines in NFC, without control characters, lone surrogates or trailing blanks."""
    return [_normalize(_UNPRINTABLE.sub(_printable, line)).strip() for line in text.splitlines()]


def _normalize(line: str) -> str:
    """Normalize to NFC, with at most 30 combining marks in a row: longer runs take quadratic time."""
    if len(line) <= _LONG_LINE or line.isascii():
        return unicodedata.normalize("NFC", line)
    # Twice, because some marks become two when they are decomposed.
    return _without_long_runs(unicodedata.normalize("NFC", _without_long_runs(line)))


def _without_long_runs(line: str) -> str:
    if max(line) <= "\uffff" and not _long_run().search(line):
        return line
    marks, kept = 0, []
    for character in line:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


@cache
def _long_run() -> re.Pattern[str]:
    """Compile the pattern of a run of combining marks that is longer than any language writes."""
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{_MOST_MARKS + 1}}}")


def _printable(found: re.Match[str]) -> str:
    if found[0] >= "\ud800":
        return "\ufffd"  # a lone surrogate cannot be encoded in UTF-8
    return " " if found[0] == "\t" else ""


def _paragraphs(lines: Iterable[str]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return ["\n".join(paragraph) for paragraph in paragraphs if paragraph]


def article_id(outlet: str, key: str) -> str:
    """Compute an article's id: the first 16 hex digits of SHA-256 over `<outlet>:<article key>`."""
    return hashlib.sha256(f"{outlet}:{key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a link found in a source, with its title and time there.

    Attributes:
        url: The absolute address, as the source gives it.
        title: The headline in the source; empty if it gives no headline.
        published_at: The instant that the source gives, UTC; None if it gives no readable time.
        published_raw: The time as the source writes it.
    """

    url: str
    title: str = ""
    published_at: datetime | None = None
    published_raw: str = ""


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """Hold a link to an article of an outlet.

    Attributes:
        url: The canonical address.
        article: The id of the article that it leads to.
        candidate: The link as the source lists it.
    """

    url: str
    article: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Capture:
    """Hold an HTTP request and its response, byte for byte.

    Attributes:
        url: The address of this response (the last one of a chain of redirects).
        fetched_at: When the response began, UTC.
        status: The HTTP status.
        headers: The response's header fields, unchanged and in order.
        payload: The body as transferred, still content-encoded.
        request_headers: The header fields that were sent.
        http_version: Such as `HTTP/1.1`.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    request_headers: tuple[tuple[str, str], ...] = ()
    http_version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """Return the first value of a header field; names ignore case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Locate a stored capture.

    Attributes:
        file: The WARC file, relative to the folder of captures.
        offset: Where the response record begins, in bytes.
        length: Its length, in bytes.
        digest: The payload digest as in the WARC record, `sha1:BASE32`.
    """

    file: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """Hold the place of a stored capture, and its time.

    Attributes:
        ref: Where it is stored.
        fetched_at: When the response began, UTC.
    """

    ref: CaptureRef
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Hold the dated article that was read from a capture.

    Attributes:
        id: 16 hex digits, see `article_id`.
        outlet: The outlet's id.
        url: The canonical address; None for a document that came from a file.
        document: Date, headline and text.
        standfirst: The sapo; it is also the first paragraph of the text.
        captions: Picture captions with their credits; each is also a paragraph of the text.
        signature: The byline with its agency credits, as printed; it is also the end of the text.
        byline: The authors' names.
        credits: The agencies and outlets credited, one name each.
        tags: As the page shows them.
        section: The section the outlet files it under.
        published_at: The instant of publication, UTC; None if only the day is known.
        date_source: Where the date came from: json-ld, meta, page, feed (any source), url, htmldate or document.
        date_raw: The date as its source writes it; another source's date in brackets if that is more than a day away.
        modified_at: The instant of the outlet's last change, UTC.
        language: BCP 47 tag.
        kind: article, photo, video, live, emagazine or opinion.
        noarchive: The page asks (`noarchive`) not to be shown from an archive.
        reader: The version of the reader that read the page; empty if none did.
        rules: The outlet's rules that read it: today, until DATE, or generic if no rule found the text.
        doubts: Why the reading may be wrong, one sentence each; empty if there is no doubt.
    """

    id: str
    outlet: str
    url: str | None
    document: Document
    standfirst: str = ""
    captions: tuple[str, ...] = ()
    signature: str = ""
    byline: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    section: str = ""
    published_at: datetime | None = None
    date_source: str = ""
    date_raw: str = ""
    modified_at: datetime | None = None
    language: str = ""
    kind: str = "article"
    noarchive: bool = False
    reader: str = ""
    rules: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """Count the words of the text, separated by blanks."""
        return len(self.document.text.split())

    @property
    def body(self) -> str:
        """Return the text without standfirst, captions and signature.

        Each is removed as often as the record has it: a paragraph that repeats a caption stays.
        """
        rest = self.document.paragraphs
        opening, end = self.standfirst.split("\n\n"), self.signature.split("\n\n")
        if self.standfirst and list(rest[: len(opening)]) == opening:
            rest = rest[len(opening) :]
        if self.signature and list(rest[len(rest) - len(end) :]) == end:
            rest = rest[: len(rest) - len(end)]
        captions = Counter(self.captions)
        kept = []
        for paragraph in rest:
            if captions[paragraph]:
                captions[paragraph] -= 1
            else:
                kept.append(paragraph)
        return "\n\n".join(kept)
