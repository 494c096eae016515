"""Generate invented Vietnamese news from a small grammar, whose words are in `topics.toml`."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

from crawler.newsstand.story import Block, Story

HANOI = timezone(timedelta(hours=7))
_FIRST_DAY = datetime(2026, 1, 20, 6, 0, tzinfo=HANOI)


@dataclass(frozen=True, slots=True)
class Topic:
    """The subjects that an outlet reports on.

    Attributes:
        who: Who acts.
        did: What they did; `{n}` stands for a number.
        why: Why they did it.
        hope: The standfirst; `{place}` stands for the place.
        then: Sentences of the body.
        said: What people say.
    """

    who: str
    did: str
    why: str
    hope: str
    then: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The places, people and topics of one outlet; no other outlet has any of them."""

    section: str
    places: tuple[str, ...]
    people: tuple[str, ...]
    topics: tuple[Topic, ...]


@cache
def desks() -> dict[str, Desk]:
    """Load what each outlet of the newsstand invents news about, by the outlet's id."""
    text = (files("crawler") / "newsstand" / "topics.toml").read_text(encoding="utf-8")
    loaded = tomllib.loads(text)
    general = tuple(loaded.pop("general"))
    return {outlet: _desk(facts, general) for outlet, facts in loaded.items()}


def _desk(facts: dict[str, Any], general: tuple[str, ...]) -> Desk:
    topics = tuple(
        Topic(**{**topic, "then": (*topic["then"], *general), "said": tuple(topic["said"])})
        for topic in facts["topics"]
    )
    return Desk(facts["section"], tuple(facts["places"]), tuple(facts["people"]), topics)


def generated_stories(outlet: str, count: int, first_number: int) -> Iterator[Story]:
    """Generate stories of an outlet, the same at every call.

    Args:
        outlet: The outlet's id; an outlet outside the newsstand gets the subjects of the first outlet.
        count: The number of stories.
        first_number: The article number of the first story; the others follow.
    """
    desk = desks().get(outlet) or next(iter(desks().values()))
    for i in range(count):
        dice = random.Random(f"{outlet}:{i}")  # noqa: S311 - prose, not secrets
        published = _FIRST_DAY + timedelta(hours=5 * i, minutes=dice.randrange(60))
        yield _story(outlet, first_number + i, desk, desk.topics[i % len(desk.topics)], dice, published)


def _story(outlet: str, number: int, desk: Desk, topic: Topic, dice: random.Random, published: datetime) -> Story:
    place, did = dice.choice(desk.places), topic.did.format(n=dice.randrange(3, 90))
    paragraphs = [f"{_capital(topic.who)} ở {place} vừa {did} {topic.why}.", *_body(desk, topic, place, dice)]
    blocks = [Block("text", paragraph) for paragraph in paragraphs]
    caption = f"Một góc {place} trong ngày đầu công việc bắt đầu. Ảnh: {dice.choice(desk.people)}"
    blocks.insert(dice.randrange(1, 3), Block("picture", caption))
    return Story(
        outlet=outlet,
        number=number,
        title=f"{_capital(place)}: {topic.who} {did}",
        section=desk.section,
        published=published,
        standfirst=topic.hope.format(place=place),
        blocks=tuple(blocks),
        byline=dice.choice(desk.people),
        tags=(place, topic.who),
    )


def _body(desk: Desk, topic: Topic, place: str, dice: random.Random) -> Iterator[str]:
    """Yield paragraphs of two sentences without repetition; some paragraphs end with a quotation."""
    sentences = dice.sample(topic.then, 2 * dice.randrange(3, 5))
    speakers, quotations = dice.sample(desk.people, 2), dice.sample(topic.said, 2)
    for i in range(0, len(sentences), 2):
        pair = " ".join(text.format(place=place, n=dice.randrange(11, 98)) for text in sentences[i : i + 2])
        said = ""
        if i % 4 and quotations:
            said = f" “{quotations.pop()}”, {speakers.pop()}, {dice.randrange(24, 77)} tuổi, nói."
        yield pair + said


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
