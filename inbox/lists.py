"""The list: standing views, filters, badges and cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from inbox import recall, searching
from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.queue import QUEUED, URGENT
from inbox.states import CLOCK_RUNS
from inbox.steps import is_claimed
from inbox.teams import due, promise_for
from inbox.views import (
    Card,
    CurrentUser,
    Filters,
    Listing,
    PersonRef,
    SearchProblem,
    SlaState,
    SlaView,
    View,
    ViewCount,
)
from store import brands, named, pictures, promises, theming
from store.badges import CAP, Count, capped_count, count_views
from store.cards import ConversationRow, Page
from store.filters import NOBODY, ConversationFilter
from store.lists import MAX_PAGE, list_conversations
from store.ordering import Order
from store.persons import badges_of
from store.schema import source, user_account
from store.thread import tags_of

_Value = TypeVar("_Value")
_SOURCES = select(source.c.id, source.c.name)
_PEOPLE = select(user_account.c.id, user_account.c.name).where(user_account.c.id.in_(bindparam("ids", expanding=True)))
_CAPPED_FRESH_S = 60.0
_CAPPED = (View.RESOLVED, View.ARCHIVED, View.ALL)
PICKED = (View.PROMISES, View.MENTIONS)
"""Views of few conversations in an order of their own."""


def filter_of(view: View, user_id: int, now: datetime) -> ConversationFilter:
    """What a standing view shows. ALL is everything, closed work too.

    PROMISES and MENTIONS show conversations in any state, in an order of their own.
    """
    return {
        View.NEW: ConversationFilter(statuses=("new",)),
        View.MINE: ConversationFilter(assignee_id=user_id),
        View.UNASSIGNED: ConversationFilter(statuses=QUEUED, assignee_id=NOBODY),
        View.OVERDUE: ConversationFilter(due_before=now),
        View.URGENT: ConversationFilter(priorities=URGENT),
        View.PROMISES: ConversationFilter(scope="all", promised=True),
        View.MENTIONS: ConversationFilter(scope="all", naming=user_id),
        View.WAITING: ConversationFilter(statuses=("waiting_customer",)),
        View.SNOOZED: ConversationFilter(statuses=("snoozed",)),
        View.RESOLVED: ConversationFilter(scope="closed", statuses=("resolved",)),
        View.ARCHIVED: ConversationFilter(scope="closed", statuses=("archived",)),
        View.ALL: ConversationFilter(scope="all"),
    }[view]


def narrowed(desk: Desk, base: ConversationFilter, filters: Filters) -> ConversationFilter | None:
    """A view narrowed by filters; None when they exclude each other, so that nothing can match.

    Raises:
        BadSearch: the search cannot be read.
    """
    statuses = _common(base.statuses, filters.statuses)
    priorities = _common(base.priorities, filters.priorities)
    if statuses is None or priorities is None:
        return None
    assignee = base.assignee_id
    if filters.assignee_id is not None:
        if assignee not in {None, filters.assignee_id}:
            return None
        assignee = filters.assignee_id
    wanted = searching.parse(filters.search)
    return replace(
        base,
        statuses=statuses,
        priorities=priorities,
        assignee_id=assignee,
        team_id=filters.team_id,
        unanswered=filters.unanswered or None,
        source_ids=filters.source_ids,
        brand_ids=filters.brand_ids,
        langs=filters.langs,
        sentiments=filters.sentiments,
        kinds=filters.kinds,
        whys=filters.whys,
        tags=filters.tags,
        theme_ids=filters.theme_ids,
        since=filters.since,
        until=filters.until,
        text=None if wanted is None else searching.search_of(wanted, ZoneInfo(desk.settings.timezone)),
    )


def listing(
    desk: Desk, user: CurrentUser, view: View, filters: Filters, *, cursor: str | None = None, limit: int = 40
) -> Listing:
    """One page of a view. A search that cannot be read gives an empty page with `problem`."""
    now = desk.clock()
    try:
        wanted = narrowed(desk, filter_of(view, user.id, now), filters)
        if wanted is None:
            return Listing(view, ())
        with desk.store.read() as conn:
            if view in PICKED:
                page = _picked(conn, view, user.id, wanted, cursor=cursor, limit=limit)
            else:
                page = list_conversations(conn, wanted, order=Order.INBOX, limit=limit, cursor=cursor)
            dressed = cards(desk, conn, page.rows, search=filters.search, now=now)
            hint = _hint(conn, filters.search) if filters.search and cursor is None else None
    except BadSearch as error:
        return Listing(view, (), problem=SearchProblem(error.position, error.text, error.suggestion))
    return Listing(view, dressed, page.next_cursor, hint=hint)


def _hint(conn: Connection, search: str) -> SearchProblem | None:
    known = {"source": source_names(conn), "brand": [row.id for row in brands.all_brands(conn)]}
    return searching.hint_of(search, known)


def counts(desk: Desk, user: CurrentUser) -> tuple[ViewCount, ...]:
    """The badge of every view: open work exactly and in one scan, closed work up to a cap, mentions not yet seen.

    "More than the cap" stays true for a while, so it is looked up once a minute; a number never is.
    """
    now = desk.clock()
    views = {view: filter_of(view, user.id, now) for view in View}
    with desk.store.read() as conn:
        exact = count_views(conn, {view.value: views[view] for view in View if view not in {*_CAPPED, *PICKED}})
        capped = {view: count_capped(desk, conn, view, views[view]) for view in _CAPPED}
        capped |= {view: count_picked(conn, view, user.id) for view in PICKED}
    return tuple(
        ViewCount(view, capped[view].n, capped[view].capped) if view in capped else ViewCount(view, exact[view.value])
        for view in View
    )


def count_capped(desk: Desk, conn: Connection, view: View, wanted: ConversationFilter) -> Count:
    """The badge of a view of closed work, up to a cap. "More than the cap" is kept for a minute; a number never is."""
    return desk.recent.get(
        f"count {view.value}",
        desk.clock(),
        seconds=_CAPPED_FRESH_S,
        read=partial(capped_count, conn, wanted),
        keep=lambda count: count.capped,
    )


def count_picked(conn: Connection, view: View, user_id: int) -> Count:
    """The badge of such a view: what was promised and is waited for, up to a cap; mentions that were not seen yet."""
    if view is View.MENTIONS:
        return Count(named.count_unseen(conn, user_id))
    n = promises.count_promised(conn, cap=CAP + 1)
    return Count(min(n, CAP), capped=n > CAP)


def _picked(
    conn: Connection, view: View, user_id: int, wanted: ConversationFilter, *, cursor: str | None, limit: int
) -> Page:
    """A page of a view whose rows are few and found beforehand, in their own order; the cursor is an offset.

    Promises: soonest due first, so those past their moment lead. Mentions: not seen first, then newest first.
    """
    ids = promises.promised(conn) if view is View.PROMISES else named.conversations_naming(conn, user_id)
    if not ids:
        return Page(())
    page = list_conversations(conn, wanted, order=Order.NEWEST, limit=MAX_PAGE)
    place = {row_id: number for number, row_id in enumerate(ids)}
    rows = sorted(page.rows, key=lambda row: place.get(row.id, len(ids)))
    start = int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() and len(cursor) < 5 else 0
    end = start + limit
    return Page(tuple(rows[start:end]), str(end) if len(rows) > end else None)


def cards(
    desk: Desk, conn: Connection, rows: Sequence[ConversationRow], *, search: str, now: datetime
) -> tuple[Card, ...]:
    """Cards of rows: names, tags, marks and clocks added in one query each."""
    ids = [row.id for row in rows]
    tags = tags_of(conn, ids)
    themes = theme_names(conn) if any(row.theme_id is not None for row in rows) else {}
    people = names_of(conn, (user for row in rows for user in (row.assignee_id, row.claimed_by)))
    sources = source_names(conn)
    marker = searching.Marker.of(desk, searching.parse(search))
    illustrated = pictures.illustrated(conn, ids)
    badges = badges_of(conn, {row.author_id for row in rows if row.author_id is not None})
    return tuple(
        card_of(
            desk,
            row,
            tags=tuple(tags.get(row.id, ())),
            people=people,
            sources=sources,
            marker=marker,
            now=now,
            badges=badges.get(row.author_id or 0, ()),
            theme=themes.get(row.theme_id) if row.theme_id is not None else None,
            has_picture=row.id in illustrated,
        )
        for row in rows
    )


def card_of(
    desk: Desk,
    row: ConversationRow,
    *,
    tags: tuple[str, ...],
    people: Mapping[int, str],
    sources: Mapping[str, str],
    marker: searching.Marker,
    now: datetime,
    badges: tuple[str, ...] = (),
    has_picture: bool = False,
    theme: str | None = None,
) -> Card:
    """One card."""
    claimed = is_claimed(row, now)
    return Card(
        id=row.id,
        version=row.version,
        status=row.status,
        status_reason=row.status_reason,
        cycle=row.cycle,
        priority=row.priority,
        why=row.why,
        source_id=row.source_id,
        source_name=sources.get(row.source_id, row.source_id),
        platform=row.platform,
        kind=row.kind,
        visibility=row.visibility,
        title=row.title,
        snippet=row.snippet,
        author_name=row.author_name,
        lang=row.lang,
        sentiment=row.sentiment,
        rating=row.rating,
        url=row.url,
        brand_ids=row.brand_ids,
        tags=tags,
        team_id=row.team_id,
        assignee=person_of(row.assignee_id, people),
        claimed_by=person_of(row.claimed_by, people) if claimed else None,
        claimed_until=row.claimed_until if claimed else None,
        snoozed_until=row.snoozed_until,
        sla=sla_of(desk, row, now),
        sort_at=row.sort_at,
        first_inbound_at=row.first_inbound_at,
        last_inbound_at=row.last_inbound_at,
        unanswered_since=row.unanswered_since,
        n_inbound=row.n_inbound,
        n_outbound=row.n_outbound,
        n_duplicates=row.n_duplicates,
        n_notes=row.n_notes,
        marks_title=marker.marks(row.title, row.brand_ids),
        marks_snippet=marker.marks(row.snippet, row.brand_ids),
        muted_at=row.muted_at,
        reply_state=row.reply_state,
        promise_due_at=row.promise_due_at,
        badges=badges,
        has_picture=has_picture,
        theme=theme,
    )


def sla_of(desk: Desk, row: ConversationRow, now: datetime) -> SlaView:
    """The clock of a row. When it is due stands in the store; when it turns orange follows from the team's calendar."""
    if row.sla_due_at is None or row.status not in CLOCK_RUNS:
        return SlaView()
    clock = due(
        promise_for(desk.settings, row.team_id),
        cycle_started_at=row.cycle_started_at,
        unanswered_since=row.unanswered_since,
    )
    orange_at = min(clock.orange_at, row.sla_due_at) if clock is not None else row.sla_due_at
    if now > row.sla_due_at:
        return SlaView(SlaState.RED, row.sla_due_at, orange_at)
    state = SlaState.ORANGE if now >= orange_at else SlaState.GREEN
    return SlaView(state, row.sla_due_at, orange_at)


def names_of(conn: Connection, user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of people by id."""
    ids = {user_id for user_id in user_ids if user_id is not None}
    if not ids:
        return {}
    return dict(conn.execute(_PEOPLE, {"ids": sorted(ids)}).all())


def source_names(conn: Connection) -> dict[str, str]:
    """Names of sources by id."""
    return recall.recalled("sources", lambda: dict(conn.execute(_SOURCES).all()))


def theme_names(conn: Connection) -> dict[int, str]:
    """Names of themes by id, archived ones too."""
    return recall.recalled("themes", lambda: {row.id: row.name for row in theming.all_themes(conn)})


def person_of(user_id: int | None, people: Mapping[int, str]) -> PersonRef | None:
    """Somebody by id with the name that `names_of` found; None for nobody."""
    return None if user_id is None else PersonRef(user_id, people.get(user_id, "?"))


def _common(base: tuple[_Value, ...], asked: tuple[_Value, ...]) -> tuple[_Value, ...] | None:
    if not base or not asked:
        return base or asked
    return tuple(value for value in base if value in asked) or None
