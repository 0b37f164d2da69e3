"""Telling those who may approve that an answer waits for them, and taking that back when it waits no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import steps
from inbox.desk import Desk
from inbox.mail.notify import notify, unqueue
from inbox.mail.texts import MailKind
from inbox.permissions import PERMISSIONS, Permission
from inbox.views import CurrentUser
from store.schema import user_account

_ROLES = tuple(role.value for role, granted in PERMISSIONS.items() if Permission.APPROVE in granted)


def tell(desk: Desk, conn: Connection, row: Row[Any], author: CurrentUser, *, outbox_id: int, text: str) -> None:
    """Queue a mail to those who approve for the team of the conversation; to everybody who approves if it has none.

    It goes when the step cannot be taken back any more.
    """
    c = user_account.c
    people = conn.execute(select(c.id, c.team_id).where(c.active, c.role.in_(_ROLES), c.id != author.id)).all()
    near = [one for one in people if row.team_id is None or one.team_id in {None, row.team_id}]
    for one in near or people:
        notify(
            desk,
            conn,
            one.id,
            MailKind.APPROVAL,
            key=_key(outbox_id),
            conversation_id=row.id,
            by=author.name,
            quoted=text,
            not_before=desk.clock() + steps.FOR_GOOD,
        )


def untell(conn: Connection, outbox_id: int) -> None:
    """Take back the mails that have not gone: it was taken back, or somebody decided."""
    unqueue(conn, _key(outbox_id))


def _key(outbox_id: int) -> str:
    return f"approval:{outbox_id}"
