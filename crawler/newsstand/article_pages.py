"""Render the article pages of the invented outlets, each in the style of its publishing system."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from crawler.newsstand import page_clutter as clutter
from crawler.newsstand.story import Block, Story, slug

_WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


@dataclass(frozen=True, slots=True)
class System:
    """A publishing system: the templates of an invented outlet's pages.

    Attributes:
        template: The file name of the page template.
        address: Returns a story's address.
        printed: The format of printed times.
        blocks: The markup of each kind of block.
        standfirst: The markup of a standfirst.
        byline: The markup of a byline inside the body or below it; empty if the template has a place for it.
        related: A box that is inserted into the body after the second block; empty for none.
    """

    template: str
    address: Callable[[Story], str]
    printed: str
    blocks: Mapping[str, str]
    standfirst: str
    byline: str = ""
    related: str = ""


_BLOCKS = {"text": "<p>{text}</p>", "heading": "<h3>{text}</h3>", "item": "<ul><li>{text}</li></ul>"}

SYSTEMS = {
    "songhong": System(
        "ims",
        lambda s: f"http://songhong.example/{s.slug}-299{s.published - timedelta(hours=9):%y%m%d}{s.number:09}.htm",
        "%d/%m/%Y %H:%M GMT+7",
        _BLOCKS
        | {
            "picture": '<figure class="VCSortableInPreviewMode" type="Photo"><div>{image}</div>'
            '<figcaption class="PhotoCMS_Caption"><p>{text}</p></figcaption></figure>'
        },
        '<h2 class="detail-sapo" data-role="sapo">{text}</h2>',
        '<p style="text-align:right"><strong>{text}</strong></p>',
        '<div class="VCSortableInPreviewMode" type="RelatedOneNews"><a href="{url}">{title}</a></div>',
    ),
    "phuongnam": System(
        "epi",
        lambda s: f"http://phuongnam.example/{'noi-bo/' if s.kind == 'private' else ''}{s.slug}-post{s.number}.pnb",
        "%d/%m/%Y %H:%M",
        _BLOCKS
        | {
            "picture": '<table class="picture"><tr><td>{image}</td></tr></table><figure class="picture">'
            "<figcaption>{text}</figcaption></figure>"
        },
        '<div class="article__sapo cms-desc">{text}</div>',
        related='<div class="article-relate" data-source="related-news"><a href="{url}">{title}</a></div>',
    ),
    "vntin": System(
        "own",
        lambda s: f"http://vntin.example/{s.slug}-{s.number:07}.html",
        "{weekday}, {day}/{month}/%Y, %H:%M (GMT+7)",
        {
            "text": '<p class="Normal">{text}</p>',
            "heading": '<h2 class="Normal">{text}</h2>',
            "item": '<ul><li class="Normal">{text}</li></ul>',
            "picture": '<figure class="tplCaption"><div class="fig-picture">{image}</div>'
            '<figcaption><p class="Image">{text}</p></figcaption></figure>',
        },
        '<p class="description"><span class="location-stamp">Hà Nội</span>{text}</p>',
        '<p class="Normal" style="text-align:right;"><strong>{text}</strong></p>',
        '<ul class="list-news"><li><a href="{url}">{title}</a></li></ul>',
    ),
    "biendong": System(
        "drupal",
        lambda s: f"http://biendong.example/{slug(s.section)}/{s.slug}-post{s.number}.dbd",
        "{weekday}, %H:%M, %d/%m/%Y",
        _BLOCKS | {"picture": "<figure>{image}<figcaption>{text}</figcaption></figure>"},
        '<h2 class="sapo">{text}</h2>',
        '<div class="article-author">{text}</div>',
    ),
    "cholon": System(
        "handmade",
        lambda s: f"http://cholon.example/tin.asp?muc={len(s.section)}&id={s.number}",
        "%H:%M | %d/%m/%Y",
        {
            "text": "<p align='justify'>{text}</p>",
            "heading": "<p><b>{text}</b></p>",
            "item": "<p>- {text}</p>",
            "picture": "<table class='hinh'><tr><td>{image}</td></tr></table><p align='center'><i>{text}</i></p>",
        },
        "<p class='sapo'><b>{text}</b></p>",
        "<p align='right' class='tacgia'><b>{text}</b></p>",
    ),
}


def address(story: Story) -> str:
    """Return the address of a story at its outlet."""
    return SYSTEMS[story.outlet].address(story)


def page(story: Story, others: Sequence[Story]) -> bytes:
    """Render the page of a story.

    Args:
        story: The story.
        others: Stories of the same outlet, for boxes and lists around it.
    """
    system = SYSTEMS[story.outlet]
    pairs = [(address(other), other.title) for other in others if other is not story]
    facts = _facts(story, system, pairs) | {"body": _body(story, system, pairs)}
    text = _template(system.template).substitute(facts)
    return windows_1258(text) if story.outlet == "cholon" else text.encode()


@cache
def _template(name: str) -> Template:
    return Template((files("crawler") / "newsstand" / "templates" / f"{name}.html").read_text(encoding="utf-8"))


def _facts(story: Story, system: System, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    at = story.published
    printed = "" if story.kind == "undated" else at.strftime(_format_date(system.printed, story))
    byline = story.byline or ("" if story.outlet in {"vntin", "biendong", "cholon"} else "Ban biên tập")
    return {
        "title": escape(story.title),
        "ld_type": "VideoObject" if story.kind == "video" else "NewsArticle",
        "title_json": json.dumps(story.title),
        "standfirst": escape(story.standfirst),
        "standfirst_json": json.dumps(story.standfirst),
        "standfirst_html": system.standfirst.format(text=escape(story.standfirst)) if story.standfirst else "",
        "byline": escape(story.byline),
        "byline_json": json.dumps(byline, ensure_ascii=False),
        "byline_html": system.byline.format(text=escape(story.byline)) if story.byline else "",
        "source": escape(story.source),
        "source_html": f'<div class="article__source">{escape(story.source)}</div>' if story.source else "",
        "section": story.section,
        "section_slug": slug(story.section),
        "tags": " ".join(f'<a href="/tag/{slug(tag)}">#{escape(tag)}</a>' for tag in story.tags),
        "tags_joined": escape(", ".join(story.tags)),
        "tag_metas": "".join(f'<meta property="article:tag" content="{escape(tag)}">' for tag in story.tags),
        "number": str(story.number),
        "url": address(story),
        "naive": at.strftime("%Y-%m-%dT%H:%M:%S"),
        "offset": at.isoformat(),
        "offset_escaped": at.isoformat().replace("+", "&#x2B;"),
        "earlier": (
            at - timedelta(hours=1)
        ).isoformat(),  # real sites "modify" scheduled articles before they are published
        "utc": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "printed": printed,
        "menu": clutter.menu(),
        "weather": clutter.weather(),
        "script": clutter.script(),
        "style": clutter.style(),
        "related": clutter.links(pairs[:4]),
        "related_url": pairs[0][0] if pairs else "/",
        "related_title": escape(pairs[0][1]) if pairs else "",
        "most_read": clutter.links(pairs[4:14]),
        "old_news": "".join(f"<p>{escape(title)[:140]}..</p><p>21:34 | 12/06/2025</p>" for _, title in pairs[:8]),
    }


def _format_date(form: str, story: Story) -> str:
    at = story.published
    return form.format(weekday=_WEEKDAYS[at.weekday()], day=at.day, month=at.month)


def _body(story: Story, system: System, pairs: Sequence[tuple[str, str]]) -> str:
    if story.kind == "video":
        return '<div class="player" data-video="/video/1.m3u8"></div>'
    printed = [_block(block, system, number) for number, block in enumerate(story.blocks)]
    if system.related and pairs:
        box = system.related.format(url=pairs[-1][0], title=escape(pairs[-1][1]))
        printed.insert(min(2, len(printed)), box)
    if system.template in {"ims", "own"}:
        signed = (story.byline, story.source)
        printed += [system.byline.format(text=escape(name)) for name in signed if name]
    return "\n".join(printed)


def _block(block: Block, system: System, number: int) -> str:
    return system.blocks[block.kind].format(text=escape(block.text, quote=False), image=clutter.picture(number))


def windows_1258(text: str) -> bytes:
    """Encode a text in windows-1258, where most Vietnamese letters are a letter plus a tone mark."""
    return b"".join(_octets(char) for char in text)


def _octets(char: str) -> bytes:
    try:
        return char.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", char)
        tone = next((c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"), "")
        letter = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else char
        return (letter + tone).encode("cp1258", "xmlcharrefreplace")
