"""The list of themes with their counts per period, and one theme opened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from inbox import lists
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.talks import talks
from inbox.themes.views import Applying, Lesson, ThemeRef, ThemeRow, ThemeView
from store import theming
from store.ids import instant_of
from store.ordering import Order, decode
from understanding.themes.rising import Change, change

WEEK = timedelta(days=7)
BEFORE = 4
"""Weeks that this one is compared with."""
TREND = 84
"""Days of the trend of one theme."""
_TALKS = 30


def listing(
    desk: Desk, *, brand_id: str | None = None, source_id: str | None = None, archived: bool = False
) -> tuple[ThemeRow, ...]:
    """Themes in use with the counts of this week, what rises first, then what is raised most; or the archived ones."""
    with desk.store.read() as conn:
        rows = [row for row in theming.all_themes(conn) if (row.archived_at is not None) is archived]
        found = _dressed(desk, conn, rows, brand_id=brand_id, source_id=source_id)
    return tuple(sorted(found, key=_order))


def names(desk: Desk) -> tuple[ThemeRef, ...]:
    """Themes that conversations can be linked to, by name."""
    with desk.store.read() as conn:
        return tuple(ThemeRef(row.id, row.name) for row in theming.all_themes(conn) if row.archived_at is None)


def opened(desk: Desk, theme_id: int, *, brand_id: str | None = None, source_id: str | None = None) -> ThemeView:
    """One theme with its trend and its latest conversations. Raises: NotFound."""
    today = _today(desk)
    since = today - timedelta(days=TREND - 1)
    with desk.store.read() as conn:
        row = theming.theme_by_id(conn, theme_id)
        if row is None:
            raise NotFound(what="theme", key=theme_id)
        (dressed,) = _dressed(desk, conn, [row], brand_id=brand_id, source_id=source_id)
        days = _by_day(conn, [theme_id], since, today + timedelta(days=1), brand_id=brand_id, source_id=source_id).get(
            theme_id, {}
        )
        latest = talks(conn, theming.raised_in(conn, theme_id, since=since, limit=_TALKS))
        return ThemeView(
            row=dressed,
            trend=tuple((day, days.get(day, 0)) for day in (since + timedelta(days=n) for n in range(TREND))),
            talks=latest,
            n_links=theming.n_links(conn, theme_id),
            verdicts=theming.verdicts_on(conn, theme_id),
        )


def lesson(desk: Desk) -> Lesson | None:
    """What was learned last; None before that."""
    with desk.store.read() as conn:
        row = theming.newest_model(conn)
    return None if row is None else Lesson(row.made_at, row.n_links, row.n_held, row.top_1, row.top_2)


def changed(days: Mapping[date, int], today: date, *, since: date) -> tuple[int, int, Change | None]:
    """This week, last week, and this week against up to four whole weeks before it. Pure.

    Args:
        days: conversations per local day.
        today: the last day of this week.
        since: from when on the theme was there to be raised; weeks before that tell nothing.
    """
    start = today - WEEK + timedelta(days=1)

    def between(first: date, last: date) -> int:
        return sum(n for day, n in days.items() if first <= day < last)

    week, last_week = between(start, start + WEEK), between(start - WEEK, start)
    periods = min(BEFORE, (start - since) // WEEK)
    if periods < 1:
        return week, last_week, None
    return week, last_week, change(week, between(start - periods * WEEK, start), periods=periods)


def _dressed(
    desk: Desk, conn: Connection, rows: Sequence[Row[Any]], *, brand_id: str | None, source_id: str | None
) -> list[ThemeRow]:
    today = _today(desk)
    start = today - WEEK + timedelta(days=1)
    end = today + timedelta(days=1)
    ids = [row.id for row in rows]
    days = _by_day(conn, ids, start - (BEFORE + 1) * WEEK, end, brand_id=brand_id, source_id=source_id)
    moods = theming.moods(conn, ids, since=start, until=end, brand_id=brand_id, source_id=source_id)
    people = lists.names_of(conn, [row.owner_id for row in rows])
    found = []
    for row in rows:
        mine = days.get(row.id, {})
        there = row.created_at.astimezone(ZoneInfo(desk.settings.timezone)).date()
        week, last_week, change_of = changed(mine, today, since=min([there, *mine]))
        mooded, negative = moods.get(row.id, (0, 0))
        found.append(
            replace(
                _row(row),
                owner=lists.person_of(row.owner_id, people),
                n_week=week,
                n_last_week=last_week,
                change=change_of,
                n_mooded=mooded,
                n_negative=negative,
                applying=_applying(desk, row),
            )
        )
    return found


def _row(row: Row[Any]) -> ThemeRow:
    return ThemeRow(
        id=row.id,
        version=row.version,
        name=row.name,
        description=row.description,
        owner=None,
        query=row.query,
        examples=tuple(row.examples or ()),
        archived_at=row.archived_at,
        merged_into=row.merged_into,
    )


def _by_day(
    conn: Connection, ids: Sequence[int], since: date, until: date, *, brand_id: str | None, source_id: str | None
) -> dict[int, dict[date, int]]:
    found: dict[int, dict[date, int]] = defaultdict(dict)
    rows = theming.daily(conn, ids, since=since, until=until, brand_id=brand_id or "", source_id=source_id)
    for theme_id, day, n in rows:
        if n:
            found[theme_id][day] = n
    return found


def _applying(desk: Desk, row: Row[Any]) -> Applying | None:
    if row.applying_since is None:
        return None
    position = decode(row.applying_cursor, Order.MATCH)
    if position is None:
        return Applying(row.applying_since, 0.0, row.applied_n)
    now = desk.clock()
    reached = instant_of(position.id)
    whole = (now - row.applying_since).total_seconds() or 1.0
    return Applying(row.applying_since, min(1.0, max(0.0, (now - reached).total_seconds() / whole)), row.applied_n)


def _today(desk: Desk) -> date:
    return desk.clock().astimezone(ZoneInfo(desk.settings.timezone)).date()


def _order(one: ThemeRow) -> tuple[bool, int, str]:
    return (one.change is None or not one.change.rising, -one.n_week, one.name.casefold())
