"""One's own account: what it holds, the browsers that are signed in, changing the password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from inbox import passwords, people_log, sessions, throttle
from inbox.access import demand
from inbox.access.views import AccountView, SessionView
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound, SignInRefused
from inbox.sentences import Sentence
from inbox.views import CurrentUser
from store import accounts
from store.accounts import SessionRow
from store.schema import user_account, user_session

_SHOWN = 100


def view(desk: Desk, user: CurrentUser) -> AccountView:
    """One's own account."""
    with desk.store.read() as conn:
        person = conn.execute(select(user_account).where(user_account.c.id == user.id)).one()
        left = accounts.recovery_codes_left(conn, user.id)
    oidc = desk.settings.sign_in.oidc
    linked = oidc is not None and person.oidc_issuer == oidc.issuer
    return AccountView(
        login=person.login,
        name=person.name,
        email=person.email,
        has_password=person.password_hash is not None,
        second_factor_since=person.totp_confirmed_at,
        recovery_left=left,
        second_factor_required=demand.required(desk.settings, user.role),
        single_sign_on=oidc.name if oidc is not None and linked else None,
    )


def sessions_of(desk: Desk, user_id: int, *, token: str) -> tuple[SessionView, ...]:
    """The browsers in which somebody is signed in, last seen first."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = _standing(conn, user_id, now)
    here = sessions.digest(token)
    return tuple(_session(row, here=row.token_sha256 == here) for row in rows)


def end_session(desk: Desk, user_id: int, session_id: str, *, actor_id: int) -> None:
    """End one session of somebody; counts from its next action on.

    Raises:
        NotFound: there is no such session of this person.
    """
    now = desk.clock()
    with desk.store.write() as conn:
        for row in _standing(conn, user_id, now):
            if _session_id(row) == session_id:
                ended = user_session.update().where(user_session.c.token_sha256 == row.token_sha256)
                conn.execute(ended.values(revoked_at=now))
                people_log.record(desk, conn, "session_ended", user_id, actor_id=actor_id, address=row.address)
                return
    raise NotFound(what="session", key=session_id)


def end_all(desk: Desk, user_id: int, *, actor_id: int) -> int:
    """End all sessions of somebody; how many there were."""
    with desk.store.write() as conn:
        ended = sessions.end_all(conn, user_id, desk.clock())
        people_log.record(desk, conn, "sessions_ended", user_id, actor_id=actor_id, n=ended)
    return ended


def change_password(desk: Desk, user: CurrentUser, *, old: str, new: str, token: str) -> None:
    """Change one's own password; every other session of one's own ends. Slowed down like sign-in.

    Raises:
        SignInRefused: the old one is not right.
        BadInput: the new one cannot be used.
        TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    subject = throttle.subject_of("login", user.login)
    with desk.store.read() as conn:
        throttle.check(conn, now, {subject: throttle.FREE_PER_LOGIN})
        kept = conn.execute(select(user_account.c.password_hash).where(user_account.c.id == user.id)).scalar()
    right = passwords.fits(kept, old)
    if right:
        if new == old:
            raise BadInput(Sentence("That is the password you have already; choose another one."), what="same_password")
        passwords.check_new(new, login=user.login)
        fresh = passwords.hashed(new)
    with desk.store.write() as conn:
        if right:
            _keep_password(desk, conn, user.id, fresh, token=token)
        else:
            throttle.record(desk, conn, now, [subject])
    if not right:
        raise SignInRefused(Sentence("The password you have now is not right."))


def _keep_password(desk: Desk, conn: Connection, user_id: int, password_hash: str, *, token: str) -> None:
    conn.execute(user_account.update().where(user_account.c.id == user_id).values(password_hash=password_hash))
    sessions.end_all(conn, user_id, desk.clock(), but=token)
    people_log.record(desk, conn, "password_changed", user_id, actor_id=user_id)


def _standing(conn: Connection, user_id: int, now: datetime) -> list[SessionRow]:
    return accounts.sessions_of(conn, user_id, now=now, seen_after=now - sessions.IDLE, limit=_SHOWN)


def _session(row: SessionRow, *, here: bool) -> SessionView:
    return SessionView(
        id=_session_id(row),
        user_id=row.user_id,
        method=row.method,
        agent=row.agent,
        address=row.address,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        here=here,
    )


def _session_id(row: SessionRow) -> str:
    """Half of what is kept of the token: names the session, and cannot be turned into a cookie."""
    return row.token_sha256.hex()[:32]
