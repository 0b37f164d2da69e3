"""What adjusting a word would do, tried on messages that hold it before anybody applies it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from inbox.desk import Desk
from inbox.tone import words
from inbox.tone.scoring import adjusted, prepared_of, scorer_of, words_of
from inbox.tone.views import Change, Recount
from store.sentiments import HAND, tier_of
from store.tone_words import Holding, holding, standing
from understanding.sentiment import Scorer

TEXTS = 2_000
"""Messages that are scored twice; only messages that hold the word can change, so these are the ones to look at."""
_EXAMPLES = 12
_SNIPPET = 280


@dataclass(frozen=True, slots=True)
class _Move:
    before: str
    after: str
    one: Holding


def recount(desk: Desk, text: str, *, lang: str, weight: float | None) -> Recount:
    """Score the newest messages that hold a word without and with the change; nothing is changed.

    What an agent corrected and what a better tier scored stays as it is, and is left out.

    Raises:
        BadInput: see `words.put`.
    """
    word, lang, weight = words.read(text, lang=lang, weight=weight)
    with desk.store.read() as conn:
        now = words_of(standing(conn))
        found = holding(conn, word, limit=TEXTS)
        before, after = scorer_of(conn, now), scorer_of(conn, adjusted(now, word, lang, weight))
    quick = [one for one in found if one.sentiment_by != HAND and tier_of(one.sentiment_by) <= 1]
    moves = changed(before, after, [one for one in quick if not lang or one.lang == lang])
    counted = Counter((move.before, move.after) for move in moves)
    return Recount(
        word=word,
        lang=lang,
        weight=weight,
        n_texts=len(quick),
        whole=len(found) < TEXTS,
        n_changed=len(moves),
        moves=tuple((was, becomes, n) for (was, becomes), n in counted.most_common()),
        examples=tuple(
            Change(move.one.mention_id, move.one.conversation_id, _short(move.one), move.before, move.after)
            for move in moves[:_EXAMPLES]
        ),
    )


def changed(before: Scorer, after: Scorer, texts: Sequence[Holding]) -> list[_Move]:
    """Those of which the two scorers say something else. Pure."""
    found = []
    for one in texts:
        prepared = prepared_of(one)
        was, becomes = (scorer.score(prepared, one.lang, rating=one.rating).label for scorer in (before, after))
        if was != becomes:
            found.append(_Move(was, becomes, one))
    return found


def _short(one: Holding) -> str:
    said = " — ".join(part for part in (one.title, " ".join(one.text.split())) if part)
    return said if len(said) <= _SNIPPET else said[: _SNIPPET - 1] + "…"
