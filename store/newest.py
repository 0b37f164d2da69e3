"""Pages of mentions, conversations and events for programs: highest id first, by keyset.

An id never changes and grows with time, so what arrives while somebody pages lands before their first page: the pages
put together are the list as it stood when the first was read. Lists for people have orders of their own
(`store.lists`), in which rows move.

A page costs a bounded walk: where a filter finds little, it may hold fewer rows than asked for, even none, and still
have a next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, FromClause, Integer, Select, bindparam, func, select

from store.export_filter import ExportFilter, conditions_of, of_conversations
from store.filters import ConversationFilter, Nested, Residual, conditions
from store.handing import withheld
from store.ids import id_floor
from store.schema import conversation, event, mention, mention_brand, mention_key
from store.search import matching_conversations, matching_mentions
from store.search_nodes import TextSearch

STEPS = (500, 2_000, 8_000, 20_000)
"""Rows that one page walks, in stretches, until it is full."""
_SEARCHES = 4
_NAMESAKES = 100
_SLACK = timedelta(days=1)
_REMEMBERED = 200
_OF_MENTIONS = mention.join(conversation, conversation.c.id == mention.c.conversation_id)
# In words of its own: ix_event_object and the record know conversations by this text.
_CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of one page, the highest first; the next page begins below `reached` (None: there is none)."""

    ids: tuple[int, ...]
    reached: int | None


