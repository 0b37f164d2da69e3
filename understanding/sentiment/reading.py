"""One pass over the tokens of a text: hits, what turns and strengthens them, and what else tells.

Each word with feeling is a hit: strengthened or weakened by what stands before it, turned by a negation in the same
clause, before it ("niet goed") or after it ("dat werkt niet"), and worth less before a "maar" than after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from understanding.sentiment.lexicon import NOTHING, Entry, Lexicon
from understanding.sentiment.wordlists import (
    AGAIN,
    BUT,
    MARK,
    NEGATOR,
    NUMBER,
    STARS,
    STRONGER,
    TIME,
    VALENCE,
    WEAKER,
    WISH,
    WISHED,
    YOU,
)

PLAIN, TURNED, SIGN = range(3)
"""Kinds of hits: a word, a word under a negation, an emoji or emoticon."""

_REACH = 4
"""Words a negation reaches, before and after it."""
_WISH_REACH = 8
_BEFORE_BUT = 0.5
_CAPITALS = 1.2
_NEVER = -99
_MOST_STARS = 5
_SPELLED = {
    **dict.fromkeys(("een", "één", "one", "ein", "einen", "une"), 1),
    **dict.fromkeys(("twee", "two", "zwei", "deux"), 2),
    **dict.fromkeys(("drie", "three", "drei", "trois"), 3),
    **dict.fromkeys(("vier", "four", "quatre"), 4),
    **dict.fromkeys(("vijf", "five", "fünf", "cinq"), 5),
    **{str(count): count for count in range(1, _MOST_STARS + 1)},
}
"""How many stars, as people write it."""
_COUNTED = {YOU: "you", AGAIN: "again", TIME: "time"}


@dataclass(slots=True)
class Hit:
    """A word or sign with feeling: its valence after what strengthens it, its kind, its tokens [first, last].

    The tokens are what to point at: with the word the negation that turns it and the word that strengthens it.
    """

    first: int
    last: int
    value: float
    kind: int = PLAIN


class Reading:
    """A text read once.

    Attributes:
        hits: in the order of the text.
        counts: what else tells, by name of feature.
        words: how many tokens are no punctuation.
        rating: 0-1 when the text names one ("4 sterren", "8/10").
        ends_asking: whether a question mark closes the text.
    """

    __slots__ = (
        "_clause",
        "_negation",
        "_raws",
        "_stronger",
        "_stronger_at",
        "_unused",
        "_wish",
        "counts",
        "ends_asking",
        "hits",
        "rating",
        "words",
    )

    def __init__(self, raws: list[str], lexicon: Lexicon) -> None:
        self.hits: list[Hit] = []
        self.counts: dict[str, float] = defaultdict(float)
        self.words = 0
        self.rating: float | None = None
        self.ends_asking = False
        self._raws = raws
        self._clause = 0
        self._negation = _NEVER
        self._unused = False
        self._stronger, self._stronger_at = 1.0, _NEVER
        self._wish = _NEVER
        self._read(lexicon)

    def _read(self, lexicon: Lexicon) -> None:
        resume = marks = 0
        for at, entry in enumerate(lexicon.find_all(self._raws)):
            if entry is NOTHING:
                continue
            role = entry[0]
            if role == MARK:
                marks += 1
                self._mark(at, self._raws[at])
            elif role == NUMBER:
                self.counts["numbers"] += 1.0
            elif at >= resume:
                resume = self._word(at, self._raws[at], entry, lexicon)
        self.words = len(self._raws) - marks
        self._end_clause(len(self._raws))

    def _word(self, at: int, raw: str, entry: Entry, lexicon: Lexicon) -> int:
        """Take a word the lexicon knows; returns the token to go on with."""
        role, value, factor, phrases = entry
        if phrases and at + 1 < len(self._raws):
            for rest, whole in phrases.get(self._raws[at + 1].lower(), ()):
                end = at + 1 + len(rest)
                if len(rest) == 1 or [raw.lower() for raw in self._raws[at + 1 : end]] == list(rest):
                    self._phrase(at, end, whole, negates=lexicon.find(self._raws[end - 1])[0] == NEGATOR)
                    return end
        if role == VALENCE:
            if value:
                self._valence(at, raw, value)
            if factor != 1.0:
                self._stronger, self._stronger_at = factor, at
        elif role in _COUNTED:
            self.counts[_COUNTED[role]] += 1.0
        else:
            self._DOES[role](self, at, factor)
        return at + 1

    def _phrase(self, at: int, end: int, value: float, *, negates: bool) -> None:
        """A phrase: of valence 0 it keeps its words from counting; ending in a negation it turns what follows."""
        if value:
            self._strengthened(at, Hit(at, end - 1, value))
        if negates:
            self._turn_back()
            self._negation = end - 1

    def _valence(self, at: int, raw: str, value: float) -> None:
        if not (raw[0].isalnum() or raw[0] == "#"):
            self.hits.append(Hit(at, at, value, SIGN))
            return
        if raw.isupper() and len(raw) > 2:
            value *= _CAPITALS
        hit = Hit(at, at, value)
        if at - self._negation <= _REACH:
            hit.kind = TURNED
            if self._unused and not (self.hits and self.hits[-1].last > self._negation):
                hit.first = self._negation
            self._unused = False
        self._strengthened(at, hit)

    def _strengthened(self, at: int, hit: Hit) -> None:
        if self._stronger_at == at - 1:
            if self.hits and self.hits[-1].last == at - 1 and self.hits[-1].kind != SIGN:
                hit.first = min(hit.first, self.hits.pop().first)  # "vreselijk mooi": it only strengthened
            hit.value *= self._stronger
        self.hits.append(hit)

    def _mark(self, at: int, raw: str) -> None:
        """Punctuation: it ends a clause, and some of it tells."""
        self._end_clause(at)
        if raw[0] not in "!?":
            if raw[0] == "\u2026" or len(raw) > 1:
                self.counts["dots"] += 1.0
            return
        if "?" in raw:
            self.counts["questions"] += 1.0
            self.ends_asking = at == len(self._raws) - 1
        if "!" in raw:
            self.counts["exclamations"] += 1.0 if len(raw) == 1 else 2.0

    def _end_clause(self, at: int) -> None:
        self._turn_back()
        self._negation, self._clause = _NEVER, at

    def _turn_back(self) -> None:
        """A negation nothing followed turns the hit just before it: "dat werkt niet", "das gefällt mir nicht"."""
        if self._unused and self.hits:
            last = self.hits[-1]
            near = self._clause <= last.first and last.last < self._negation <= last.last + _REACH
            if near and last.kind == PLAIN and last.value > 0:
                last.kind, last.last = TURNED, self._negation
                self._unused = False
        if self._unused:
            self.counts["idle_negations"] += 1.0
        self._unused = False

    def _negate(self, at: int, factor: float) -> None:
        """A negation; with a factor of 0 it is one of what follows only: "zonder", "without"."""
        self._turn_back()
        self._negation, self._unused = at, factor > 0

    def _strengthen(self, at: int, factor: float) -> None:
        self._stronger = self._stronger * factor if self._stronger_at == at - 1 else factor
        self._stronger_at = at

    def _but(self, at: int, _: float) -> None:
        self._end_clause(at)
        for hit in self.hits:
            hit.value *= _BEFORE_BUT

    def _wishing(self, at: int, _: float) -> None:
        self._wish = at

    def _wished(self, at: int, _: float) -> None:
        if at - self._wish <= _WISH_REACH:
            self.counts["wishes"] += 1.0
            self._wish = _NEVER

    def _stars(self, at: int, _: float) -> None:
        count = _SPELLED.get(self._raws[at - 1].lower()) if at else None
        if count:
            self.rating = count / _MOST_STARS

    _DOES: ClassVar[dict[int, Callable[[Reading, int, float], None]]] = {
        NEGATOR: _negate,
        STRONGER: _strengthen,
        WEAKER: _strengthen,
        BUT: _but,
        WISH: _wishing,
        WISHED: _wished,
        STARS: _stars,
    }
