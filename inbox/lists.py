"""The list: standing views, filters, badges and cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select

from inbox import searching
from inbox.desk import Desk
from inbox.errors import BadSearch
from inbox.queue import QUEUED, URGENT
from inbox.states import CLOCK_RUNS
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
from store.badges import capped_count, count_views
from store.cards import ConversationRow
from store.filters import NOBODY, ConversationFilter
from store.lists import list_conversations
from store.ordering import Order
from store.schema import source, user_account
from store.search_nodes import SearchTooLargeError
from store.thread import tags_of

_Value = TypeVar("_Value")
_CAPPED = (View.RESOLVED, View.ARCHIVED, View.ALL)


def filter_of(view: View, user_id: int, now: datetime) -> ConversationFilter:
    """What a standing view shows. ALL is everything, closed work too."""
    return {
        View.NEW: ConversationFilter(statuses=("new",)),
        View.MINE: ConversationFilter(assignee_id=user_id),
        View.UNASSIGNED: ConversationFilter(statuses=QUEUED, assignee_id=NOBODY),
        View.OVERDUE: ConversationFilter(due_before=now),
        View.URGENT: ConversationFilter(priorities=URGENT),
        View.WAITING: ConversationFilter(statuses=("waiting_customer",)),
        View.SNOOZED: ConversationFilter(statuses=("snoozed",)),
        View.RESOLVED: ConversationFilter(scope="closed", statuses=("resolved",)),
        View.ARCHIVED: ConversationFilter(scope="closed", statuses=("archived",)),
        View.ALL: ConversationFilter(scope="all"),
    }[view]


def narrowed(base: ConversationFilter, filters: Filters) -> ConversationFilter | None:
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
        source_ids=filters.source_ids,
        brand_ids=filters.brand_ids,
        langs=filters.langs,
        sentiments=filters.sentiments,
        kinds=filters.kinds,
        whys=filters.whys,
        tags=filters.tags,
        since=filters.since,
        until=filters.until,
        text=None if wanted is None else searching.node_of(wanted),
    )


def listing(
    desk: Desk, user: CurrentUser, view: View, filters: Filters, *, cursor: str | None = None, limit: int = 40
) -> Listing:
    """One page of a view. A search that cannot be read gives an empty page with `problem`."""
    now = desk.clock()
    try:
        wanted = narrowed(filter_of(view, user.id, now), filters)
        if wanted is None:
            return Listing(view, ())
        with desk.store.read() as conn:
            page = list_conversations(conn, wanted, order=Order.INBOX, limit=limit, cursor=cursor)
            dressed = cards(desk, conn, page.rows, search=filters.search, now=now)
    except BadSearch as error:
        return Listing(view, (), problem=SearchProblem(error.position, str(error), error.suggestion))
    except SearchTooLargeError as error:
        return Listing(view, (), problem=SearchProblem(0, str(error)))
    return Listing(view, dressed, page.next_cursor)


def counts(desk: Desk, user: CurrentUser) -> tuple[ViewCount, ...]:
    """The badge of every view: open work exactly and in one scan, closed work up to a cap."""
    now = desk.clock()
    views = {view: filter_of(view, user.id, now) for view in View}
    with desk.store.read() as conn:
        exact = count_views(conn, {view.value: views[view] for view in View if view not in _CAPPED})
        capped = {view: capped_count(conn, views[view]) for view in _CAPPED}
    return tuple(
        ViewCount(view, capped[view].n, capped[view].capped) if view in capped else ViewCount(view, exact[view.value])
        for view in View
    )


def cards(
    desk: Desk, conn: Connection, rows: Sequence[ConversationRow], *, search: str, now: datetime
) -> tuple[Card, ...]:
    """Cards of rows: names, tags, marks and clocks added in one query each."""
    ids = [row.id for row in rows]
    tags = tags_of(conn, ids)
    people = names_of(conn, (user for row in rows for user in (row.assignee_id, row.claimed_by)))
    sources = source_names(conn)
    marker = searching.Marker.of(desk, searching.parse(search))
    return tuple(
        card_of(desk, row, tags=tuple(tags.get(row.id, ())), people=people, sources=sources, marker=marker, now=now)
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
) -> Card:
    """One card."""
    claimed = row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now
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
        assignee=_person(row.assignee_id, people),
        claimed_by=_person(row.claimed_by, people) if claimed else None,
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
    found = conn.execute(select(user_account.c.id, user_account.c.name).where(user_account.c.id.in_(ids)))
    return {row.id: row.name for row in found}


def source_names(conn: Connection) -> dict[str, str]:
    """Names of sources by id."""
    return {row.id: row.name for row in conn.execute(select(source.c.id, source.c.name))}


def _person(user_id: int | None, people: Mapping[int, str]) -> PersonRef | None:
    return None if user_id is None else PersonRef(user_id, people.get(user_id, "?"))


def _common(base: tuple[_Value, ...], asked: tuple[_Value, ...]) -> tuple[_Value, ...] | None:
    if not base or not asked:
        return base or asked
    return tuple(value for value in base if value in asked) or None
