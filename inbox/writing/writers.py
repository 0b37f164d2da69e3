"""Who writes: the initials under an answer, and whether a colleague reads it first."""

from __future__ import annotations

from sqlalchemy import select

from inbox import people
from inbox.desk import Desk
from inbox.permissions import Permission
from inbox.views import CurrentUser
from inbox.writing.views import Writer
from store.schema import user_account


def writer(desk: Desk, user: CurrentUser) -> Writer:
    """Initials and approval of somebody."""
    with desk.store.read() as conn:
        row = conn.execute(
            select(user_account.c.initials, user_account.c.needs_approval).where(user_account.c.id == user.id)
        ).one()
    return Writer(row.initials, bool(row.needs_approval) or not user.may(Permission.SEND))


def set_initials(desk: Desk, user: CurrentUser, text: str) -> str | None:
    """Keep one's own initials (1 to 5 letters, a leading `^` is dropped); blank takes them off.

    Raises:
        BadInput: something else than letters.
    """
    return people.set_initials(desk, user.id, text, actor_id=user.id)
