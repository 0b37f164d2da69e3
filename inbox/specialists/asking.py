"""What agents do: ask a specialist something about a conversation, see how it stands, take it back."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from inbox import moves, sessions, steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.mail.addresses import clean_address
from inbox.mail.notify import address, minute, queue
from inbox.mail.texts import MailKind, write
from inbox.sentences import Sentence
from inbox.specialists.standing import VALID, clean_name, clean_text, may_answer, standing_of
from inbox.specialists.views import Asked, QuestionView
from inbox.states import By, Status, decide
from inbox.views import CurrentUser, Done
from store.mail import withdraw
from store.schema import specialist_link
from store.specialists import QuestionRow, questions_of

MOST_PENDING = 10


def ask(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    *,
    name: str,
    email: str,
    question: str,
    version: int | None = None,
) -> Asked:
    """Ask somebody without a seat. What is new or open waits for a colleague from now on.

    The mail goes after the ten seconds in which the step can be taken back.

    Raises:
        BadInput: no name, address or question, or too many that wait.
        NotFound, ClaimedByOther, Changed: see `inbox.errors`.
    """
    who, to, asked = clean_name(name), clean_address(email), clean_text(question, what="question")
    token, link_id = secrets.token_urlsafe(32), desk.store.new_id()
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        steps.check_unchanged(conn, row, user, version)
        pending = [one for one in questions_of(conn, row.id) if may_answer(standing_of(one, now))]
        if len(pending) >= MOST_PENDING:
            raise BadInput(
                Sentence(
                    "{most} questions about this conversation wait already; take one back first.", most=MOST_PENDING
                ),
                what="too_many_questions",
            )
        conn.execute(
            specialist_link.insert().values(
                id=link_id,
                token_sha256=sessions.digest(token),
                conversation_id=row.id,
                email=to,
                name=who,
                question=asked,
                created_by=user.id,
                created_at=now,
                expires_at=now + VALID,
            )
        )
        step = steps.Step(
            "asked_specialist",
            steps.after_move(desk, row, _to_waiting(row, user, now)),
            facts={"name": who, "link_id": link_id},
        )
        done = steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)
        if desk.settings.can_mail:
            letter = write(
                MailKind.QUESTION,
                user.language or desk.settings.language,
                link=address(desk, f"/ask/{token}"),
                quoted=asked,
                name=who,
                by=user.name,
                until=minute(desk, now + VALID),
            )
            queue(
                desk,
                conn,
                letter,
                kind=MailKind.QUESTION,
                to=to,
                key=mail_key(link_id),
                conversation_id=row.id,
                not_before=now + steps.FOR_GOOD,
            )
    return Asked(done=done, token=token, mailed=desk.settings.can_mail, name=who, expires_at=now + VALID)


def questions(desk: Desk, conversation_id: int) -> tuple[QuestionView, ...]:
    """All questions about a conversation, oldest first."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = questions_of(conn, conversation_id)
        return tuple(_view(row, steps.name_of(conn, row.created_by), now) for row in rows)


def take_back(desk: Desk, user: CurrentUser, link_id: int) -> Done:
    """Take a question back: its link stops working, and its mail does not go if it has not gone.

    The conversation stays where it is: what to do with it is a decision of its own.

    Raises:
        NotFound: there is no such question, or it was answered.
    """
    with desk.store.write() as conn:
        now = desk.clock()
        found = conn.execute(specialist_link.select().where(specialist_link.c.id == link_id)).first()
        if found is None:
            raise NotFound(what="question", key=link_id)
        row = steps.load(conn, found.conversation_id)
        if not end(conn, link_id, now):
            raise NotFound(what="question that waits", key=link_id)
        step = steps.Step("specialist_revoked", facts={"name": found.name, "link_id": link_id})
        return steps.write(desk, conn, row, steps.Doer.person(user), step, now=now)


def end(conn: Connection, link_id: int, now: datetime) -> bool:
    """End a link that waits for an answer, inside the caller's transaction; whether there was one."""
    ended = conn.execute(
        specialist_link.update()
        .where(
            specialist_link.c.id == link_id,
            specialist_link.c.answered_at.is_(None),
            specialist_link.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    withdraw(conn, mail_key(link_id))
    return ended.rowcount == 1


def mail_key(link_id: int) -> str:
    """Under which the mail of a question is queued, once."""
    return f"question:{link_id}"


def _to_waiting(row: Row[Any], user: CurrentUser, now: datetime) -> dict[str, Any]:
    """New and open wait for a colleague from now on, as two allowed moves; any other state stays what it is."""
    changes: dict[str, Any] = {}
    status = row.status
    if status == Status.NEW:
        status = decide(status, Status.OPEN, By.AGENT).after
    if status == Status.OPEN:
        decision = decide(status, Status.WAITING_INTERNAL, By.AGENT)
        changes = moves.changes_of(decision, row, now=now, user_id=user.id)
    return changes


def _view(row: QuestionRow, asked_by: str, now: datetime) -> QuestionView:
    return QuestionView(
        id=row.id,
        name=row.name,
        email=row.email,
        question=row.question,
        asked_by=asked_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        standing=standing_of(row, now),
        opened_at=row.opened_at,
        answered_at=row.answered_at,
    )
