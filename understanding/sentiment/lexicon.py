"""What a word of a text says, whatever its spelling: inflected, lengthened, without accents, compound, a hashtag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from understanding.fold import fold
from understanding.sentiment.answer import NO_WORDS, Words
from understanding.sentiment.forms import bases
from understanding.sentiment.tokens import MARKS
from understanding.sentiment.wordlists import LANGUAGES, MARK, NUMBER, PLAIN, SIGNS, VALENCE, Phrases, word_lists

Entry = tuple[int, float, float, Phrases]
"""What a token does, its valence -1 to 1, how much it strengthens what follows, and the phrases it begins."""

NOTHING: Entry = (PLAIN, 0.0, 1.0, {})
"""The one entry of every word that says nothing."""

_NUMBER: Entry = (NUMBER, 0.0, 1.0, {})
_MARK: Entry = (MARK, 0.0, 1.0, {})
_KEPT = 50_000
_LONGEST = 40
_LONGEST_PART = 14
_LENGTHENED = re.compile(r"(.)\1{2,}")
_LOUDER = 1.15
"""What a lengthened word counts more ("goeeeed"), and a compound more than what is in it ("superblij")."""
_FOREIGN = 0.85
"""What an English word in another language counts: it may be a name."""


class Lexicon:
    """The words of one language, with what the users changed. Safe to share between threads.

    Args:
        lang: ISO 639-1; another than the four, or `und`, gives all of them together.
        words: boosts and exclusions.
    """

    def __init__(self, lang: str, words: Words = NO_WORDS) -> None:
        lists = word_lists()
        self._lang = lang
        self._own = [lists[lang]] if lang in LANGUAGES else [lists[each] for each in LANGUAGES]
        self._english = lists["en"] if lang in LANGUAGES and lang != "en" else None
        self._signs = lists[SIGNS].valence
        self._tails = tuple(tail for read in self._own for tail in read.tails)
        self._prefixes = tuple(prefix for read in self._own for prefix in read.prefixes)
        self._boosts = {_bare(word): value for word, value in words.boosts.items() if _meant_for(word, lang)}
        self._excluded = frozenset(_bare(word) for word in words.excluded if _meant_for(word, lang))
        self._kept: dict[str, Entry] = {}

    def find_all(self, raws: list[str]) -> list[Entry]:
        """What each token says, as it stands in the text."""
        try:
            return list(map(self._kept.__getitem__, raws))  # twice as quick where all were met before
        except KeyError:
            known = self._kept.get
            return [known(raw) or self.find(raw) for raw in raws]

    def find(self, raw: str) -> Entry:
        """What a token says; `NOTHING` when nothing."""
        entry = self._kept.get(raw)
        if entry is None:
            entry = self._look_up(raw.lower().replace("\u2019", "'"))
            if len(raw) <= _LONGEST:
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[raw] = entry
        return entry

    def _look_up(self, word: str) -> Entry:
        if len(word) <= _LONGEST:
            folded = fold(word).removeprefix("#") if self._boosts or self._excluded else ""
            if folded in self._excluded:
                return NOTHING
            if folded in self._boosts:
                return _feeling(self._boosts[folded])
            if word in self._signs:
                return _feeling(self._signs[word])
        return self._no_word(word) or next(self._answers(word), NOTHING)

    def _no_word(self, word: str) -> Entry | None:
        """What a token is that no list can hold: punctuation, a number, a name, a link, a word without end."""
        if word[0] in MARKS:
            return _MARK
        if word[0].isdigit():
            return _NUMBER
        return NOTHING if word[0] == "@" or "://" in word or len(word) > _LONGEST else None

    def _answers(self, word: str) -> Iterator[Entry]:
        """What the word says as it is written, then ever further from that."""
        yield from self._known(word)
        if any(word in read.nothing for read in self._own):
            return
        if self._english is not None and word in self._english.valence and word not in self._own[0].foreign:
            yield _feeling(self._english.valence[word] * _FOREIGN)
        yield from (_feeling(value) for base in bases(word, self._lang) if (value := self._valence(base)))
        if _LENGTHENED.search(word):
            for shorter in (_LENGTHENED.sub(r"\1\1", word), _LENGTHENED.sub(r"\1", word)):
                yield from ((role, value * _LOUDER, factor, more) for role, value, factor, more in self._known(shorter))
        if word.startswith("#"):
            yield from self._tag(word[1:])
        elif word.startswith(self._prefixes) or word.endswith(self._tails):  # most words are neither
            yield from self._compound(word)

    def _known(self, word: str) -> Iterator[Entry]:
        for read in self._own:
            role, factor = read.roles.get(word, (VALENCE, 1.0))
            valence = read.valence.get(word)
            phrases = read.phrases.get(word, {})
            if word in read.roles or valence is not None or phrases:
                yield (role if valence is None else VALENCE), valence or 0.0, factor, phrases

    def _valence(self, word: str) -> float:
        """What a word says just as it is written; 0.0 when nothing."""
        for read in self._own:
            if word in read.valence:
                return read.valence[word]
        return 0.0

    def _compound(self, word: str) -> Iterator[Entry]:
        for read in self._own:
            for tail, valence in read.tails.items():
                if word.endswith(tail) and len(word) >= len(tail) + 3:
                    yield _feeling(valence)
            for prefix, valence in read.prefixes.items():
                rest = word.removeprefix(prefix).lstrip("-")
                if rest == word or len(rest) < 3:
                    continue
                if rest in read.heads:
                    yield _feeling(valence)
                elif rest in read.valence:
                    yield _feeling(read.valence[rest] * _LOUDER)

    def _tag(self, tag: str) -> Iterator[Entry]:
        """A hashtag: what it says as a word, else the feeling of the words it is made of."""
        if value := self._valence(tag):
            yield _feeling(value)
        yield from self._compound(tag)
        total, at = 0.0, 0
        while at < len(tag):
            size, value = self._part(tag, at)
            total += value
            at += size
        if total:
            yield _feeling(total)

    def _part(self, tag: str, at: int) -> tuple[int, float]:
        """The longest word with feeling that begins here: its length and valence; else one letter that says nothing."""
        for end in range(min(len(tag), at + _LONGEST_PART), at + 3, -1):
            if value := self._valence(tag[at:end]):
                return end - at, value
        return 1, 0.0


def _feeling(valence: float) -> Entry:
    return VALENCE, max(-1.0, min(1.0, valence)), 1.0, {}


def _meant_for(word: str, lang: str) -> bool:
    before, colon, _ = word.partition(":")
    return not colon or before == lang


def _bare(word: str) -> str:
    return fold(word.rpartition(":")[2])
