"""Drafts: kept with every pause in typing, so that no text is lost by a page, a browser, a server or a lapsed claim.

A draft belongs to one person, one conversation and one mode. Revisions come from the browser and only grow: a save that
arrives late is dropped. It knows nothing of claims, because a claim that lapses must not take the text along.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.lists import source_names
from inbox.printable import printable
from inbox.sentences import Sentence
from inbox.views import CurrentUser, PersonRef
from inbox.writing import facts
from inbox.writing.guard import LONGEST_TEXT
from inbox.writing.views import ColleagueDraft, DraftKept, Drafts, DraftView, Mode, UnsentDraft
from store import drafts as rows

VISIBILITIES = frozenset({"public", "unlisted", "private"})
# How long an emptied draft stays as a sign against saves that arrive late.
_LATE = timedelta(days=1)
# An answer somebody began longer ago says nothing about who is at work now.
_STALE = timedelta(days=7)
_EXCERPT = 120
_MOST_REV = 2**31 - 1


def save(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    *,
    mode: Mode,
    text: str,
    rev: int,
    version: int,
    visibility: str | None = None,
    template_id: int | None = None,
) -> DraftKept:
    """Keep what somebody typed; blank text removes the draft.

    Raises:
        NotFound: there is no such conversation.
        BadInput: longer than 100,000 characters, or a value that no browser of ours sends.
    """
    clean = printable(text)
    if len(clean) > LONGEST_TEXT:
        raise BadInput(
            Sentence(
                "This text has {n} characters; at most {most} are kept. Shorten it; the rest is only on your screen.",
                n=len(clean),
                most=LONGEST_TEXT,
            ),
            n=len(clean),
            most=LONGEST_TEXT,
        )
    if not 0 < rev <= _MOST_REV or (visibility is not None and visibility not in VISIBILITIES):
        raise BadInput(Sentence("This draft cannot be read; reload the page."))
    with desk.store.write() as conn:
        now = desk.clock()
        row = facts.find(conn, conversation_id)
        kept = clean if clean.strip() else ""
        wanted = rows.DraftRow(
            row.id, user.id, mode.value, kept, visibility, template_id if kept else None, version, rev, now
        )
        stands = rows.keep(desk.store, conn, wanted)
        if not kept:
            rows.forget_emptied(conn, user.id, before=now - _LATE)
        return DraftKept(rev=stands, kept=stands == rev, at=now)


def discard(desk: Desk, user: CurrentUser, conversation_id: int, mode: Mode) -> DraftKept:
    """Remove one's own draft, whatever its revision.

    Raises:
        NotFound: there is no such conversation.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        row = facts.find(conn, conversation_id)
        standing = rows.of_writer(conn, row.id, user.id, mode)
        if standing is None:
            return DraftKept(rev=0, kept=True, at=now)
        emptied = rows.DraftRow(
            row.id, user.id, mode.value, "", None, None, standing.base_version, standing.rev + 1, now
        )
        return DraftKept(rev=rows.keep(desk.store, conn, emptied), kept=True, at=now)


def give_back(desk: Desk, conn: Connection, answer: Row[Any]) -> None:
    """An answer that was taken back (a row of the outbox) is its author's draft again, before what was typed since."""
    if answer.kind == "reply" and answer.created_by is not None and answer.text:
        whose = (answer.conversation_id, answer.created_by, Mode.REPLY)
        kept = {"visibility": answer.visibility, "template_id": answer.template_id}
        _before_typed(desk, conn, whose, answer.text, base_version=answer.base_version, **kept)


def text_back(desk: Desk, conn: Connection, taken: Row[Any], mode: Mode, text: str) -> None:
    """A note, or an answer kept by hand, that was taken back (its event) is its author's draft again."""
    if text.strip():
        whose = (int(taken.object_id), int(taken.actor_id), mode)
        _before_typed(desk, conn, whose, text, base_version=int((taken.after or {}).get("version", 0)))


def _before_typed(
    desk: Desk,
    conn: Connection,
    whose: tuple[int, int, Mode],
    text: str,
    *,
    base_version: int,
    visibility: str | None = None,
    template_id: int | None = None,
) -> None:
    conversation_id, user_id, mode = whose
    standing = rows.of_writer(conn, conversation_id, user_id, mode)
    typed = standing.text if standing is not None and standing.text != text else ""
    rows.keep(
        desk.store,
        conn,
        rows.DraftRow(
            conversation_id=conversation_id,
            user_id=user_id,
            mode=mode.value,
            text="\n\n".join(part for part in (text, typed) if part)[:LONGEST_TEXT],
            visibility=visibility,
            template_id=template_id,
            base_version=base_version,
            rev=1 if standing is None else standing.rev + 1,
            updated_at=desk.clock(),
        ),
    )


def of_conversation(desk: Desk, user: CurrentUser, conversation_id: int) -> Drafts:
    """One's own drafts on a conversation, and which colleagues have an answer standing.

    Raises:
        NotFound: there is no such conversation.
    """
    now = desk.clock()
    with desk.store.read() as conn:
        found = rows.of_conversation(conn, facts.find(conn, conversation_id).id)
    mine = tuple(
        DraftView(Mode(row.mode), row.text, row.rev, row.base_version, row.visibility, row.template_id, row.updated_at)
        for row, _name in found
        if row.user_id == user.id and row.text
    )
    others = tuple(
        ColleagueDraft(PersonRef(row.user_id, name), Mode(row.mode), row.updated_at)
        for row, name in found
        if row.user_id != user.id and row.text and row.mode != Mode.NOTE and row.updated_at > now - _STALE
    )
    return Drafts(mine, others, {row.mode: row.rev for row, _name in found if row.user_id == user.id})


def of_person(desk: Desk, user: CurrentUser) -> tuple[UnsentDraft, ...]:
    """What somebody has not sent, newest first."""
    with desk.store.read() as conn:
        found = rows.of_person(conn, user.id)
        sources = source_names(conn) if found else {}
    return tuple(
        UnsentDraft(
            conversation_id=row.conversation_id,
            mode=Mode(row.mode),
            excerpt=" ".join(row.text.split())[:_EXCERPT],
            author_name=row.author_name,
            source_name=sources.get(row.source_id, row.source_id),
            status=row.status,
            updated_at=row.updated_at,
        )
        for row in found
    )
