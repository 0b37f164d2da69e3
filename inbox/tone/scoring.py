"""The scorer that counts now: the model in use, and the words that people here adjusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import Connection

from inbox.desk import Desk
from store.engine import Store
from store.tone_fits import model_in_use
from store.tone_words import ToneWordRow, standing
from understanding.prepared import Prepared, prepare
from understanding.sentiment import NO_WORDS, Model, Scored, Scorer, Words, scored_text, tier_one
from understanding.sentiment.model import UnreadableModelError

_KEPT_S = 10


def scorer(desk: Desk) -> Scorer:
    """The scorer, as it was at most some seconds ago."""
    return desk.recent.get("tone scorer", desk.clock(), seconds=_KEPT_S, read=lambda: newest(desk.store))


def newest(store: Store) -> Scorer:
    """The scorer as it is now, for whoever scores what comes in."""
    with store.read() as conn:
        return scorer_of(conn, words_of(standing(conn)))


def scorer_of(conn: Connection, words: Words) -> Scorer:
    """The model in use with these words."""
    return tier_one(words, model_of(model_in_use(conn)))


def model_of(kept: str | None) -> Model | None:
    """A stored model; None for the one that came with the program, also where a stored one is of another version."""
    if kept is None:
        return None
    try:
        return Model.from_json(kept)
    except UnreadableModelError:
        return None


def words_of(rows: Iterable[ToneWordRow]) -> Words:
    """Adjusted words as a scorer takes them."""
    words = NO_WORDS
    for row in rows:
        words = adjusted(words, row.word, row.lang, row.weight)
    return words


def adjusted(words: Words, word: str, lang: str, weight: float | None) -> Words:
    """Words with one more that counts for something, or (None) for nothing; `lang` "" in every language."""
    name = f"{lang}:{word}" if lang else word
    boosts = {key: value for key, value in words.boosts.items() if key != name}
    if weight is None:
        return Words(boosts, words.excluded | {name})
    return Words({**boosts, name: weight}, words.excluded - {name})


class Spoken(Protocol):
    """What a score rests on."""

    @property
    def title(self) -> str | None:
        """The title, where there is one."""

    @property
    def text(self) -> str:
        """The text."""

    @property
    def lang(self) -> str:
        """Its language."""

    @property
    def rating(self) -> float | None:
        """What its author gave, 0-1."""


def scored(scorer: Scorer, one: Spoken) -> Scored:
    """The score of a message."""
    return scorer.score(prepared_of(one), one.lang, rating=one.rating)


def prepared_of(one: Spoken) -> Prepared:
    """What is scored of a message: title and text, as at ingest."""
    return prepare(scored_text(one.title, one.text))
