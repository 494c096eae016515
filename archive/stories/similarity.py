"""Find the articles of the surrounding days that are most similar to one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from archive.stories.fingerprint import EVERYWHERE, Sketch, copied, shared_names

NOBODY = "imported"  # whose documents are nobody knows whose
NAMED = 2  # names and numbers that leads on one event share: one person or place, or a set phrase, is no event
_NEAREST = 40  # articles whose likeness is worked out
_MENTIONS = 3000  # of an article's names, the rarest first, that are looked at
_COMMON = 500  # articles that have a name or a piece of text, of which the newest are looked at
_SHORTEST = 20  # shingles of a text that may be called a copy
_UNSEEN = 40  # articles that an archive is thought to have besides; half of them name what is in all news


@dataclass(frozen=True, slots=True)
class Peer:
    """An article that others are compared with.

    Attributes:
        number: Its number in the archive.
        id: Its id.
        outlet: Whose it is.
        sketch: What of it is compared.
    """

    number: int
    id: str
    outlet: str
    sketch: Sketch

    def is_other(self, peer: Peer) -> bool:
        """Whether it is of another outlet, or may be."""
        return self.number != peer.number and (self.outlet != peer.outlet or self.outlet == NOBODY)


@dataclass(slots=True)
class Day:
    """The articles of a day, and which of them has what."""

    peers: dict[int, Peer] = field(default_factory=dict)
    topics: Counter[int] = field(default_factory=Counter)  # how many leads speak of each
    names: dict[int, list[int]] = field(default_factory=dict)
    texts: dict[int, list[int]] = field(default_factory=dict)  # by their keys
    weights: dict[int, float] = field(default_factory=dict)  # of whole leads, as they were when first compared

    def add(self, peer: Peer) -> None:
        """Let later articles be compared with this one."""
        self.peers[peer.number] = peer
        self.topics.update(peer.sketch.lead)
        for name in peer.sketch.names:
            self.names.setdefault(name, []).append(peer.number)
        for key in peer.sketch.keys:
            self.texts.setdefault(key, []).append(peer.number)

    def drop(self, number: int) -> None:
        """Let nobody be compared any more with what an article was before it was edited."""
        peer = self.peers.pop(number)
        self.weights.pop(number, None)
        self.topics.subtract(peer.sketch.lead)
        for name in peer.sketch.names:
            self.names[name].remove(number)
        for key in peer.sketch.keys:
            self.texts[key].remove(number)


class Neighbourhood:
    """The articles of some days, to compare one with.

    The likeness of two leads is the cosine of what they speak of; each thing weighs log(n/m)² where m of the n articles
    of these days speak of it. How much is looked at for one article is bounded, however many a day has.
    """

    def __init__(self, days: Sequence[Day]) -> None:
        self._days = days
        self._articles = sum(len(day.peers) for day in days) + _UNSEEN
        self._weights: dict[int, float] = {}
        self._new: dict[int, float] = {}

    def peer(self, number: int) -> Peer | None:
        """Return an article of these days."""
        return next((day.peers[number] for day in self._days if number in day.peers), None)

    def nearest(self, peer: Peer) -> list[tuple[float, Peer]]:
        """Return articles of other outlets that share names, with their similarity, most similar first."""
        lists = sorted((self._having(name, [day.names for day in self._days]) for name in peer.sketch.names), key=len)
        unread = 0
        while len(lists) > NAMED and sum(map(len, lists)) > _MENTIONS:
            lists.pop()
            unread += 1
        found = [
            (self.likeness(peer, other), other)
            for other in self._met(lists, max(1, NAMED - unread))
            if peer.is_other(other) and shared_names(peer.sketch, other.sketch) >= NAMED
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].number))

    def copiers(self, peer: Peer) -> list[tuple[float, Peer]]:
        """Return articles of other outlets that may have the same text, with the shared part."""
        if peer.sketch.shingles < _SHORTEST:
            return []
        lists = [self._having(key, [day.texts for day in self._days]) for key in peer.sketch.keys]
        found = [
            (copied(peer.sketch, other.sketch), other)
            for other in self._met(lists, 1)
            if peer.is_other(other) and other.sketch.shingles >= _SHORTEST
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].number))

    def _having(self, what: int, days: list[dict[int, list[int]]]) -> list[int]:
        found: list[int] = []
        for day in days:
            if what in day:
                found += day[what]
        return found[-_COMMON:]

    def _met(self, lists: Iterable[list[int]], least: int) -> list[Peer]:
        """Those that are met most often, and so often at least."""
        often = Counter(chain.from_iterable(lists))
        numbers = sorted((-times, number) for number, times in often.items() if times >= least)[:_NEAREST]
        return [peer for _, number in numbers if (peer := self.peer(number))]

    def likeness(self, one: Peer, other: Peer) -> float:
        """How alike two leads are, from 0 to 1."""
        together = self._weigh(one.sketch.lead & other.sketch.lead)
        return together / math.sqrt(self._whole(one) * self._whole(other)) if together else 0.0

    def _whole(self, peer: Peer) -> float:
        for day in self._days:
            if peer.number in day.peers:
                if peer.number not in day.weights:
                    day.weights[peer.number] = self._weigh(peer.sketch.lead)
                return day.weights[peer.number]
        if peer.number not in self._new:
            self._new[peer.number] = self._weigh(peer.sketch.lead)
        return self._new[peer.number]

    def _weigh(self, topics: Iterable[int]) -> float:
        return sum(map(self._weight, topics))

    def _weight(self, topic: int) -> float:
        if topic not in self._weights:
            speak_of_it = 1 + sum([day.topics[topic] for day in self._days if topic in day.topics])
            speak_of_it += _UNSEEN // 2 * (topic in EVERYWHERE)
            self._weights[topic] = math.log(self._articles / speak_of_it) ** 2
        return self._weights[topic]
