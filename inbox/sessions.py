"""Sessions on the server. A browser holds a random token; the store keeps its SHA-256 only.

A session ends when it is revoked, 12 hours after the last activity, 14 days after it began, or when its user is
disabled. That is checked on every action, so it counts at once in every tab. Who signed in how does not matter here: a
password, a one-time link and later an identity provider all get the same session.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox.desk import Desk
from inbox.errors import NotAllowed, NotSignedIn
from inbox.permissions import Permission, Role, permissions_of
from inbox.views import CurrentUser, SignedIn
from store.schema import user_account, user_session

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
# Activity is written down at most so often, so that reading pages does not queue for the write lock.
_TOUCH = timedelta(minutes=5)
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200


def start(desk: Desk, conn: Connection, person: Row[Any]) -> SignedIn:
    """Begin a session of a row of `user_account` inside the caller's transaction."""
    now = desk.clock()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + ABSOLUTE
    conn.execute(
        user_session.insert().values(
            token_sha256=digest(token), user_id=person.id, created_at=now, seen_at=now, expires_at=expires_at
        )
    )
    return SignedIn(token=token, user=user_of(person), expires_at=expires_at)


def start_for(desk: Desk, user_id: int) -> SignedIn:
    """Begin a session for somebody who proved who they are elsewhere (an identity provider, the example's replay).

    Raises:
        NotSignedIn: no such person, or a disabled one.
    """
    with desk.store.write() as conn:
        person = conn.execute(select(user_account).where(user_account.c.id == user_id, user_account.c.active)).first()
        if person is None:
            raise NotSignedIn
        return start(desk, conn, person)


def require(desk: Desk, token: str | None, permission: Permission = Permission.READ) -> CurrentUser:
    """Who holds this token, if they may do this.

    Raises:
        NotSignedIn: no valid session.
        NotAllowed: the role does not allow it.
    """
    if not token or len(token) > _LONGEST_TOKEN:
        raise NotSignedIn
    now = desk.clock()
    with desk.store.read() as conn:
        found = conn.execute(
            select(user_account, user_session.c.seen_at)
            .join(user_session, user_session.c.user_id == user_account.c.id)
            .where(
                user_session.c.token_sha256 == digest(token),
                user_session.c.revoked_at.is_(None),
                user_session.c.expires_at > now,
                user_session.c.seen_at > now - IDLE,
                user_account.c.active,
            )
        ).first()
    if found is None:
        raise NotSignedIn
    user = user_of(found)
    if not user.may(permission):
        raise NotAllowed(permission, user.role)
    if now - found.seen_at > _TOUCH:
        _touch(desk, token, now)
    return user


def revoke(desk: Desk, token: str) -> None:
    """End one session; quiet when there is none."""
    with desk.store.write() as conn:
        conn.execute(
            user_session.update()
            .where(user_session.c.token_sha256 == digest(token), user_session.c.revoked_at.is_(None))
            .values(revoked_at=desk.clock())
        )


def revoke_all_of(desk: Desk, user_id: int) -> int:
    """End all sessions of somebody; how many there were."""
    with desk.store.write() as conn:
        return end_all(conn, user_id, desk.clock())


def end_all(conn: Connection, user_id: int, now: datetime) -> int:
    """End all sessions of somebody inside the caller's transaction; how many there were."""
    done = conn.execute(
        user_session.update()
        .where(user_session.c.user_id == user_id, user_session.c.revoked_at.is_(None), user_session.c.expires_at > now)
        .values(revoked_at=now)
    )
    return int(done.rowcount)


def user_of(person: Row[Any]) -> CurrentUser:
    """A row of `user_account` as a value."""
    role = Role(person.role) if person.role in set(Role) else Role.READ_ONLY
    return CurrentUser(
        id=person.id,
        login=person.login,
        name=person.name,
        role=role,
        team_id=person.team_id,
        language=person.language,
        permissions=permissions_of(person.role),
    )


def digest(token: str) -> bytes:
    """What is kept of a token. Tokens are random, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()


def _touch(desk: Desk, token: str, now: datetime) -> None:
    with desk.store.write() as conn:
        conn.execute(
            user_session.update()
            .where(user_session.c.token_sha256 == digest(token), user_session.c.revoked_at.is_(None))
            .values(seen_at=now)
        )
