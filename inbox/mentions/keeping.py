"""Keeping who is named in a note, in the transaction that writes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from inbox import steps
from inbox.desk import Desk
from inbox.mail.notify import notify, unqueue
from inbox.mail.texts import MailKind
from inbox.mentions.parse import Nameable, named
from inbox.permissions import PERMISSIONS, Permission
from inbox.views import CurrentUser
from store import named as rows

ROLES = tuple(role.value for role, granted in PERMISSIONS.items() if Permission.NOTE in granted)
"""Roles whose people can be named: those who may answer with a note."""


def keep(
    desk: Desk, conn: Connection, author: CurrentUser, *, note_id: int, conversation_id: int, text: str, at: datetime
) -> list[str]:
    """Keep who is named in a note that was just written, and tell them by mail; their names.

    Who names themselves is not told. The mail goes when the note cannot be taken back any more.
    """
    if "@" not in text:
        return []
    people = [
        Nameable(int(str(one["id"])), str(one["login"]), str(one["name"])) for one in rows.people_to_name(conn, ROLES)
    ]
    ids = list(dict.fromkeys(one.user_id for one in named(text, people) if one.user_id != author.id))
    rows.put(conn, note_id=note_id, conversation_id=conversation_id, user_ids=ids, at=at)
    for user_id in ids:
        notify(
            desk,
            conn,
            user_id,
            MailKind.MENTIONED,
            key=_key(note_id),
            conversation_id=conversation_id,
            by=author.name,
            quoted=text,
            not_before=at + steps.FOR_GOOD,
        )
    names = {one.id: one.name for one in people}
    return [names[user_id] for user_id in ids]


def take_away(conn: Connection, note_id: int) -> None:
    """Forget who was named in a note that was taken back; mails that have not gone do not go."""
    rows.take_away(conn, note_id)
    unqueue(conn, _key(note_id))


def _key(note_id: int) -> str:
    return f"mentioned:{note_id}"
