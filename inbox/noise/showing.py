"""Noise as screens see it: the rules with their hits, one of them opened, and what was set aside. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from inbox import lists
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.noise.index import Kind
from inbox.noise.keeping import RULE
from inbox.noise.reading import examples_of
from inbox.noise.views import Aside, AsidePage, NoiseRow, NoiseTotals, NoiseView
from inbox.rules import counting
from inbox.rules.views import Hits
from store import noise, thread
from understanding.duplicates import Words

PAGE = 50
_HISTORY = 50
_EXCERPT = 120
_MOST_HITS_READ = 20_000
_OPEN = frozenset({"new", "open"})


def listing(desk: Desk) -> tuple[NoiseRow, ...]:
    """All noise rules that did not end, with how often they hit: the busiest of this week first, then the newest."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = noise.standing_rules(conn)
        counts, back = noise.hit_counts(conn, now=now), noise.brought_back(conn)
        people = lists.names_of(conn, (row.created_by for row in rows))
        texts = examples_of(conn, rows)
    found = (_row(row, counts.get(row.id), back.get(row.id, 0), people, _shown(row, texts)) for row in rows)
    return tuple(sorted(found, key=lambda one: (-one.hits.week, -one.id)))


def opened(desk: Desk, rule_id: int) -> NoiseView:
    """One rule with its hits per day and its history.

    Raises:
        NotFound: there is no such rule.
    """
    now = desk.clock()
    with desk.store.read() as conn:
        row = next((one for one in noise.standing_rules(conn) if one.id == rule_id), None)
        if row is None:
            raise NotFound(what="rule", key=rule_id)
        count = noise.hit_counts(conn, now=now, rule_id=rule_id).get(rule_id)
        back = noise.brought_back(conn, [rule_id]).get(rule_id, 0)
        events = thread.events_of(conn, RULE, str(rule_id), limit=_HISTORY)
        people = lists.names_of(conn, [row.created_by, *(one.actor_id for one in events)])
        since = now - timedelta(days=counting.DAYS)
        texts = examples_of(conn, [row])
        hits = noise.instants_of(conn, rule_id, since=since, limit=_MOST_HITS_READ)
    return NoiseView(
        row=_row(row, count, back, people, _shown(row, texts)),
        per_day=counting.by_day(hits, now, ZoneInfo(desk.settings.timezone)),
        history=tuple((one.at, one.action, lists.person_of(one.actor_id, people)) for one in events),
    )


def set_aside(desk: Desk, *, rule_id: int | None, before: tuple[datetime, int] | None) -> AsidePage:
    """A page of what noise rules set aside, newest first; what was brought back since stands there with its state."""
    with desk.store.read() as conn:
        rows = noise.set_aside(conn, rule_id=rule_id, before=before, limit=PAGE)
        return AsidePage(_asides(conn, rows), None if len(rows) < PAGE else (rows[-1].at, rows[-1].mention_id))


def proposed(desk: Desk) -> tuple[Aside, ...]:
    """Open conversations that rules which only propose would set aside, newest first; at most 200 hits are read."""
    with desk.store.read() as conn:
        rows = noise.proposed(conn, limit=4 * PAGE)
        wanted = [one for one in rows if one.proposes and one.rule_archived_at is None and one.status in _OPEN]
        return _asides(conn, list({one.conversation_id: one for one in wanted}.values()))


def totals(desk: Desk) -> NoiseTotals:
    """How much was set aside, and how much of it came back."""
    with desk.store.read() as conn:
        day, week, ever = noise.totals(conn, now=desk.clock())
        return NoiseTotals(day, week, ever, sum(noise.brought_back(conn).values()))


def _shown(row: Row[Any], texts: Mapping[str, Words]) -> str:
    """What a rule is about, as people read it: of a text its beginning, as long as it is kept."""
    if row.kind != Kind.LIKE:
        return str(row.shown)
    said = texts.get(row.value)
    return "" if said is None else " ".join((said.text or said.title or "").split())[:_EXCERPT]


def _row(row: Row[Any], count: noise.HitCount | None, back: int, people: Mapping[int, str], shown: str) -> NoiseRow:
    return NoiseRow(
        id=row.id,
        kind=Kind(row.kind),
        shown=shown,
        platform=row.platform,
        brand_id=row.brand_id,
        source_id=row.source_id,
        direct=row.direct,
        proposes=row.proposes,
        why=row.why,
        origin=row.origin,
        conversation_id=row.conversation_id,
        active=row.active,
        by=lists.person_of(row.created_by, people),
        created_at=row.created_at,
        ends_at=row.ends_at,
        hits=_hits(count),
        set_aside=0 if count is None else count.set_aside,
        brought_back=back,
    )


def _hits(n: noise.HitCount | None) -> Hits:
    if n is None:
        return Hits()
    drift = counting.drift(day=n.day, week=n.week, month=n.month)
    return Hits(n.day, n.week, n.month, n.total, n.last_at, drift)


def _asides(conn: Connection, rows: Sequence[Row[Any]]) -> tuple[Aside, ...]:
    names = lists.source_names(conn) if rows else {}
    return tuple(
        Aside(
            conversation_id=row.conversation_id,
            rule_id=row.rule_id,
            kind=Kind(row.kind),
            shown=row.shown,
            at=row.at,
            event_id=row.event_id,
            source_name=names.get(row.source_id, row.source_id),
            author_name=row.author_name,
            title=row.title,
            snippet=row.snippet,
            status=row.status,
        )
        for row in rows
    )
