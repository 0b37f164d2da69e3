"""Letting in whom the provider vouches for: found, linked or added, with the role it gives. One transaction."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select
from sqlalchemy.exc import IntegrityError

from inbox import people, people_log, sessions
from inbox.desk import Desk
from inbox.errors import BadInput, SingleSignOnRefused
from inbox.oidc.claims import Create, Enter, Identity, Known, Refuse, Why, decide
from inbox.people_views import SignedIn
from inbox.permissions import Role
from inbox.sentences import Sentence
from inbox.sessions import Browser
from inbox.settings import OidcSettings
from store.accounts import account_at_provider
from store.schema import user_account

_TELLING = {
    Why.UNKNOWN: Sentence("You are not known here. Ask an administrator to add you."),
    Why.DISABLED: Sentence("You may not sign in any more. Ask an administrator."),
    Why.NO_ROLE: Sentence("Your organisation's account gives you no role here. Ask who manages it."),
    Why.WRONG_DOMAIN: Sentence("Only verified addresses of this organisation may sign in."),
    Why.LINKED_ALREADY: Sentence("Somebody with your address signs in with another account. Ask an administrator."),
}
_UNFIT = re.compile(r"[^a-z0-9._@+-]+")


def enter(desk: Desk, settings: OidcSettings, identity: Identity, *, browser: Browser) -> SignedIn:
    """A session for an identity.

    Raises:
        SingleSignOnRefused: not known, disabled, no role, or another domain.
    """
    try:
        return _enter(desk, settings, identity, browser)
    except IntegrityError:
        # The same person came in twice at once; the other one added them, so now they are found.
        return _enter(desk, settings, identity, browser)


def _enter(desk: Desk, settings: OidcSettings, identity: Identity, browser: Browser) -> SignedIn:
    with desk.store.write() as conn:
        decision = decide(
            identity,
            settings,
            by_subject=_by_subject(conn, identity),
            by_email=_by_email(conn, identity) if settings.link_by_email else (),
        )
        match decision:
            case Refuse(why):
                found = account_at_provider(conn, identity.issuer, identity.subject)
                people_log.record(
                    desk, conn, "single_sign_on_refused", found, actor_id=None, why=why.value, address=browser.address
                )
            case Enter(user_id, link):
                if link:
                    _link(desk, conn, user_id, identity)
                session = _start(desk, conn, user_id, identity, browser)
            case Create(role):
                session = _start(desk, conn, _create(desk, conn, identity, role), identity, browser)
    if isinstance(decision, Refuse):
        raise SingleSignOnRefused(decision.why, _TELLING[decision.why])
    return session


def _start(desk: Desk, conn: Connection, user_id: int, identity: Identity, browser: Browser) -> SignedIn:
    if identity.role is not None:
        # The last administrator stays one, whatever the provider says; else nobody could repair it.
        with suppress(BadInput):
            people.change_role(desk, conn, user_id, identity.role, actor_id=None)
    people_log.record(desk, conn, "signed_in", user_id, actor_id=user_id, method="oidc")
    person = conn.execute(select(user_account).where(user_account.c.id == user_id)).one()
    return sessions.start(desk, conn, person, method="oidc", browser=browser)


def _create(desk: Desk, conn: Connection, identity: Identity, role: Role) -> int:
    login = _free_login(conn, identity)
    address = identity.email if identity.email_verified else None
    person = people.insert(desk, conn, login=login, name=identity.name, role=role, email=address)
    people_log.record(desk, conn, "user_added", person.id, actor_id=None, role=role.value, by="single sign-on")
    _link(desk, conn, person.id, identity)
    return int(person.id)


def _link(desk: Desk, conn: Connection, user_id: int, identity: Identity) -> None:
    linked = {"oidc_issuer": identity.issuer, "oidc_subject": identity.subject}
    conn.execute(user_account.update().where(user_account.c.id == user_id).values(**linked))
    people_log.record(desk, conn, "single_sign_on_linked", user_id, actor_id=None, issuer=identity.issuer)


def _by_subject(conn: Connection, identity: Identity) -> Known | None:
    user_id = account_at_provider(conn, identity.issuer, identity.subject)
    if user_id is None:
        return None
    person = conn.execute(select(user_account).where(user_account.c.id == user_id).with_for_update()).one()
    return _known(person)


def _by_email(conn: Connection, identity: Identity) -> tuple[Known, ...]:
    if identity.email is None:
        return ()
    mine = or_(user_account.c.login == identity.email, func.lower(user_account.c.email) == identity.email)
    wanted = select(user_account).where(mine, ~user_account.c.is_example).order_by(user_account.c.id).limit(2)
    return tuple(_known(row) for row in conn.execute(wanted.with_for_update()))


def _known(person: Row[Any]) -> Known:
    return Known(person.id, active=person.active, linked=person.oidc_subject is not None)


def _free_login(conn: Connection, identity: Identity) -> str:
    """A login made from what the provider says that nobody has yet; two who are called the same get a number."""
    plain = _UNFIT.sub(".", identity.login.casefold()).strip("._@+-")[:90] or "person"
    taken = set(conn.execute(select(user_account.c.login).where(user_account.c.login.startswith(plain))).scalars())
    return next(name for name in (plain, *(f"{plain}{n}" for n in range(2, len(taken) + 3))) if name not in taken)
