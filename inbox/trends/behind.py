"""From a figure to what stands behind it: the messages one by one, and the search that the inbox opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from inbox.desk import Desk
from inbox.trends import asking
from inbox.trends.views import ALL, Behind, Only, Said, SaidPage, Slice
from inbox.views import Filters, View
from store import volumes
from store.clock_columns import LATE_AFTER
from store.said import raised_query, said
from store.types import from_micros, to_micros
from understanding import query

MOST_COUNTED = 1_000
"""Messages of which the conversations are counted."""
_SNIPPET = 280


def rows(desk: Desk, asked: Slice, only: Only) -> Behind:
    """How the inbox lists the conversations behind a figure. Raises: BadInput, NotFound."""
    zone = ZoneInfo(desk.settings.timezone)
    with desk.store.read() as conn:
        asking.check(asked, asking.names_in(conn))
        asking.check_only(asked, only)
        n = _counted(conn, asked, only, zone)
        talks = _conversations(conn, asked, only, zone) if n <= MOST_COUNTED else None
    return Behind(View.ALL, filters_of(asked, only, zone), n, talks)


def messages(desk: Desk, asked: Slice, *, only: Only, cursor: str | None, limit: int) -> SaidPage:
    """The messages behind a figure, newest first: exactly as many as it counts; with themes, conversations.

    Args:
        desk: where.
        asked: what.
        only: what of it.
        cursor: of the page before; a damaged one gives the first page.
        limit: rows of a page, at most 500.

    Raises:
        BadInput, NotFound: see `asking.check`.
    """
    zone = ZoneInfo(desk.settings.timezone)
    limit = max(1, min(limit, 500))
    with desk.store.read() as conn:
        names = asking.names_in(conn)
        asking.check(asked, names)
        asking.check_only(asked, only)
        if asked.theme_ids:
            return _talks(conn, asked, names, zone, cursor=cursor, limit=limit)
        found = _told(conn, asked, only, zone, before=_position(cursor))
        page = list(islice(found, limit + 1))
    shown = tuple(_said(row, names, zone) for row in page[:limit])
    last = page[limit - 1] if len(page) > limit else None
    return SaidPage(shown, None if last is None else f"{to_micros(last.sort_at)}.{last.id}")


def filters_of(asked: Slice, only: Only = ALL, zone: ZoneInfo | None = None) -> Filters:
    """What the inbox asks for to list a slice: a search in which each message is judged on its own. Pure.

    Args:
        asked: the slice.
        only: what of it.
        zone: of the workspace; whose clock names the hour of `only`.
    """
    first, last, week = asked.first, asked.last, (only.weekday, only.weekhour)
    if only.hour is not None:
        local = only.hour.astimezone(zone)
        first, last, week = local.date(), local.date(), (None, local.hour)
    parts: list[query.Node] = [
        query.Day("after", first),
        query.Day("before", last + timedelta(days=1)),
        query.Not(query.Field("is", ("own",))),
    ]
    if week[0] is not None:
        parts.append(query.Field("weekday", (query.WEEKDAYS[week[0]],)))
    if week[1] is not None:
        parts.append(query.Compare("hour", "=", week[1]))
    if only.late:
        parts.append(query.Field("arrived", ("late",)))
    for name, values in (
        ("brand", asked.brand_ids),
        ("source", asked.source_ids),
        ("lang", tuple("unknown" if one == "und" else one for one in asked.langs)),
        ("kind", asked.kinds),
        ("sentiment", tuple(one or "unknown" for one in asked.sentiments)),
    ):
        if values:
            parts.append(query.Field(name, values))
    if asked.theme_ids:
        return Filters(theme_ids=asked.theme_ids, source_ids=asked.source_ids, brand_ids=asked.brand_ids)
    return Filters(search=query.spell(query.And(tuple(parts))))


def _told(
    conn: Connection, asked: Slice, only: Only, zone: ZoneInfo, *, before: tuple[datetime, int] | None = None
) -> Iterator[Row[Any]]:
    since, until = _stretch(asked, only, zone)
    wanted = asking.wanted_of(asked, only)
    return said(conn, wanted, since=since, until=until, before=before, fits=partial(_fits, only, zone))


def _stretch(asked: Slice, only: Only, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if only.hour is None:
        return asking.since_of(asked, zone), asking.until_of(asked, zone)
    return only.hour.astimezone(UTC), only.hour.astimezone(UTC) + timedelta(hours=1)


def _fits(only: Only, zone: ZoneInfo, hour: datetime) -> bool:
    return only.weekday is None or asking.hour_of_week(hour, zone) == (only.weekday, only.weekhour)


def _counted(conn: Connection, asked: Slice, only: Only, zone: ZoneInfo) -> int:
    wanted, until = asking.wanted_of(asked, only), asked.last + timedelta(days=1)
    if asked.theme_ids:
        found = volumes.theme_volumes(conn, wanted, first=asked.first, until=until, theme_ids=asked.theme_ids)
        return sum(one.n for one in found)
    if only.hour is None and only.weekday is None:
        return sum(n for n, _, _ in volumes.totals(conn, wanted, first=asked.first, until=until).values())
    since, end = _stretch(asked, only, zone)
    hours = volumes.volumes(conn, wanted, grain="hour", first=since, until=end)
    return sum(one.n for one in hours if _fits(only, zone, one.at))


def _conversations(conn: Connection, asked: Slice, only: Only, zone: ZoneInfo) -> int:
    if asked.theme_ids:
        found = raised_query(
            asking.wanted_of(asked), asked.theme_ids, first=asked.first, until=asked.last + timedelta(days=1)
        )
        return len(conn.execute(found).all())
    return len({row.conversation_id for row in _told(conn, asked, only, zone)})


def _talks(
    conn: Connection, asked: Slice, names: asking.Names, zone: ZoneInfo, *, cursor: str | None, limit: int
) -> SaidPage:
    wanted, until = asking.wanted_of(asked), asked.last + timedelta(days=1)
    start = int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0
    found = raised_query(wanted, asked.theme_ids, first=asked.first, until=until).offset(start).limit(limit + 1)
    page = conn.execute(found).all()
    shown = tuple(
        Said(
            mention_id=row.last_mention_id or 0,
            conversation_id=row.id,
            at=row.sort_at.astimezone(zone),
            late=False,
            source_id=row.source_id,
            source_name=names.sources.get(row.source_id, row.source_id),
            author_name=row.author_name,
            lang=row.lang,
            kind=row.kind,
            sentiment=row.sentiment,
            snippet=row.snippet,
            gone=False,
        )
        for row in page[:limit]
    )
    return SaidPage(shown, str(start + limit) if len(page) > limit else None)


def _said(row: Any, names: asking.Names, zone: ZoneInfo) -> Said:
    text = " ".join(row.text[: _SNIPPET * 8].split())
    return Said(
        mention_id=row.id,
        conversation_id=row.conversation_id,
        at=row.sort_at.astimezone(zone),
        late=row.first_seen_at - row.sort_at > LATE_AFTER,
        source_id=row.source_id,
        source_name=names.sources.get(row.source_id, row.source_id),
        author_name=row.name or row.handle or "",
        lang=row.lang,
        kind=row.kind,
        sentiment=row.sentiment,
        snippet=text if len(text) <= _SNIPPET else text[: _SNIPPET - 1].rstrip() + "…",
        gone=row.deleted_at is not None,
    )


def _position(cursor: str | None) -> tuple[datetime, int] | None:
    at, point, number = (cursor or "").partition(".")
    sound = point and number.isascii() and number.isdecimal() and at.removeprefix("-").isdecimal() and at.isascii()
    if not sound or max(len(at), len(number)) > 16:
        return None
    return from_micros(int(at)), int(number)
