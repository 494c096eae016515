"""Hold the content of an article's page, and join the pages of one article."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from crawler.parsing.blocks import squash
from crawler.reading import rejection
from crawler.reading.article import Article
from crawler.reading.bylines import Byline
from crawler.reading.metadata import PageMetadata
from crawler.reading.publication_date import PublicationDate


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of an article's page, which may lack a date or a headline.

    Attributes:
        url: The canonical address of the page, if it belongs to the outlet; otherwise the fetched address.
        title: The headline.
        when: When it was published; None if unknown.
        article: The parts of the article.
        people: The authors and credits.
        signature: Byline and credits at the end of the text: as printed, or built from the names.
        facts: The metadata of the page.
        modified_at: When it was last changed, UTC.
    """

    url: str
    title: str
    when: PublicationDate | None
    article: Article
    people: Byline
    signature: str
    facts: PageMetadata
    modified_at: datetime | None

    @property
    def text(self) -> str:
        """Join standfirst, paragraphs with captions, and signature by blank lines."""
        parts = (self.article.standfirst, *self.article.paragraphs, self.signature)
        return "\n\n".join(part for part in parts if part)

    def as_json(self) -> dict[str, object]:
        """Return the values that `khobao read --json` prints."""
        return {
            "url": self.url,
            "title": self.title,
            "date": self.when.day.isoformat() if self.when else None,
            "published_at": self.when.instant.isoformat() if self.when and self.when.instant else None,
            "text": self.text,
            "standfirst": self.article.standfirst,
            "body": "\n\n".join(self.article.body),
            "byline": list(self.people.authors),
            "credits": list(self.people.credits),
            "tags": list(self.tags),
            "section": self.section,
            "captions": list(self.article.captions),
            "kind": self.kind,
        }

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the tags that the page shows, or else those in its metadata."""
        return self.article.tags or tuple(self.facts.tags)

    @property
    def section(self) -> str:
        """Return the section of the article."""
        return self.article.section or self.facts.section

    @property
    def kind(self) -> str:
        """Return the kind of the article."""
        captions = sum(len(caption.split()) for caption in self.article.captions)
        return rejection.kind_of(self.url, self.facts, self.section, captions, len(self.text.split()))


def append_page(found: PageContent, more: PageContent) -> PageContent:
    """Append the text of a further page to an article, without text that the article already has."""
    seen = {block.key for block in found.article.blocks} | {squash(found.article.standfirst)}
    new = [block for block in more.article.blocks if block.key not in seen]
    people = Byline(
        tuple(dict.fromkeys((*found.people.authors, *more.people.authors))),
        tuple(dict.fromkeys((*found.people.credits, *more.people.credits))),
    )
    article = replace(found.article, blocks=[*found.article.blocks, *new])
    return replace(found, article=article, people=people, signature=more.article.signature or found.signature)
