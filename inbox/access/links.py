"""One-time sign-in links by mail: for somebody new, and for whoever forgot the password. Nobody learns who exists."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from inbox import people_log, sessions, throttle
from inbox.desk import Desk
from inbox.mail.notify import address, address_of, minute, queue
from inbox.mail.texts import MailKind, write
from inbox.people_views import SignInLinkMade
from inbox.views import PersonRef
from store.schema import sign_in_link, user_account

FREE_PER_PERSON = 3
FREE_PER_ADDRESS = 10


def ask(desk: Desk, who: str, *, from_address: str, valid: timedelta) -> None:
    """Mail a link to whoever this name or address is, if anybody. Says nothing in either case.

    Links that were made before stay good: asking for one is open to everybody, and must not take anything away.

    Args:
        desk: where.
        who: what somebody typed: a login or a mail address.
        from_address: the browser's, to slow down.
        valid: how long the link works.

    Raises:
        TooManyAttempts: asked too often, for this name or from this address.
    """
    now = desk.clock()
    name = who.strip().casefold()
    subjects = {
        throttle.subject_of("link", name): FREE_PER_PERSON,
        throttle.subject_of("link from", from_address): FREE_PER_ADDRESS,
    }
    with desk.store.read() as conn:
        throttle.check(conn, now, subjects)
    with desk.store.write() as conn:
        throttle.record(desk, conn, now, list(subjects))
        person = conn.execute(_called(name)).first() if desk.settings.can_mail else None
        people_log.record(
            desk, conn, "link_asked", None if person is None else person.id, actor_id=None, address=from_address
        )
        if person is None or address_of(person.email, person.login) is None:
            return
        token, expires_at = secrets.token_urlsafe(32), now + valid
        conn.execute(
            sign_in_link.insert().values(token_sha256=sessions.digest(token), user_id=person.id, expires_at=expires_at)
        )
        made = SignInLinkMade(token=token, user=PersonRef(person.id, person.name), expires_at=expires_at)
        send(desk, conn, person, made, kind=MailKind.PASSWORD, by="")


def send(
    desk: Desk, conn: Connection, person: Row[Any], made: SignInLinkMade, *, kind: MailKind, by: str, language: str = ""
) -> bool:
    """Queue the mail with a link for a row of `user_account`; False when it cannot go anywhere."""
    to = address_of(person.email, person.login)
    if not desk.settings.can_mail or to is None:
        return False
    letter = write(
        kind,
        person.language or language or desk.settings.language,
        link=address(desk, f"/welcome/{made.token}"),
        name=person.name,
        login=person.login,
        by=by,
        until=minute(desk, made.expires_at),
    )
    queue(desk, conn, letter, kind=kind, to=to, key=f"{kind.value}:{sessions.digest(made.token).hex()}")
    people_log.record(desk, conn, "link_mailed", person.id, actor_id=None, to=to)
    return True


def _called(name: str) -> Any:
    """Whoever has this login or, when it is one person's only, this address."""
    mine = or_(user_account.c.login == name, func.lower(user_account.c.email) == name)
    return (
        select(user_account)
        .where(mine, user_account.c.active, ~user_account.c.is_example)
        .order_by((user_account.c.login == name).desc(), user_account.c.id)
        .limit(1)
    )
