"""Phrases that stand out in one pile of messages against another, each with who says it.

A phrase that fewer than `AUTHORS` people say is never shown: it may be somebody's name, and it is no theme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import lists
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.talks import talks
from inbox.themes.views import Against, Comparison, Found, PhraseRow
from store import phrase_days
from store.brands import all_brands
from store.phrase_days import Pile
from understanding.contrast import Distinct
from understanding.fold import words
from understanding.themes.discovery import standing_out

AUTHORS = 3
SUPPORT = 3
MOST = 25
_TRIED = 60
_EXAMPLES = 3
_WEEK, _BEFORE = 7, 28
DAYS = (7, 28, 70)
"""Over how many days piles can be compared."""


def discover(desk: Desk, wanted: Comparison) -> Found:
    """What stands out, surest first.

    Raises:
        BadInput: a brand or source is missing, or too many days.
    """
    _check(wanted)
    today = desk.clock().astimezone(ZoneInfo(desk.settings.timezone)).date()
    with desk.store.read() as conn:
        here, other, where = _piles(conn, wanted, today)
        found = standing_out(here.counts, other.counts, most=_TRIED, support=SUPPORT)
        names = {word for one in all_brands(conn) for word in words(one.name)}
        rows: list[PhraseRow] = []
        for one in found:
            if names.issuperset(one.phrase.split(" ")):
                continue  # that a brand is named is no news: by that it was found
            if len(rows) < MOST and (row := _shown(desk, conn, one, where)) is not None:
                rows.append(row)
    return Found(tuple(rows), here.n, other.n)


def _check(wanted: Comparison) -> None:
    if wanted.days not in DAYS:
        raise BadInput(Sentence("Choose one of these numbers of days: {options}.", options=DAYS))
    if wanted.against is Against.BRAND and (wanted.brand_id is None or wanted.other in {None, wanted.brand_id}):
        raise BadInput(Sentence("Choose two brands to compare."))
    if wanted.against is Against.SOURCE and (wanted.source_id is None or wanted.other == wanted.source_id):
        raise BadInput(Sentence("Choose a source, and another one or all others to compare it with."))


def _piles(conn: Connection, wanted: Comparison, today: date) -> tuple[Pile, Pile, dict[str, Any]]:
    """Both piles, and where the first one is found: what `phrase_days.said_by` takes."""
    end = today + timedelta(days=1)
    sources = (wanted.source_id,) if wanted.source_id is not None else ()
    start = end - timedelta(days=_WEEK if wanted.against is Against.TIME else wanted.days)
    where: dict[str, Any] = {"since": start, "until": end, "brand_id": wanted.brand_id or "", "source_ids": sources}
    if wanted.against is Against.MOOD:
        here = {**where, "sentiments": ("negative",)}
        return _pile(conn, here), _pile(conn, {**where, "sentiments": ("positive",)}), here
    if wanted.against is Against.TIME:
        before = {**where, "since": start - timedelta(days=_BEFORE), "until": start}
        return _pile(conn, where), _pile(conn, before), where
    if wanted.against is Against.BRAND:
        return _pile(conn, where), _pile(conn, {**where, "brand_id": wanted.other}), where
    others = (wanted.other,) if wanted.other is not None else _others(conn, sources)
    second = _pile(conn, {**where, "source_ids": others}) if others else Pile(0, Counter())
    return _pile(conn, where), second, where


def _pile(conn: Connection, where: dict[str, Any]) -> Pile:
    return phrase_days.added_up(conn, **where)


def _others(conn: Connection, sources: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in lists.source_names(conn) if one not in sources)


def _shown(desk: Desk, conn: Connection, one: Distinct, where: dict[str, Any]) -> PhraseRow | None:
    """A phrase with examples; None when too few people say it."""
    said = phrase_days.said_by(conn, one.phrase, timezone=ZoneInfo(desk.settings.timezone), **where)
    if len({author_id for author_id, _ in said}) < AUTHORS:
        return None
    examples = talks(conn, [number for _, number in said][: 3 * _EXAMPLES])[:_EXAMPLES]
    return PhraseRow(one.phrase, round(one.in_a), round(one.in_b), one.z, examples)
