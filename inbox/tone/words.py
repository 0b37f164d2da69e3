"""Making words count for more, for less or for nothing; who did it when, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from inbox import events, lists
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.tone.views import WordRow
from inbox.views import CurrentUser
from store.schema import tone_word
from store.tone_words import ToneWordRow, history, standing
from understanding.fold import words as words_in

TONE_WORD = "tone_word"
LONGEST = 100
MOST = 1_000
"""Words that count at once; more would slow every message down."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HISTORY = 200


def listing(desk: Desk) -> tuple[WordRow, ...]:
    """The words that count now."""
    with desk.store.read() as conn:
        return _named(conn, standing(conn))


def past(desk: Desk) -> tuple[WordRow, ...]:
    """What was said about words, newest first, ended ones too."""
    with desk.store.read() as conn:
        return _named(conn, history(conn, limit=_HISTORY))


def put(desk: Desk, user: CurrentUser, text: str, *, lang: str, weight: float | None) -> None:
    """Let a word count for something, or (None) for nothing; takes the place of what was said about it before.

    Saying what stands already changes nothing.

    Raises:
        BadInput: not one word, no language, or a weight outside -1 to 1; too many words.
    """
    word, lang, weight = read(text, lang=lang, weight=weight)
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord tone words")
        now = standing(conn)
        same = [one for one in now if (one.word, one.lang) == (word, lang)]
        if same and same[0].weight == weight:
            return
        if not same and len(now) >= MOST:
            raise BadInput(Sentence("There are {most} adjusted words already; take one back first.", most=MOST))
        for one in same:
            _end(desk, conn, user, one)
        number = desk.store.new_id()
        values = {"id": number, "word": word, "lang": lang, "weight": weight, "made_by": user.id}
        conn.execute(tone_word.insert().values(**values, made_at=desk.clock()))
        action = "tone_word_excluded" if weight is None else "tone_word_boosted"
        _record(desk, conn, user, action, number, word=word, lang=lang, weight=weight)


def end(desk: Desk, user: CurrentUser, number: int) -> None:
    """Let a word count again as it did by itself; quiet when it does already.

    Raises:
        NotFound: nobody ever said anything under this number.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord tone words")
        standing_now = {one.id: one for one in standing(conn)}
        if number in standing_now:
            one = standing_now[number]
            _end(desk, conn, user, one)
            _record(desk, conn, user, "tone_word_freed", number, word=one.word, lang=one.lang)
        elif conn.execute(tone_word.select().where(tone_word.c.id == number)).first() is None:
            raise NotFound(what="word", key=number)


def read(text: str, *, lang: str, weight: float | None) -> tuple[str, str, float | None]:
    """A word as scorers see it, its language and its weight.

    Raises:
        BadInput: see `put`.
    """
    found = words_in(text[: LONGEST * 4])
    if len(found) != 1 or len(found[0]) > LONGEST:
        raise BadInput(Sentence("Type one word, of at most {most} letters.", most=LONGEST), word=text[:LONGEST])
    if lang and not _LANGUAGE.fullmatch(lang):
        raise BadInput(Sentence("“{lang}” is not a language; choose one, or all.", lang=lang), lang=lang)
    if weight is not None and not -1 <= weight <= 1:
        raise BadInput(Sentence("A word counts between -1 (negative) and 1 (positive)."), weight=weight)
    return found[0], lang, weight


def _end(desk: Desk, conn: Connection, user: CurrentUser, one: ToneWordRow) -> None:
    ended = {"ended_at": desk.clock(), "ended_by": user.id}
    conn.execute(tone_word.update().where(tone_word.c.id == one.id).values(**ended))


def _record(desk: Desk, conn: Connection, user: CurrentUser, action: str, number: int, **facts: Any) -> None:
    events.append(desk, conn, (TONE_WORD, str(number)), action, actor_id=user.id, after={"facts": facts})


def _named(conn: Connection, rows: Sequence[ToneWordRow]) -> tuple[WordRow, ...]:
    names = lists.names_of(conn, [person for one in rows for person in (one.made_by, one.ended_by)])
    return tuple(
        WordRow(
            id=one.id,
            word=one.word,
            lang=one.lang,
            weight=one.weight,
            made_at=one.made_at,
            made_by=names.get(one.made_by, "?"),
            ended_at=one.ended_at,
            ended_by=None if one.ended_by is None else names.get(one.ended_by, "?"),
        )
        for one in rows
    )
