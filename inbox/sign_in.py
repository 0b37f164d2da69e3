"""Signing in with a password or a one-time link. Unknown, disabled and wrong get one answer, in the same time."""

from __future__ import annotations

from sqlalchemy import select

from inbox import passwords, people_log, sessions, throttle
from inbox.desk import Desk
from inbox.errors import SignInRefused
from inbox.views import LinkView, SignedIn
from store.schema import sign_in_link, user_account

_REFUSED = "That login and password do not go together."
_LINK_REFUSED = "This link was used or has expired. Ask an administrator for a new one."


def with_password(desk: Desk, login: str, password: str, *, address: str) -> SignedIn:
    """Start a session with a password.

    Raises:
        SignInRefused, TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    by_login = throttle.subject_of("login", login)
    by_address = throttle.subject_of("address", address)
    with desk.store.read() as conn:
        throttle.check(conn, now, {by_login: throttle.FREE_PER_LOGIN, by_address: throttle.FREE_PER_ADDRESS})
        person = conn.execute(select(user_account).where(user_account.c.login == login.strip().casefold())).first()
    # Outside any transaction: hashing takes tens of milliseconds, and the write lock is everybody's.
    known = person is not None and person.active
    right = passwords.fits(person.password_hash if person is not None and known else None, password)
    with desk.store.write() as conn:
        if person is None or not right:
            throttle.record(desk, conn, now, [by_login, by_address])
        else:
            throttle.forget(conn, by_login)
            if passwords.outdated(person.password_hash):
                conn.execute(
                    user_account.update()
                    .where(user_account.c.id == person.id)
                    .values(password_hash=passwords.hashed(password))
                )
            signed_in = sessions.start(desk, conn, person)
            people_log.record(desk, conn, "signed_in", person.id, actor_id=person.id)
            return signed_in
    raise SignInRefused(_REFUSED)


def look_at_link(desk: Desk, token: str) -> LinkView | None:
    """For whom a link is; None when it is not valid. Does not use it up, so that a mail scanner cannot either."""
    with desk.store.read() as conn:
        found = conn.execute(
            select(user_account.c.login, user_account.c.name, sign_in_link.c.expires_at)
            .join(sign_in_link, sign_in_link.c.user_id == user_account.c.id)
            .where(
                sign_in_link.c.token_sha256 == sessions.digest(token),
                sign_in_link.c.used_at.is_(None),
                sign_in_link.c.expires_at > desk.clock(),
                user_account.c.active,
            )
        ).first()
    return None if found is None else LinkView(found.login, found.name, found.expires_at)


def with_link(desk: Desk, token: str, new_password: str, *, address: str) -> SignedIn:
    """Use a link up: set the password, end all earlier sessions and start a new one.

    Raises:
        SignInRefused, BadInput, TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    by_address = throttle.subject_of("address", address)
    with desk.store.read() as conn:
        throttle.check(conn, now, {by_address: throttle.FREE_PER_ADDRESS})
    link = look_at_link(desk, token)
    if link is not None:
        passwords.check_new(new_password, login=link.login)
        password_hash = passwords.hashed(new_password)
    with desk.store.write() as conn:
        used = conn.execute(
            sign_in_link.update()
            .where(
                sign_in_link.c.token_sha256 == sessions.digest(token),
                sign_in_link.c.used_at.is_(None),
                sign_in_link.c.expires_at > now,
            )
            .values(used_at=now)
        )
        if link is not None and used.rowcount == 1:
            person = conn.execute(
                select(user_account).where(user_account.c.login == link.login, user_account.c.active)
            ).first()
            if person is not None:
                conn.execute(
                    user_account.update().where(user_account.c.id == person.id).values(password_hash=password_hash)
                )
                sessions.end_all(conn, person.id, now)
                people_log.record(desk, conn, "password_set", person.id, actor_id=person.id)
                return sessions.start(desk, conn, person)
        throttle.record(desk, conn, now, [by_address])
    raise SignInRefused(_LINK_REFUSED)
