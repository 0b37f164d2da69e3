"""Sessions on the server. A browser holds a random token; the store keeps its SHA-256 only.

A session ends when it is revoked, 12 hours after the last activity, 14 days after it began, or when its user is
disabled. That is checked on every action, so it counts at once in every tab. Whoever signed in with a password, a
one-time link or at an identity provider gets the same session; how is kept only to show it.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from inbox import reaching
from inbox.access import demand
from inbox.desk import Desk
from inbox.errors import NotAllowed, NotSignedIn, StoreBusy
from inbox.people_views import SignedIn
from inbox.permissions import Permission, Role, permissions_of
from inbox.views import CurrentUser
from store.schema import user_account, user_session

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
# Activity is written down at most so often, so that reading pages does not queue for the write lock.
_TOUCH = timedelta(minutes=5)
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 200
# Built once: it is asked several times for every click, and building it costs more than running it.
_STANDING = (
    select(user_account, user_session.c.seen_at, user_session.c.method)
    .join(user_session, user_session.c.user_id == user_account.c.id)
    .where(
        user_session.c.token_sha256 == bindparam("digest"),
        user_session.c.revoked_at.is_(None),
        user_session.c.expires_at > bindparam("now"),
        user_session.c.seen_at > bindparam("idle_since"),
        user_account.c.active,
    )
)
_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser is known by: its address, and what it calls itself. Only ever shown to its own user."""

    address: str
    agent: str = ""


def start(desk: Desk, conn: Connection, person: Row[Any], *, method: str, browser: Browser) -> SignedIn:
    """Begin a session of a row of `user_account` inside the caller's transaction.

    `method`: password, link, oidc or command.
    """
    now = desk.clock()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + ABSOLUTE
    conn.execute(
        user_session.insert().values(
            token_sha256=digest(token),
            user_id=person.id,
            created_at=now,
            seen_at=now,
            expires_at=expires_at,
            method=method,
            agent=browser.agent[:_LONGEST_AGENT],
            address=browser.address,
        )
    )
    return SignedIn(token=token, user=user_of(person), expires_at=expires_at)


def start_for(desk: Desk, user_id: int) -> SignedIn:
    """Begin a session for somebody whom the machine itself lets in (the example's replay, tests).

    Raises:
        NotSignedIn: no such person, or a disabled one.
    """
    with desk.store.write() as conn:
        person = conn.execute(select(user_account).where(user_account.c.id == user_id, user_account.c.active)).first()
        if person is None:
            raise NotSignedIn
        return start(desk, conn, person, method="command", browser=Browser("this machine"))


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
        found = conn.execute(_STANDING, {"digest": digest(token), "now": now, "idle_since": now - IDLE}).first()
    if found is None or demand.lacking(desk.settings, found, found.method):
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


def end_all(conn: Connection, user_id: int, now: datetime, *, but: str = "") -> int:
    """End all sessions of somebody inside the caller's transaction, `but` that of one token; how many there were.

    Index: ix_user_session_user.
    """
    done = conn.execute(
        user_session.update()
        .where(
            user_session.c.user_id == user_id,
            user_session.c.revoked_at.is_(None),
            user_session.c.expires_at > now,
            user_session.c.token_sha256 != digest(but),
        )
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
    """Write the activity down; a store that is busy hears of the next one, rather than that nobody can read."""
    with suppress(StoreBusy), reaching.in_words(), desk.store.write() as conn:
        conn.execute(
            user_session.update()
            .where(user_session.c.token_sha256 == digest(token), user_session.c.revoked_at.is_(None))
            .values(seen_at=now)
        )
