"""What the holder of a link may do: read the question and the thread, and answer once. Nothing else hangs on it.

They see the messages of this one conversation, but not those said in private: a link can be passed on. No notes, no
history, no tags, and nothing of the customer but the name that stands with the messages.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import sessions, steps, throttle
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.mail.notify import notify
from inbox.mail.texts import MailKind
from inbox.specialists.standing import clean_text, may_answer, standing_of
from inbox.specialists.views import QuestionPage, SaidView
from inbox.states import By, Status, decide
from inbox.views import Done
from store import thread
from store.schema import conversation, note, specialist_link
from store.specialists import QuestionRow, question_by_token

FREE_PER_ADDRESS = 20
_MESSAGES = 100


def open_page(desk: Desk, token: str, *, from_address: str) -> QuestionPage:
    """What the page behind a link shows; the first look at it is recorded.

    Raises:
        NotFound: there never was such a link.
        TooManyAttempts: somebody guesses links.
    """
    now = desk.clock()
    question = _found(desk, token, from_address, now)
    if may_answer(standing_of(question, now)) and question.opened_at is None:
        _record_opening(desk, question, now)
        question = replace(question, opened_at=now)
    standing = standing_of(question, now)
    with desk.store.read() as conn:
        asked_by = steps.name_of(conn, question.created_by)
        if not may_answer(standing):
            return QuestionPage(standing, question.name, asked_by, desk.settings.timezone)
        page = thread.mentions_of(conn, question.conversation_id, limit=_MESSAGES)
        wanted = select(conversation.c.visibility).where(conversation.c.id == question.conversation_id)
        private = conn.execute(wanted).scalar() == "private"
    shown = [one for one in page.rows if not private and one.visibility != "private"]
    said = tuple(
        SaidView(
            author_name=one.author_name or one.author_handle or "",
            ours=one.direction == "outbound",
            title=one.title if one.deleted_at is None else None,
            text=one.text if one.deleted_at is None else "",
            removed=one.deleted_at is not None,
            at=one.published_at or one.sort_at,
        )
        for one in shown
    )
    return QuestionPage(
        standing=standing,
        name=question.name,
        asked_by=asked_by,
        timezone=desk.settings.timezone,
        question=question.question,
        expires_at=question.expires_at,
        said=said,
        more=page.more and not private,
        withheld=len(shown) < len(page.rows),
    )


def answer(desk: Desk, token: str, text: str, *, from_address: str) -> Done:
    """Answer: a note under the specialist's name, and the conversation is open again for who has it.

    Raises:
        NotFound: there is no such link, or it was used, taken back, or has expired.
        BadInput: an empty or too long answer.
        TooManyAttempts: somebody guesses links.
    """
    now = desk.clock()
    question = _found(desk, token, from_address, now)
    clean = clean_text(text, what="answer")
    with desk.store.write() as conn:
        row = steps.load(conn, question.conversation_id)
        used = conn.execute(
            specialist_link.update()
            .where(
                specialist_link.c.id == question.id,
                specialist_link.c.answered_at.is_(None),
                specialist_link.c.revoked_at.is_(None),
                specialist_link.c.expires_at > now,
            )
            .values(answered_at=now)
        )
        if used.rowcount != 1:
            raise NotFound(what="question that waits", key=question.name)
        note_id = desk.store.new_id()
        conn.execute(
            note.insert().values(
                id=note_id,
                conversation_id=row.id,
                author_id=0,
                author_name=f"{question.name} (specialist)",
                at=now,
                text=clean,
            )
        )
        conn.execute(specialist_link.update().where(specialist_link.c.id == question.id).values(note_id=note_id))
        step = steps.Step(
            "specialist_answered",
            {**steps.after_move(desk, row, _back_to_work(row, question)), "n_notes": row.n_notes + 1},
            facts={"name": question.name, "note_id": note_id, "link_id": question.id},
        )
        done = steps.write(desk, conn, row, steps.Doer("specialist"), step, now=now)
        notify(
            desk,
            conn,
            question.created_by,
            MailKind.ANSWERED,
            key=f"answered:{question.id}",
            conversation_id=row.id,
            by=question.name,
            quoted=clean,
        )
        return done


def _found(desk: Desk, token: str, from_address: str, now: datetime) -> QuestionRow:
    """The question behind a link. Wrong links count as guesses, so that trying them out is slow.

    Raises:
        NotFound, TooManyAttempts: see `open_page`.
    """
    subject = throttle.subject_of("specialist", from_address)
    with desk.store.read() as conn:
        throttle.check(conn, now, {subject: FREE_PER_ADDRESS})
        found = question_by_token(conn, sessions.digest(token))
    if found is None:
        with desk.store.write() as conn:
            throttle.record(desk, conn, now, [subject])
        raise NotFound(what="question", key="with this link")
    return found


def _record_opening(desk: Desk, question: QuestionRow, now: datetime) -> None:
    with desk.store.write() as conn:
        row = steps.load(conn, question.conversation_id)
        if _open(conn, question.id, now):
            step = steps.Step("specialist_opened", facts={"name": question.name, "link_id": question.id})
            steps.write(desk, conn, row, steps.Doer("specialist"), step, now=now)


def _open(conn: Connection, link_id: int, now: datetime) -> bool:
    done = conn.execute(
        specialist_link.update()
        .where(specialist_link.c.id == link_id, specialist_link.c.opened_at.is_(None))
        .values(opened_at=now)
    )
    return done.rowcount == 1


def _back_to_work(row: Row[Any], question: QuestionRow) -> dict[str, Any]:
    """What waited for the specialist is open again, for whoever has it, else for who asked."""
    if row.status != Status.WAITING_INTERNAL:
        return {}
    decision = decide(row.status, Status.OPEN, By.SPECIALIST)
    return {
        "status": decision.after.value,
        "status_reason": None,
        "assignee_id": row.assignee_id or question.created_by,
    }
