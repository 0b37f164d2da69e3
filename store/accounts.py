"""Reading what belongs to one account: signed-in browsers, unused recovery codes, the identity at a provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.engine import Store
from store.schema import recovery_code, sign_in_link, user_account, user_session


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser as it is kept."""

    token_sha256: bytes
    user_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    method: str
    agent: str
    address: str


def sessions_of(conn: Connection, user_id: int, *, now: datetime, seen_after: datetime, limit: int) -> list[SessionRow]:
    """Sessions of somebody that still stand, last seen first. Served by ix_user_session_user."""
    query = (
        select(*(user_session.c[name] for name in SessionRow.__slots__))
        .where(
            user_session.c.user_id == user_id,
            user_session.c.seen_at > seen_after,
            user_session.c.revoked_at.is_(None),
            user_session.c.expires_at > now,
        )
        .order_by(user_session.c.seen_at.desc())
        .limit(limit)
    )
    return [SessionRow(bytes(row[0]), *row[1:]) for row in conn.execute(query)]


def count_sessions(conn: Connection, *, now: datetime, seen_after: datetime) -> dict[int, int]:
    """How many sessions each person has; those with none are left out. Reads all of user_session, which is tidied."""
    query = (
        select(user_session.c.user_id, func.count())
        .where(
            user_session.c.seen_at > seen_after,
            user_session.c.revoked_at.is_(None),
            user_session.c.expires_at > now,
        )
        .group_by(user_session.c.user_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def recovery_codes_left(conn: Connection, user_id: int) -> int:
    """How many recovery codes of somebody are unused. Served by ix_recovery_code_user."""
    query = (
        select(func.count())
        .select_from(recovery_code)
        .where(recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None))
    )
    return int(conn.execute(query).scalar_one())


def account_at_provider(conn: Connection, issuer: str, subject: str) -> int | None:
    """Id of who signs in as `subject` at this identity provider. Served by ix_user_account_oidc."""
    query = select(user_account.c.id).where(
        user_account.c.oidc_issuer == issuer, user_account.c.oidc_subject == subject
    )
    return conn.execute(query).scalar()


def forget_ended(store: Store, *, before: datetime) -> int:
    """Forget sessions and one-time links that ended so long ago; how many sessions there were."""
    with store.write() as conn:
        done = conn.execute(user_session.delete().where(user_session.c.expires_at <= before))
        conn.execute(sign_in_link.delete().where(sign_in_link.c.expires_at <= before))
    return int(done.rowcount)
