"""Conversations and what was done with them, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.lists import narrowed
from inbox.programs.narrowing import both, sight_of
from inbox.programs.views import Happening, Page, Place, Talk
from inbox.tokens.views import Bearer
from inbox.views import Filters
from store import newest, theming
from store.cards import ConversationRow, cards_by_id
from store.export_rows import snapshot
from store.filters import ConversationFilter
from store.handing import rules
from store.schema import conversation, event
from store.thread import tags_of

_HIGHEST_TALK = select(func.max(conversation.c.id))
_HIGHEST_EVENT = select(func.max(event.c.id))


def page(desk: Desk, bearer: Bearer, filters: Filters, *, place: Place | None, limit: int) -> Page[Talk]:
    """A page of conversations, newest first; with a search, by their newest message that matches.

    Raises:
        BadSearch: the search cannot be read.
    """
    sight = sight_of(bearer)
    wanted = narrowed(desk, ConversationFilter(scope="all"), filters)
    sources = both(bearer.source_ids, filters.source_ids)
    brands = both(bearer.brand_ids, filters.brand_ids)
    if wanted is None or sources is None or brands is None:
        return Page((), None)
    wanted = replace(wanted, source_ids=sources, brand_ids=brands)
    with desk.store.read() as conn:
        begin = place or _top(conn, _HIGHEST_TALK if wanted.text is None else None)
        found = newest.conversations(conn, wanted, sight, limit=limit, before=begin.before, up_to=begin.up_to)
        cards = cards_by_id(conn, found.ids)
        rows = _talks(conn, [cards[one] for one in found.ids if one in cards])
    return Page(rows, None if found.reached is None else Place(found.reached, begin.up_to))


def one(desk: Desk, bearer: Bearer, conversation_id: int) -> Talk:
    """One conversation.

    Raises:
        NotFound: there is none that this token may see.
    """
    with desk.store.read() as conn:
        cards = cards_by_id(conn, [conversation_id])
        if not cards or not newest.sees(conn, conversation_id, sight_of(bearer)):
            raise NotFound(what="conversation", key=conversation_id)
        (talk,) = _talks(conn, list(cards.values()))
    return talk


def events(
    desk: Desk,
    bearer: Bearer,
    *,
    conversation_id: int | None,
    actions: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    place: Place | None,
    limit: int,
) -> Page[Happening]:
    """A page of what was done with conversations, newest first."""
    with desk.store.read() as conn:
        begin = place or _top(conn, _HIGHEST_EVENT)
        found = newest.events(
            conn,
            sight_of(bearer),
            conversation_id=conversation_id,
            actions=actions,
            since=since,
            until=until,
            limit=limit,
            before=begin.before,
        )
        query = select(event).where(event.c.id.in_(found.ids)).order_by(event.c.id.desc())
        rows = tuple(_happening(row) for row in conn.execute(query))
    return Page(rows, None if found.reached is None else Place(found.reached, begin.up_to))


def _top(conn: Connection, highest: Any) -> Place:
    top = snapshot(conn) if highest is None else int(conn.execute(highest).scalar_one() or 0)
    return Place(top + 1, top)


def _talks(conn: Connection, rows: Sequence[ConversationRow]) -> tuple[Talk, ...]:
    ids = [row.id for row in rows]
    tags, themes, ruled = tags_of(conn, ids), theming.theme_names_of(conn, set(ids)), rules(conn)
    plain = [name for name in Talk.__slots__ if name not in {"tags", "themes"}]
    made = []
    for row in rows:
        values: dict[str, Any] = {name: getattr(row, name) for name in plain}
        if row.source_id in ruled:
            values |= {"kind": None, "lang": None, "sentiment": None, "rating": None}
        made.append(Talk(**values, tags=tuple(tags.get(row.id, ())), themes=tuple(themes.get(row.id, ()))))
    return tuple(made)


def _happening(row: Any) -> Happening:
    return Happening(
        id=row.id,
        at=row.at,
        conversation_id=int(row.object_id),
        action=row.action,
        actor_type=row.actor_type,
        actor_id=row.actor_id,
        from_status=_status(row.before),
        to_status=_status(row.after),
        cycle=row.cycle,
        wall_s=row.wall_s,
        business_s=row.business_s,
        undo_of=row.undo_of,
    )


def _status(told: Any) -> str | None:
    found = told.get("status") if isinstance(told, dict) else None
    return found if isinstance(found, str) else None
