"""Between the password and the code: a sealed ticket that says whose password was right, and nothing more.

It is good for ten minutes and for as long as that password is. There is no session yet, so it opens no page.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import people_log, sessions, throttle
from inbox.access import demand, second_factor
from inbox.access.views import Enrolled, Enrolment, HalfWay
from inbox.desk import Desk
from inbox.errors import BadInput, CodeRefused, NotSignedIn, SealBroken
from inbox.people_views import SignedIn
from inbox.sentences import Sentence
from inbox.sessions import Browser
from store.schema import user_account

VALID = timedelta(minutes=10)
PURPOSE = "half way through signing in"


def start_or_ask(
    desk: Desk, conn: Connection, person: Row[Any], *, method: str, browser: Browser
) -> SignedIn | HalfWay:
    """After a right password: a session, or the ticket for the second step when there is one to take.

    Raises:
        BadInput: a second step is needed and this process has no key.
    """
    has_one = demand.confirmed(person)
    if not has_one and not demand.required(desk.settings, person.role):
        people_log.record(desk, conn, "signed_in", person.id, actor_id=person.id, method=method)
        return sessions.start(desk, conn, person, method=method, browser=browser)
    if desk.secrecy is None:
        raise BadInput(
            Sentence("This process has no key to keep secrets with; start the dashboard with `klankbord dashboard`."),
            what="no_key",
        )
    told = json.dumps({"user": person.id, "method": method, "fits": _fingerprint(person)})
    ticket = desk.secrecy.seal(told.encode(), PURPOSE, now=desk.clock()).decode()
    return HalfWay(ticket=ticket, name=person.name, must_enrol=not has_one)


def look(desk: Desk, ticket: str) -> HalfWay | None:
    """Whose ticket it is, and what they have to do; None when it is no longer good."""
    try:
        person, _method = _holder(desk, ticket)
    except NotSignedIn:
        return None
    return HalfWay(ticket=ticket, name=person.name, must_enrol=not demand.confirmed(person))


def enrolment(desk: Desk, ticket: str) -> Enrolment:
    """What to scan, for somebody whose role demands a second factor.

    Raises:
        NotSignedIn: the ticket is no longer good.
        BadInput: there is a second factor already.
    """
    person, _method = _holder(desk, ticket)
    return second_factor.begin(desk, person.id)


def finish(desk: Desk, ticket: str, code: str, *, browser: Browser) -> Enrolled:
    """The second step: a code gives the session; a first code also turns the second factor on.

    Raises:
        NotSignedIn: the ticket is no longer good.
        CodeRefused, TooManyAttempts: see `inbox.errors`.
    """
    now = desk.clock()
    person, method = _holder(desk, ticket)
    by_person, by_address = second_factor.subject_of(person.id), throttle.subject_of("address", browser.address)
    with desk.store.read() as conn:
        throttle.check(conn, now, {by_person: second_factor.FREE_CODES, by_address: throttle.FREE_PER_ADDRESS})
    with desk.store.write() as conn:
        fresh: tuple[str, ...] = ()
        if demand.confirmed(person):
            fits = second_factor.use(desk, conn, person.id, code)
        else:
            codes = second_factor.confirm(desk, conn, person.id, code)
            fits, fresh = (None, ()) if codes is None else ("first code", codes)
        if fits is None:
            throttle.record(desk, conn, now, [by_person, by_address])
            people_log.record(desk, conn, "code_refused", person.id, actor_id=None, address=browser.address)
        else:
            throttle.forget(conn, by_person)
            people_log.record(desk, conn, "signed_in", person.id, actor_id=person.id, method=method, second=fits)
            session = sessions.start(desk, conn, person, method=method, browser=browser)
            return Enrolled(recovery_codes=fresh, session=session)
    raise CodeRefused


def _holder(desk: Desk, ticket: str) -> tuple[Row[Any], str]:
    """Whose ticket it is, and how they signed in.

    Raises:
        NotSignedIn: it is no longer good.
    """
    if desk.secrecy is None:
        raise NotSignedIn
    try:
        told = json.loads(desk.secrecy.unseal(ticket.encode(), PURPOSE, now=desk.clock(), within=VALID))
    except (SealBroken, UnicodeEncodeError) as error:
        raise NotSignedIn from error
    with desk.store.read() as conn:
        wanted = select(user_account).where(user_account.c.id == told["user"], user_account.c.active)
        person = conn.execute(wanted).first()
    if person is None or _fingerprint(person) != told["fits"]:
        raise NotSignedIn
    return person, str(told["method"])


def _fingerprint(person: Row[Any]) -> str:
    """Changes with the password, so that a ticket does not outlive it."""
    return hashlib.sha256(f"{person.id}\n{person.password_hash}".encode()).hexdigest()
