"""Find the articles of the surrounding days that are most similar to an article."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from archive.stories.fingerprint import EVERYWHERE, Sketch, copied_share, count_names

UNKNOWN_OUTLET = "imported"  # the outlet of documents whose outlet is unknown
LEAST_SHARED_NAMES = (
    2  # names and numbers that two leads on one event share; fewer may be one person, one place or a set phrase
)
_NEAREST = 40  # articles whose similarity is computed
_MOST_MENTIONS = 3000  # articles that are compared because of names, the rarest names first
_MOST_WITH_ONE = 500  # newest articles with a name or a hash that are compared
_SHORTEST = 20  # shingles; a shorter text is never called a copy
_PRIOR_ARTICLES = 40  # articles that are added to small archives when weighing topics; half of them have everyday names


@dataclass(frozen=True, slots=True)
class ComparedArticle:
    """An article in a form that is compared with others.

    Attributes:
        number: The article's number in the archive.
        id: The article's id.
        outlet: The outlet's id.
        sketch: Its fingerprint.
    """

    number: int
    id: str
    outlet: str
    sketch: Sketch

    def is_other(self, peer: ComparedArticle) -> bool:
        """Return whether another article is, or may be, from another outlet."""
        return self.number != peer.number and (self.outlet != peer.outlet or self.outlet == UNKNOWN_OUTLET)


@dataclass(slots=True)
class DayIndex:
    """The articles of a day, indexed by their names and hashes."""

    peers: dict[int, ComparedArticle] = field(default_factory=dict)
    topics: Counter[int] = field(default_factory=Counter)  # for each topic, the number of leads with it
    names: dict[int, list[int]] = field(default_factory=dict)
    texts: dict[int, list[int]] = field(default_factory=dict)  # by the keys of their sketch
    weights: dict[int, float] = field(default_factory=dict)  # total weights of leads, computed at the first comparison

    def add(self, peer: ComparedArticle) -> None:
        """Add an article, so that later ones are compared with it."""
        self.peers[peer.number] = peer
        self.topics.update(peer.sketch.lead)
        for name in peer.sketch.names:
            self.names.setdefault(name, []).append(peer.number)
        for key in peer.sketch.keys:
            self.texts.setdefault(key, []).append(peer.number)

    def remove(self, number: int) -> None:
        """Remove an article that was edited; its new version is added afterwards."""
        peer = self.peers.pop(number)
        self.weights.pop(number, None)
        self.topics.subtract(peer.sketch.lead)
        for name in peer.sketch.names:
            self.names[name].remove(number)
        for key in peer.sketch.keys:
            self.texts[key].remove(number)


class _TopicWeights(dict[int, float]):
    """The weights of the topics of some days, each computed when it is first needed."""

    def __init__(self, days: Sequence[DayIndex]) -> None:
        self._days = days
        self._articles = sum(len(day.peers) for day in days) + _PRIOR_ARTICLES

    def __missing__(self, topic: int) -> float:
        mentions = 1 + sum([day.topics[topic] for day in self._days if topic in day.topics])
        mentions += _PRIOR_ARTICLES // 2 * (topic in EVERYWHERE)
        self[topic] = weight = math.log(self._articles / mentions) ** 2
        return weight


class SurroundingDays:
    """The articles of the days around an article, for comparison.

    The similarity of two leads is the cosine of their topics. A topic weighs log(n/m)² if m of the n articles of these
    days have it. The work for one article is bounded, however many articles a day has.
    """

    def __init__(self, days: Sequence[DayIndex]) -> None:
        self._days = days
        self._weights = _TopicWeights(days)
        self._new: dict[int, float] = {}

    def peer(self, number: int) -> ComparedArticle | None:
        """Return an article of these days."""
        for day in self._days:
            if number in day.peers:
                return day.peers[number]
        return None

    def nearest(self, peer: ComparedArticle) -> list[tuple[float, ComparedArticle]]:
        """Return articles of other outlets that share names, with their similarity, most similar first."""
        lists = sorted(
            (self._articles_with(name, [day.names for day in self._days]) for name in peer.sketch.names), key=len
        )
        topics, unread = set(peer.sketch.lead), 0
        while len(lists) > LEAST_SHARED_NAMES and sum(map(len, lists)) > _MOST_MENTIONS:
            lists.pop()
            unread += 1
        found = [
            (self.likeness(peer, other), other)
            for other in self._most_shared(lists, max(1, LEAST_SHARED_NAMES - unread))
            if peer.is_other(other) and count_names(topics.intersection(other.sketch.lead)) >= LEAST_SHARED_NAMES
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].number))

    def copies(self, peer: ComparedArticle, least: float) -> list[tuple[float, ComparedArticle]]:
        """Return articles of other outlets that share at least a part of the text, the largest part first."""
        if peer.sketch.shingles < _SHORTEST:
            return []
        lists = [self._articles_with(key, [day.texts for day in self._days]) for key in peer.sketch.keys]
        found = [
            (part, other)
            for other in self._most_shared(lists, 1)
            if peer.is_other(other)
            and other.sketch.shingles >= _SHORTEST
            and (part := copied_share(peer.sketch, other.sketch, least)) >= least
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].number))

    def _articles_with(self, what: int, days: list[dict[int, list[int]]]) -> list[int]:
        found: list[int] = []
        for day in days:
            if what in day:
                found += day[what]
        return found[-_MOST_WITH_ONE:]

    def _most_shared(self, lists: Iterable[list[int]], least: int) -> list[ComparedArticle]:
        """Return the articles that are in most of the lists, and in at least `least` of them."""
        often = Counter(chain.from_iterable(lists))
        numbers = sorted(number for number, times in often.items() if times >= least)
        numbers.sort(key=often.__getitem__, reverse=True)  # the order of equal ones stays
        return [peer for number in numbers[:_NEAREST] if (peer := self.peer(number))]

    def likeness(self, one: ComparedArticle, other: ComparedArticle) -> float:
        """Return the similarity of two leads, from 0 to 1."""
        shared = self._sum_weights(set(one.sketch.lead).intersection(other.sketch.lead))
        return shared / math.sqrt(self._total_weight(one) * self._total_weight(other)) if shared else 0.0

    def _total_weight(self, peer: ComparedArticle) -> float:
        for day in self._days:
            if peer.number in day.peers:
                if peer.number not in day.weights:
                    day.weights[peer.number] = self._sum_weights(peer.sketch.lead)
                return day.weights[peer.number]
        if peer.number not in self._new:
            self._new[peer.number] = self._sum_weights(peer.sketch.lead)
        return self._new[peer.number]

    def _sum_weights(self, topics: Iterable[int]) -> float:
        return sum(map(self._weights.__getitem__, topics))
