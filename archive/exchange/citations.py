"""Write the citation of an article as BibTeX, RIS, CSL-JSON or JSON-LD.

Sources: the BibTeX manual (Patashnik, 1988), the RIS format of Reference Manager (types and tags as Zotero reads them),
the schema of CSL-JSON 1.0.2 (https://docs.citationstyles.org) and https://schema.org/NewsArticle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_BIBTEX_SPECIAL = re.compile(r"[\\{}$&#_%~^]")
_BIBTEX_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Citation:
    """The facts of an article for a citation.

    Attributes:
        id: Id of the article.
        title: Its headline.
        authors: Names as printed: Vietnamese names begin with the family name.
        outlet: Name of the outlet.
        day: Civil date of publication.
        url: The address; empty for an imported document.
        language: BCP 47 tag; empty if unknown.
        section: Name of the section; may be empty.
        published_at: Instant of publication, ISO 8601; None if only the day is known.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    outlet: str
    day: date
    url: str = ""
    language: str = ""
    section: str = ""
    published_at: str | None = None

    @property
    def note(self) -> str:
        """The place of the archived copy."""
        return f"archived by khobao as {self.id}"


def bibtex(citation: Citation) -> str:
    """Return an entry of type `article`, which BibTeX uses for newspaper articles."""
    authors = " and ".join(f"{{{_escape_tex(name)}}}" for name in citation.authors)
    fields = {
        "title": f"{{{_escape_tex(citation.title)}}}",
        "author": authors,
        "journal": _escape_tex(citation.outlet),
        "year": f"{citation.day:%Y}",
        "month": f"{citation.day:%m}",
        "day": f"{citation.day:%d}",
        "date": citation.day.isoformat(),
        "url": citation.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "langid": _escape_tex(citation.language),
        "note": _escape_tex(citation.note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@article{{khobao_{citation.id},\n{lines}}}\n"


def _escape_tex(text: str) -> str:
    """Escape the characters that TeX would read as commands, and put the text on one line."""
    return _BIBTEX_SPECIAL.sub(lambda match: _BIBTEX_ESCAPES.get(match[0], f"\\{match[0]}"), _one_line(text))


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def ris(citation: Citation) -> str:
    """Return a record of type NEWS."""
    return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in _ris_lines(citation))


def _ris_lines(citation: Citation) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS"
    yield "ID", citation.id
    yield "TI", citation.title
    for name in citation.authors:
        yield "AU", name
    yield "T2", citation.outlet
    yield "PY", f"{citation.day:%Y}"
    yield "DA", f"{citation.day:%Y/%m/%d}/"
    for tag, value in (("SE", citation.section), ("UR", citation.url), ("LA", citation.language)):
        if value:
            yield tag, value
    yield "N1", citation.note
    yield "ER", ""


def csl_json(citation: Citation) -> str:
    """Return a list of one item of type article-newspaper."""
    item = {
        "id": citation.id,
        "type": "article-newspaper",
        "title": citation.title,
        "author": [{"literal": name} for name in citation.authors],
        "container-title": citation.outlet,
        "issued": {"date-parts": [[citation.day.year, citation.day.month, citation.day.day]]},
        "section": citation.section,
        "URL": citation.url,
        "language": citation.language,
        "note": citation.note,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"


def json_ld(citation: Citation) -> str:
    """Return a NewsArticle of schema.org."""
    item = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": citation.id,
        "headline": citation.title,
        "author": [{"@type": "Person", "name": name} for name in citation.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": citation.outlet},
        "datePublished": citation.published_at or citation.day.isoformat(),
        "articleSection": citation.section,
        "url": citation.url,
        "inLanguage": citation.language,
        "creditText": citation.note,
    }
    return json.dumps({name: value for name, value in item.items() if value}, ensure_ascii=False, indent=2) + "\n"


FORMATS = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}  # formats of `khobao show --format`
