"""A conversation opened: thread, author, history over channels, notes, timeline, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from inbox import lists, searching, steps, timeline
from inbox.desk import Desk
from inbox.errors import BadSearch, NotFound
from inbox.permissions import Permission
from inbox.states import By, Status, moves_from
from inbox.views import (
    AuthorView,
    Card,
    CurrentUser,
    Detail,
    DuplicateRow,
    EventView,
    HistoryRow,
    MessageView,
    NoteView,
    PersonRef,
    ReplyView,
)
from store import contacts, thread
from store.cards import ConversationRow, conversation_by_id
from store.commit.merging import find_merged

_EVENTS = 200
_HISTORY = 20
_DUPLICATES = 50


def detail(desk: Desk, user: CurrentUser, conversation_id: int, *, search: str = "", limit: int = 200) -> Detail:
    """A conversation with everything that its page shows.

    Raises:
        NotFound: there is no such conversation.
    """
    now = desk.clock()
    marker = _marker(desk, search)
    with desk.store.read() as conn:
        row = _found(conn, conversation_id)
        page = thread.mentions_of(conn, row.id, limit=limit)
        events = thread.events_of(conn, steps.CONVERSATION, str(row.id), limit=_EVENTS)
        notes = thread.notes_of(conn, row.id)
        people = lists.names_of(
            conn,
            [row.assignee_id, row.claimed_by, *(note.author_id for note in notes), *(one.actor_id for one in events)],
        )
        sources = lists.source_names(conn)
        tags = thread.tags_of(conn, [row.id]).get(row.id, ())
        card = lists.card_of(desk, row, tags=tags, people=people, sources=sources, marker=marker, now=now)
        messages = _messages(conn, page.rows, row, marker)
        author, history = _author(conn, row, sources)
        duplicates = _duplicates(conn, page.rows, sources)
    free = card.claimed_by is None or card.claimed_by.id == user.id
    return Detail(
        card=card,
        messages=messages,
        more_messages=page.more,
        notes=tuple(
            NoteView(note.id, PersonRef(note.author_id, people.get(note.author_id, "?")), note.at, note.text)
            for note in notes
        ),
        events=_timeline(events, people),
        author=author,
        history=history,
        duplicates=duplicates,
        reply=_reply(page.rows, row),
        moves=_moves(card, user) if free else (),
        may_claim=free and row.is_open and user.may(Permission.WORK),
    )


def earlier_messages(
    desk: Desk, conversation_id: int, *, before: MessageView, search: str = "", limit: int = 200
) -> tuple[MessageView, ...]:
    """Messages of the thread before one that is shown, oldest first.

    Raises:
        NotFound: there is no such conversation.
    """
    marker = _marker(desk, search)
    with desk.store.read() as conn:
        row = _found(conn, conversation_id)
        page = thread.mentions_of(conn, row.id, limit=limit, before=(before.sort_at, before.id))
        return _messages(conn, page.rows, row, marker)


def _found(conn: Connection, conversation_id: int) -> ConversationRow:
    """The conversation, or the one it was joined to: old links go on working."""
    row = conversation_by_id(conn, conversation_id)
    if row is None:
        merged = find_merged(conn, conversation_id)
        row = None if merged is None else conversation_by_id(conn, merged)
    if row is None:
        raise NotFound(what="conversation", key=conversation_id)
    return row


def _marker(desk: Desk, search: str) -> searching.Marker:
    try:
        wanted = searching.parse(search)
    except BadSearch:
        # The list has said already what is wrong with the search; the conversation is shown all the same.
        wanted = None
    return searching.Marker.of(desk, wanted)


def _messages(
    conn: Connection, rows: Sequence[thread.MentionRow], row: ConversationRow, marker: searching.Marker
) -> tuple[MessageView, ...]:
    html = thread.html_of(conn, [one.id for one in rows])
    parents = {one.external_id: one.id for one in rows}
    return tuple(
        MessageView(
            id=one.id,
            kind=one.kind,
            direction=one.direction,
            visibility=one.visibility,
            title=one.title,
            text=one.text,
            html=html.get(one.id),
            author_name=one.author_name or one.author_handle or "",
            author_handle=one.author_handle,
            author_id=one.author_id,
            is_staff=one.author_is_staff,
            is_bot=one.author_is_bot,
            lang=one.lang,
            sentiment=one.sentiment,
            rating=one.rating,
            rating_text=_rating(one.rating_raw, one.rating_scale),
            url=one.url,
            parent_id=parents.get(one.parent_external_id or ""),
            published_at=one.published_at,
            first_seen_at=one.first_seen_at,
            sort_at=one.sort_at,
            edited_at=one.edited_at,
            deleted_at=one.deleted_at,
            revision=one.revision,
            likes=one.likes,
            replies=one.replies,
            shares=one.shares,
            views=one.views,
            flags=tuple(one.flags or ()),
            marks_title=marker.marks(one.title, row.brand_ids),
            marks_text=marker.marks(one.text, row.brand_ids),
        )
        for one in rows
    )


def _timeline(events: Sequence[thread.EventRow], people: dict[int, str]) -> tuple[EventView, ...]:
    """The latest events, oldest first."""
    undone = {one.undo_of for one in events if one.undo_of is not None}
    return tuple(
        EventView(
            id=one.id,
            at=one.at,
            code=one.action,
            params=timeline.params_of(one),
            text=timeline.sentence(one, people.get(one.actor_id or 0, "")),
            actor_type=one.actor_type,
            actor=None if one.actor_id is None else PersonRef(one.actor_id, people.get(one.actor_id, "?")),
            cycle=one.cycle,
            undone=one.id in undone,
        )
        for one in reversed(events)
    )


def _author(
    conn: Connection, row: ConversationRow, sources: dict[str, str]
) -> tuple[AuthorView | None, tuple[HistoryRow, ...]]:
    found = {} if row.author_id is None else thread.authors_by_id(conn, [row.author_id])
    account = found.get(row.author_id or 0)
    if account is None:
        return None, ()
    accounts = contacts.accounts_of(conn, account.id)
    history = tuple(
        HistoryRow(
            conversation_id=one.id,
            platform=one.platform,
            source_name=sources.get(one.source_id, one.source_id),
            status=one.status,
            title=one.title,
            snippet=one.snippet,
            sort_at=one.sort_at,
        )
        for one in contacts.earlier_conversations(conn, accounts, without=row.id, limit=_HISTORY)
    )
    badges = [name for name, given in (("staff", account.is_staff), ("bot", account.is_bot)) if given]
    view = AuthorView(
        id=account.id,
        platform=account.platform,
        name=account.name or account.handle or "",
        handle=account.handle,
        url=account.url,
        followers=account.followers,
        badges=tuple(badges),
        n_contacts=sum(contacts.count_contacts(conn, accounts).values()),
    )
    return view, history


def _duplicates(
    conn: Connection, rows: Sequence[thread.MentionRow], sources: dict[str, str]
) -> tuple[DuplicateRow, ...]:
    return tuple(
        DuplicateRow(
            mention_id=one.mention_id,
            conversation_id=one.conversation_id,
            platform=one.platform,
            source_name=sources.get(one.source_id, one.source_id),
            author_name=one.author_name or "",
            url=one.url,
            sort_at=one.sort_at,
        )
        for one in thread.duplicates_of(conn, [row.id for row in rows], limit=_DUPLICATES)
    )


def _reply(rows: Sequence[thread.MentionRow], row: ConversationRow) -> ReplyView:
    """What the platform allows with the customer's latest message that still stands."""
    inbound = [one for one in rows if one.direction == "inbound" and one.deleted_at is None]
    may: dict[str, Any] = dict(inbound[-1].capabilities or {}) if inbound else {}
    link = may.get("deep_link") or (inbound[-1].url if inbound else None) or row.url
    return ReplyView(
        can_reply=bool(may.get("can_reply")),
        why_not=may.get("why_not_reply"),
        deep_link=link,
        max_length=may.get("max_length"),
        length_unit=may.get("length_unit") or "code_points",
    )


def _moves(card: Card, user: CurrentUser) -> tuple[str, ...]:
    """Where a button may lead. Giving back (`new` from `open`) is releasing the claim, not a move."""
    if user.may(Permission.WORK):
        by = By.AGENT
    elif user.may(Permission.NOTE) and card.status == Status.WAITING_INTERNAL:
        by = By.SPECIALIST
    else:
        return ()
    return tuple(
        after.value
        for after in moves_from(card.status, by)
        if (card.status, after.value) != (Status.OPEN.value, Status.NEW.value)
    )


def _rating(raw: float | None, scale: float | None) -> str | None:
    """`4/5` as the platform gave it."""
    return None if raw is None or scale is None else f"{raw:g}/{scale:g}"
