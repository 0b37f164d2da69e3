"""Who and what stands out: authors, sites, links and words, each with the period before beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.trends import asking
from inbox.trends.counting import keys_of
from inbox.trends.views import WHATS, Slice, Top, TopRow, What, before
from store import phrase_days, top_days, volumes
from store.said import said
from store.thread import authors_by_id
from understanding.links import web_url

MOST_READ = 5_000
"""Messages of a period that are looked at one by one."""
MOST_WORD_DAYS = 31
"""Days of which phrases are added up; a day of a source is some 60 kB of them."""


@dataclass(frozen=True, slots=True)
class Pile:
    """What was counted over `n` of `total` messages; `cut`: rarer keys of some days are not in it."""

    counts: Counter[str]
    n: int
    total: int
    cut: bool = False


def top(desk: Desk, asked: Slice, *, what: What, limit: int) -> Top:
    """The largest of a slice, with what each had in the period of equal length before.

    Args:
        desk: where.
        asked: which messages.
        what: authors, sites, words or links.
        limit: rows, at most 200.

    Raises:
        BadInput, NotFound: see `asking.check`; or what is not counted together.
    """
    if what not in WHATS:
        raise BadInput(Sentence("The largest authors, sites, words or links can be told."), what=str(what)[:200])
    zone = ZoneInfo(desk.settings.timezone)
    with desk.store.read() as conn:
        asking.check(asked, asking.names_in(conn))
        if asked.theme_ids:
            raise BadInput(Sentence("Authors, sites, words and links are counted of messages. Take the theme off."))
        now, then = (_pile(conn, one, what, zone) for one in (asked, before(asked)))
        rows = _rows(now.counts, then, limit=max(1, min(limit, 200)))
        dressed = _DRESSED[what](conn, rows)
    return Top(dressed, now.n, now.total, at_least=now.cut)


def _pile(conn: Connection, asked: Slice, what: What, zone: ZoneInfo) -> Pile:
    """Message by message where they are few; of many what each day kept; what no day keeps, of the newest alone."""
    wanted, until = asking.wanted_of(asked), asked.last + timedelta(days=1)
    found = volumes.totals(conn, wanted, first=asked.first, until=until)
    total = sum(n for n, _, _ in found.values())
    kept = not (asked.source_ids or asked.langs or asked.kinds or asked.sentiments) and len(asked.brand_ids) < 2
    if kept and (what == "words" or total > MOST_READ):
        brand_id = asked.brand_ids[0] if asked.brand_ids else volumes.ALL_BRANDS
        added = top_days.added_up(conn, what, brand_id=brand_id, first=asked.first, until=until)
        return Pile(added.counts, added.n, total, added.cut)
    if what == "words":
        return _words(conn, asked, total)
    told = said(conn, wanted, since=asking.since_of(asked, zone), until=asking.until_of(asked, zone))
    read = list(islice(told, MOST_READ))
    counts: Counter[str] = Counter()
    for row in read:
        counts.update(keys_of(what, row))
    return Pile(counts, len(read), total)


def _words(conn: Connection, asked: Slice, total: int) -> Pile:
    """Single words of a source or sentiment, from the phrases of its days."""
    if asked.langs or asked.kinds or len(asked.brand_ids) > 1:
        raise BadInput(
            Sentence("Words are counted by source and sentiment, and for one brand at a time. Take the rest off.")
        )
    if asked.days > MOST_WORD_DAYS:
        raise BadInput(
            Sentence("Words of a source or sentiment are added up over at most {most} days.", most=MOST_WORD_DAYS)
        )
    pile = phrase_days.added_up(
        conn,
        since=asked.first,
        until=asked.last + timedelta(days=1),
        brand_id=asked.brand_ids[0] if asked.brand_ids else volumes.ALL_BRANDS,
        source_ids=asked.source_ids,
        sentiments=asked.sentiments or None,
    )
    return Pile(Counter({one: n for one, n in pile.counts.items() if " " not in one}), pile.n, total)


def _rows(counts: Counter[str], then: Pile, *, limit: int) -> list[TopRow]:
    """The largest, equal ones by key. Before is not known where only a part of that period was looked at."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]
    whole = then.n >= then.total
    return [TopRow(key, key, n, then.counts[key] if whole else None) for key, n in ordered]


def _authors(conn: Connection, rows: list[TopRow]) -> tuple[TopRow, ...]:
    known: Mapping[int, Any] = authors_by_id(conn, [int(row.key) for row in rows])
    return tuple(
        replace(row, name=known[number].name or known[number].handle or row.key, url=web_url(known[number].url))
        for row in rows
        if (number := int(row.key)) in known
    )


def _sites(_conn: Connection, rows: list[TopRow]) -> tuple[TopRow, ...]:
    return tuple(replace(row, url=f"https://{row.key}/") for row in rows)


def _links(_conn: Connection, rows: list[TopRow]) -> tuple[TopRow, ...]:
    return tuple(replace(row, url=web_url(row.key)) for row in rows)


def _as_they_are(_conn: Connection, rows: list[TopRow]) -> tuple[TopRow, ...]:
    return tuple(rows)


_DRESSED: Mapping[str, Callable[[Connection, list[TopRow]], tuple[TopRow, ...]]] = {
    "authors": _authors,
    "sites": _sites,
    "links": _links,
    "words": _as_they_are,
}
