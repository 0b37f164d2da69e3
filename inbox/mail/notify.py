"""Telling somebody something by mail: written in their language, queued in the same transaction as what it is about.

`notify` is the one call other rooms need. It never sends, and it does nothing where no mail can go out. Mail lies about
on other people's servers, so of a private conversation it quotes nothing.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.mail.texts import Letter, MailKind, write
from inbox.mail.wanted import wants
from store.mail import NewMail, enqueue, withdraw
from store.schema import conversation, user_account

_LONGEST_QUOTE = 1_500


def notify(
    desk: Desk,
    conn: Connection,
    user_id: int,
    kind: MailKind,
    *,
    key: str,
    conversation_id: int,
    by: str = "",
    quoted: str = "",
    not_before: datetime | None = None,
) -> bool:
    """Queue a mail to a colleague about a conversation, inside the caller's transaction.

    Args:
        desk: where.
        conn: the caller's writing transaction.
        user_id: who is told.
        kind: what it is about.
        key: what makes this mail the same one again (`mentioned:<note id>`); it is queued once per person and key.
        conversation_id: what the link opens.
        by: who did it, by name.
        quoted: the words it is about; shortened when long, and left out of a private conversation.
        not_before: send it only then, for instance when a step can still be undone.

    Returns:
        Whether somebody will be told: not without mail settings, nor a disabled person, one without an address, or one
        who does not want mails of this kind.
    """
    if not desk.settings.can_mail:
        return False
    person = conn.execute(select(user_account).where(user_account.c.id == user_id, user_account.c.active)).first()
    if person is None or address_of(person.email, person.login) is None or not wants(person.mails, kind):
        return False
    if quoted and _is_private(conn, conversation_id):
        quoted = ""
    letter = write(
        kind,
        person.language or desk.settings.language,
        link=address(desk, f"/?c={conversation_id}"),
        quoted=quoted if len(quoted) <= _LONGEST_QUOTE else quoted[:_LONGEST_QUOTE].rstrip() + " …",
        name=person.name,
        by=by,
    )
    queue(
        desk,
        conn,
        letter,
        kind=kind,
        to=address_of(person.email, person.login) or "",
        key=f"{key}:{user_id}",
        conversation_id=conversation_id,
        not_before=not_before,
    )
    return True


def unqueue(conn: Connection, key: str) -> None:
    """Take back the mails to colleagues under a key of `notify` that nobody has begun to send."""
    withdraw(conn, *(f"{key}:{user_id}" for user_id in conn.execute(select(user_account.c.id)).scalars()))


def queue(
    desk: Desk,
    conn: Connection,
    letter: Letter,
    *,
    kind: MailKind,
    to: str,
    key: str,
    conversation_id: int | None = None,
    not_before: datetime | None = None,
) -> None:
    """Queue a letter to any address, inside the caller's transaction; once per key."""
    now = desk.clock()
    mail = NewMail(
        dedupe_key=key,
        kind=kind.value,
        to_address=to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        not_before=not_before or now,
        conversation_id=conversation_id,
    )
    enqueue(desk.store, conn, mail, now=now)


def address_of(email: str | None, login: str) -> str | None:
    """Where somebody gets mail: their address, or the name they sign in with where that is one."""
    return email or (login if "@" in login.strip("@") else None)


def address(desk: Desk, path: str) -> str:
    """A page of the dashboard as people reach it from outside."""
    return desk.settings.base_url.rstrip("/") + path


def _is_private(conn: Connection, conversation_id: int) -> bool:
    found = select(conversation.c.visibility).where(conversation.c.id == conversation_id)
    return conn.execute(found).scalar() == "private"


def minute(desk: Desk, at: datetime) -> str:
    """An instant in local time of the workspace, for a sentence that is read in any language."""
    return at.astimezone(ZoneInfo(desk.settings.timezone)).strftime("%d-%m-%Y %H:%M")
