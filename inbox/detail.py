"""A conversation opened: thread, author, notes, timeline, and what may be done with it.

The person behind the author and all their contact is an area of its own: `inbox.persons`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from inbox import lists, searching, steps, timeline
from inbox.copies.reading import copies_of, repeated_by
from inbox.correspondent import AuthorView, ReplyView
from inbox.desk import Desk
from inbox.errors import BadSearch, NotFound
from inbox.permissions import Permission
from inbox.pictures.reading import attachments_of
from inbox.replying.seen_by import visibilities_of
from inbox.replying.until import as_of, until_of
from inbox.sentences import Sentence
from inbox.states import By, Status, moves_from
from inbox.tone.explaining import tone_of
from inbox.tone.scoring import scorer
from inbox.views import (
    Card,
    CurrentUser,
    Detail,
    EventView,
    MessageView,
    NoteView,
    PersonRef,
)
from store import contacts, thread
from store.cards import ConversationRow, conversation_by_id
from store.commit.merging import find_merged
from store.persons import badges_of
from store.records import CONTEXT
from understanding.sentiment import Scorer

_EVENTS = 200


def detail(desk: Desk, user: CurrentUser, conversation_id: int, *, search: str = "", limit: int = 200) -> Detail:
    """A conversation with everything that its page shows.

    Raises:
        NotFound: there is no such conversation.
    """
    now = desk.clock()
    marker, asked = _marker(desk, search), scorer(desk)
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
        themes = lists.theme_names(conn) if row.theme_id is not None else {}
        badges = {} if row.author_id is None else badges_of(conn, [row.author_id])
        card = lists.card_of(
            desk,
            row,
            tags=tags,
            people=people,
            sources=sources,
            marker=marker,
            now=now,
            badges=badges.get(row.author_id or 0, ()),
            theme=themes.get(row.theme_id) if row.theme_id is not None else None,
        )
        messages = _messages(conn, page.rows, row, marker, asked)
        first = [] if not page.more else thread.mentions_by_id(conn, [row.first_mention_id or 0]).values()
        opening = next(iter(_messages(conn, list(first), row, marker, asked)), None)
        author = _author(conn, row)
        copies = copies_of(conn, row.id, sources=sources, now=now) if row.n_duplicates else ()
        repeats = repeated_by(conn, page.rows, sources=sources)
    free = card.claimed_by is None or card.claimed_by.id == user.id
    return Detail(
        card=card,
        messages=messages,
        more_messages=page.more,
        opening=opening,
        answers_unseen=bool(page.rows) and not page.more and _answers_unseen(page.rows),
        notes=tuple(
            NoteView(
                note.id,
                PersonRef(note.author_id, note.author_name or people.get(note.author_id, "?")),
                note.at,
                note.text,
            )
            for note in notes
        ),
        events=_timeline(events, people),
        author=author,
        copies=copies,
        repeats=repeats,
        reply=_reply(page.rows, row, now),
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
    marker, asked = _marker(desk, search), scorer(desk)
    with desk.store.read() as conn:
        row = _found(conn, conversation_id)
        page = thread.mentions_of(conn, row.id, limit=limit, before=(before.sort_at, before.id))
        return _messages(conn, page.rows, row, marker, asked)


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
    conn: Connection,
    rows: Sequence[thread.MentionRow],
    row: ConversationRow,
    marker: searching.Marker,
    asked: Scorer,
) -> tuple[MessageView, ...]:
    correctors = lists.names_of(conn, [one.sentiment_corrected_by for one in rows])
    html = thread.html_of(conn, [one.id for one in rows])
    attached = attachments_of(conn, [one.id for one in rows])
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
            attached=attached.get(one.id, ()),
            tone=tone_of(one, asked, correctors),
        )
        for one in rows
    )


def _answers_unseen(rows: Sequence[thread.MentionRow]) -> bool:
    """Whether the thread begins with an answer to something that is not here (never read, or erased)."""
    first = next((one for one in rows if CONTEXT not in (one.flags or ())), rows[0])
    return first.parent_external_id is not None and first.parent_external_id not in {one.external_id for one in rows}


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
            actor=PersonRef(one.actor_id, people.get(one.actor_id, "?"))
            if one.actor_id is not None and one.actor_type == "human"
            else None,
            cycle=one.cycle,
            undone=one.id in undone,
        )
        for one in reversed(events)
    )


def _author(conn: Connection, row: ConversationRow) -> AuthorView | None:
    found = {} if row.author_id is None else thread.authors_by_id(conn, [row.author_id])
    account = found.get(row.author_id or 0)
    if account is None:
        return None
    badges = [name for name, given in (("staff", account.is_staff), ("bot", account.is_bot)) if given]
    return AuthorView(
        id=account.id,
        platform=account.platform,
        name=account.name or account.handle or "",
        handle=account.handle,
        url=account.url,
        followers=account.followers,
        badges=tuple(badges),
        n_contacts=sum(contacts.count_contacts(conn, contacts.accounts_of(conn, account.id)).values()),
    )


def _reply(rows: Sequence[thread.MentionRow], row: ConversationRow, now: datetime) -> ReplyView:
    """What the platform allows with the customer's latest message that still stands."""
    said = [one for one in rows if CONTEXT not in (one.flags or ())]
    inbound = [one for one in said if one.direction == "inbound" and one.deleted_at is None]
    if not inbound:
        gone = Sentence("The customer's messages were removed on the platform; there is nothing to answer.")
        return ReplyView(can_reply=False, why_not=gone, deep_link=row.url, max_length=None, length_unit="code_points")
    may = as_of(inbound[-1].capabilities, now)
    seen_by = visibilities_of(may, inbound[-1].visibility, row.visibility)
    why_not: Sentence | str | None = may.get("why_not_reply")
    if may.get("can_reply") and not seen_by:
        why_not = Sentence(
            "This conversation is private, and an answer from here would be public. Answer on the platform."
        )
    return ReplyView(
        can_reply=bool(may.get("can_reply")) and bool(seen_by),
        why_not=why_not,
        deep_link=may.get("deep_link") or inbound[-1].url or row.url,
        max_length=may.get("max_length"),
        length_unit=may.get("length_unit") or "code_points",
        link_length=may.get("link_length"),
        visibilities=seen_by if may.get("can_reply") else (),
        target_id=inbound[-1].id,
        can_like=bool(may.get("can_like")),
        can_hide=bool(may.get("can_hide")),
        can_recheck=bool(may.get("can_recheck")),
        own_id=_own(said) if may.get("can_reply") else None,
        until=until_of(may) if may.get("can_reply") else None,
    )


def _own(rows: Sequence[thread.MentionRow]) -> int | None:
    """Our latest post of the thread that still stands."""
    return next((one.id for one in reversed(rows) if one.direction == "outbound" and one.deleted_at is None), None)


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
