"""Signing in with a password or a one-time link. Unknown, disabled and wrong get one answer, in the same time.

Who has a second factor, or a role that demands one, is half way after the password: `inbox.access.half_way`.
"""

from __future__ import annotations

from sqlalchemy import select

from inbox import passwords, people_log, sessions, throttle
from inbox.access import half_way
from inbox.access.views import HalfWay
from inbox.desk import Desk
from inbox.errors import SignInRefused
from inbox.people_views import LinkView, SignedIn
from inbox.sentences import Sentence
from inbox.sessions import Browser
from store.schema import sign_in_link, user_account

_REFUSED = Sentence("That login and password do not go together.")
_LINK_REFUSED = Sentence("This link was used or has expired. Ask an administrator for a new one.")


def with_password(desk: Desk, login: str, password: str, *, browser: Browser) -> SignedIn | HalfWay:
    """Start a session with a password, or come half way.

    Raises:
        SignInRefused, TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    by_login = throttle.subject_of("login", login)
    by_address = throttle.subject_of("address", browser.address)
    with desk.store.read() as conn:
        throttle.check(conn, now, {by_login: throttle.FREE_PER_LOGIN, by_address: throttle.FREE_PER_ADDRESS})
        person = conn.execute(select(user_account).where(user_account.c.login == login.strip().casefold())).first()
    # Outside any transaction: hashing takes tens of milliseconds, and the write lock is everybody's.
    known = person is not None and person.active
    right = passwords.fits(person.password_hash if person is not None and known else None, password)
    with desk.store.write() as conn:
        if person is None or not right:
            throttle.record(desk, conn, now, [by_login, by_address])
            # What was typed is not kept: people type passwords in the wrong field.
            whom = person.id if person is not None else None
            people_log.record(desk, conn, "sign_in_refused", whom, actor_id=None, address=browser.address)
        else:
            throttle.forget(conn, by_login)
            if passwords.outdated(person.password_hash):
                conn.execute(
                    user_account.update()
                    .where(user_account.c.id == person.id)
                    .values(password_hash=passwords.hashed(password))
                )
            return half_way.start_or_ask(desk, conn, person, method="password", browser=browser)
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


def with_link(desk: Desk, token: str, new_password: str, *, browser: Browser) -> SignedIn | HalfWay:
    """Use a link up: set the password, end all earlier sessions and start a new one, or come half way.

    Raises:
        SignInRefused, BadInput, TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    by_address = throttle.subject_of("address", browser.address)
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
                fresh = conn.execute(select(user_account).where(user_account.c.id == person.id)).one()
                return half_way.start_or_ask(desk, conn, fresh, method="link", browser=browser)
        throttle.record(desk, conn, now, [by_address])
    raise SignInRefused(_LINK_REFUSED)