@dataclass(frozen=True, slots=True)
class _Walk:
    """The statements of a walk down a key, made once for a question: making one costs more than running it.

    Attributes:
        edge: of the next `step` rows below `before` the lowest id, and how many there are.
        rows: ids of the rows in [edge, before) that are asked for, at most `most`.
    """

    edge: Select[Any, int]
    rows: Select[Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen at all.

    Attributes:
        private: private conversations and messages too.
        source_ids, brand_ids: only what is of one of these; empty: everything.
    """

    private: bool = False
    source_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()


def mentions(conn: Connection, wanted: ExportFilter, *, limit: int, before: int) -> Found:
    """Mentions that may leave, newest first.

    Walks the primary key, that of mention_brand where one brand is asked for, or the full text for words.

    Args:
        conn: a connection of `Store.read()`.
        wanted: the filter.
        limit: at most so many.
        before: only ids below this one.
    """
    lowest = _lowest(wanted.since)
    if wanted.text is None:
        return _walked(conn, _mention_walk(wanted), limit=limit, before=before, lowest=lowest)
    asked = [*conditions_of(wanted), ~withheld()]
    beside = ConversationFilter(
        scope="all",
        statuses=wanted.statuses,
        priorities=wanted.priorities,
        whys=wanted.whys,
        team_id=wanted.team_id,
        assignee_id=wanted.assignee_id,
        unanswered=True if wanted.unanswered else None,
        tags=wanted.tags,
        theme_ids=wanted.theme_ids,
    )
    ids: list[int] = []
    reached: int | None = before
    for _ in range(_SEARCHES):
        hits, reached = matching_mentions(conn, beside, wanted.text, limit=limit, before=before)
        kept = select(mention.c.id).select_from(_OF_MENTIONS).where(mention.c.id.in_([hit.mention_id for hit in hits]))
        ids += conn.execute(kept.where(*asked).order_by(mention.c.id.desc())).scalars()
        if len(ids) >= limit or reached is None or reached <= lowest:
            break
        before = reached
    if len(ids) > limit:
        return Found(tuple(ids[:limit]), ids[limit - 1])
    return Found(tuple(ids), None if reached is None or reached <= lowest else reached)


def called(conn: Connection, external_id: str) -> list[int]:
    """Mentions that their sources call so (primary key, which leads with it): one, but for equal ids of platforms."""
    c = mention_key.c
    query = select(c.mention_id).where(c.external_id == external_id).order_by(c.mention_id.desc())
    return list(conn.execute(query.limit(_NAMESAKES)).scalars())


def messages(conn: Connection, conversation_id: int, *, no_private: bool, limit: int, before: int) -> Found:
    """Mentions of one conversation that may leave, newest first. Served by ix_mention_thread."""
    c = mention.c
    query = select(c.id).where(c.conversation_id == conversation_id, c.id < before, ~withheld())
    if no_private:
        query = query.where(c.visibility != "private")
    return _cut(list(conn.execute(query.order_by(c.id.desc()).limit(limit + 1)).scalars()), limit)


def conversations(
    conn: Connection, wanted: ConversationFilter, sight: Sight, *, limit: int, before: int, up_to: int
) -> Found:
    """Conversations, newest first; with words, by their newest message up to `up_to` that holds them.

    Args:
        conn: a connection of `Store.read()`.
        wanted: the filter; its `since` and `until` are of the conversation's `sort_at`.
        sight: what may be seen at all.
        limit: at most so many.
        before: only below this id: of a conversation, or of a message where words are asked for.
        up_to: highest id of a message when the first page was read.
    """
    if wanted.text is not None:
        visible = TextSearch(wanted.text.node, _only(wanted.text.keep, sight))
        hits, reached = matching_conversations(conn, wanted, visible, limit=limit, before=before, up_to=up_to)
        shown = select(conversation.c.id).where(
            conversation.c.id.in_([hit.conversation_id for hit in hits]), *_seen(sight)
        )
        allowed = set(conn.execute(shown).scalars())
        return Found(tuple(hit.conversation_id for hit in hits if hit.conversation_id in allowed), reached)
    return _walked(conn, _conversation_walk(wanted, sight), limit=limit, before=before)


def sees(conn: Connection, conversation_id: int, sight: Sight) -> bool:
    """Whether a conversation is there, and may be seen (primary key)."""
    return bool(_visible(conn, [conversation_id], sight))


def events(
    conn: Connection,
    sight: Sight,
    *,
    conversation_id: int | None,
    actions: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    limit: int,
    before: int,
) -> Found:
    """What was done with conversations that may be seen, newest first; walks the primary key, or ix_event_object.

    Args:
        conn: a connection of `Store.read()`.
        sight: what may be seen at all.
        conversation_id: of this one only.
        actions: only these; empty: all.
        since: only what happened at this instant or later.
        until: only what happened before.
        limit: at most so many.
        before: only ids below this one.
    """
    c = event.c
    asked: list[ColumnElement[bool]] = []
    if actions:
        asked.append(Residual.of(c.action).in_(sorted(set(actions))))
    if since is not None:
        asked.append(Residual.of(c.at) >= since)
    if until is not None:
        asked.append(Residual.of(c.at) < until)
    if conversation_id is not None:
        if not sees(conn, conversation_id, sight):
            return Found((), None)
        query = select(c.id).where(c.object_type == _CONVERSATION, c.object_id == str(conversation_id), c.id < before)
        return _cut(list(conn.execute(query.where(*asked).order_by(c.id.desc()).limit(limit + 1)).scalars()), limit)
    asked.append(Residual.of(c.object_type) == _CONVERSATION)
    found = _walked(conn, _walk(event, c.id, asked), limit=limit, before=before, lowest=_lowest(since))
    about = {row.id: int(row.object_id) for row in conn.execute(select(c.id, c.object_id).where(c.id.in_(found.ids)))}
    visible = _visible(conn, set(about.values()), sight)
    return Found(tuple(one for one in found.ids if about.get(one) in visible), found.reached)


@lru_cache(_REMEMBERED)
def _mention_walk(wanted: ExportFilter) -> _Walk:
    """Over the mentions of a filter without words; conversations are joined only where something of them is asked."""
    if len(wanted.brand_ids) == 1:
        key, along = mention_brand.c.mention_id, [mention_brand.c.brand_id == wanted.brand_ids[0]]
        wanted = replace(wanted, brand_ids=())
        rows: FromClause = Nested(mention_brand, mention, mention.c.id == key)
    else:
        key, along, rows = mention.c.id, [], mention
    if of_conversations(wanted):
        rows = rows.join(conversation, conversation.c.id == mention.c.conversation_id)
    return _walk(rows, key, [*conditions_of(wanted), ~withheld()], along)


@lru_cache(_REMEMBERED)
def _conversation_walk(wanted: ConversationFilter, sight: Sight) -> _Walk:
    """Over the conversations of a filter without words that may be seen."""
    asked = [*conditions(replace(wanted, since=None, until=None)), *_seen(sight)]
    if wanted.since is not None:
        asked.append(Residual.of(conversation.c.sort_at) >= wanted.since)
    if wanted.until is not None:
        asked.append(Residual.of(conversation.c.sort_at) < wanted.until)
    return _walk(conversation, conversation.c.id, asked)


def _walk(
    rows: FromClause,
    row_id: ColumnElement[int],
    asked: Sequence[ColumnElement[bool]],
    along: Sequence[ColumnElement[bool]] = (),
) -> _Walk:
    """Down a key; `along` is what leads it, `asked` what else is asked for."""
    before, lowest, edge = (bindparam(name, type_=BigInteger) for name in ("before", "lowest", "edge"))
    stretch = select(row_id.label("id")).where(*along, row_id < before, row_id >= lowest).order_by(row_id.desc())
    near = stretch.limit(bindparam("step", type_=Integer)).subquery()
    found = select(row_id).select_from(rows).where(*along, row_id < before, row_id >= edge, *asked)
    return _Walk(
        select(func.min(near.c.id), func.count()).select_from(near),
        found.order_by(row_id.desc()).limit(bindparam("most", type_=Integer)),
    )


def _walked(conn: Connection, walk: _Walk, *, limit: int, before: int, lowest: int = 0) -> Found:
    """Walk down, in stretches, until the page is full or cost enough."""
    ids: list[int] = []
    for step in STEPS:
        edge, n = conn.execute(walk.edge, {"before": before, "lowest": lowest, "step": step}).one()
        if n == 0:
            return Found(tuple(ids), None)
        most = limit + 1 - len(ids)
        ids += conn.execute(walk.rows, {"before": before, "edge": edge, "most": most}).scalars()
        if len(ids) > limit:
            return Found(tuple(ids[:limit]), ids[limit - 1])
        if n < step:
            return Found(tuple(ids), None)
        before = edge
    return Found(tuple(ids), before)


def _cut(ids: list[int], limit: int) -> Found:
    return Found(tuple(ids), None) if len(ids) <= limit else Found(tuple(ids[:limit]), ids[limit - 1])


def _lowest(since: datetime | None) -> int:
    """Below this id nothing can be of `since` or later: nothing is published after it was stored."""
    return 0 if since is None else id_floor(since - _SLACK)


def _seen(sight: Sight) -> list[ColumnElement[bool]]:
    """Conversations that may be seen."""
    narrow = ConversationFilter(scope="all", source_ids=sight.source_ids, brand_ids=sight.brand_ids)
    found = conditions(narrow)
    if not sight.private:
        found.append(Residual.of(conversation.c.visibility) != "private")
    return found


def _visible(conn: Connection, conversation_ids: Sequence[int] | set[int], sight: Sight) -> set[int]:
    query = select(conversation.c.id).where(conversation.c.id.in_(sorted(conversation_ids)), *_seen(sight))
    return set(conn.execute(query).scalars())


def _only(
    keep: Callable[[Connection, Sequence[int]], Any], sight: Sight
) -> Callable[[Connection, Sequence[int]], frozenset[int]]:
    """Judge a search by messages that may leave only, so that it tells nothing of the others."""

    def kept(conn: Connection, mention_ids: Sequence[int]) -> frozenset[int]:
        found = select(mention.c.id).where(mention.c.id.in_(list(keep(conn, mention_ids))), ~withheld())
        if not sight.private:
            found = found.where(mention.c.visibility != "private")
        return frozenset(conn.execute(found).scalars())

    return kept
