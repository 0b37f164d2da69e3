"""The second factor of somebody: setting it up, checking codes, and taking it away. Rows and seals; codes are pure."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import segno
from sqlalchemy import Connection, Row, select

from inbox import people_log, sessions, throttle
from inbox.access import codes, demand
from inbox.access.views import Enrolment
from inbox.desk import Desk
from inbox.errors import BadInput, CodeRefused, NotFound, SealBroken
from inbox.secrecy import Secrecy
from inbox.sentences import Sentence
from store.schema import recovery_code, user_account

PURPOSE = "second factor"
ISSUER = "Klankbord"
FREE_CODES = 5
_Gained = TypeVar("_Gained")


def begin(desk: Desk, user_id: int) -> Enrolment:
    """Start setting one up, or show again what was started.

    Raises:
        BadInput: there is one already, or this process has no key.
    """
    secrecy = _secrecy(desk)
    now = desk.clock()
    with desk.store.write() as conn:
        person = _person(conn, user_id)
        if demand.confirmed(person):
            raise BadInput(
                Sentence("Your second factor is on already. Turn it off first to set up another one."),
                what="second_factor_on",
            )
        try:
            secret = _opened(desk, person)
        except SealBroken:
            secret = None
        if secret is None:
            secret = codes.new_secret()
            sealed = secrecy.seal(f"{user_id} {secret}".encode(), PURPOSE, now=now)
            _set(conn, user_id, totp_secret=sealed, totp_confirmed_at=None, totp_step=None)
    uri = codes.key_uri(secret, account=person.login, issuer=ISSUER)
    drawing = io.BytesIO()
    # Dark on light whatever the theme: scanners do not read it the other way round.
    segno.make(uri, error="m").save(drawing, kind="svg", scale=5, border=3, light="#fff", xmldecl=False, svgns=True)
    return Enrolment(secret=codes.grouped(secret), uri=uri, svg=drawing.getvalue().decode())


def confirm(desk: Desk, conn: Connection, user_id: int, code: str) -> tuple[str, ...] | None:
    """Finish setting up with a first code, inside the caller's transaction.

    Gives the recovery codes; None when the code does not fit.

    Raises:
        SealBroken: see `inbox.errors`.
    """
    now = desk.clock()
    person = _person(conn, user_id)
    secret = None if demand.confirmed(person) else _opened(desk, person)
    step = None if secret is None else codes.matching_step(secret, code, now=now, used=None)
    if step is None:
        return None
    _set(conn, user_id, totp_confirmed_at=now, totp_step=step)
    people_log.record(desk, conn, "second_factor_on", user_id, actor_id=user_id)
    return _new_recovery_codes(conn, user_id)


def turn_on(desk: Desk, user_id: int, code: str) -> tuple[str, ...]:
    """Turn one's own on with a first code: the recovery codes. Slowed down like sign-in.

    Raises:
        CodeRefused, TooManyAttempts: see `inbox.errors`.
    """
    return _slowed(desk, user_id, lambda conn: confirm(desk, conn, user_id, code))


def use(desk: Desk, conn: Connection, user_id: int, code: str) -> str | None:
    """Use up a code inside the caller's transaction: `code` or `recovery`, which it was; None if it does not fit.

    The row is locked, so that of two who send the same code at once one gets in.

    Raises:
        SealBroken: see `inbox.errors`.
    """
    now = desk.clock()
    person = _person(conn, user_id)
    if not demand.confirmed(person):
        return None
    if codes.looks_like_recovery(code):
        return "recovery" if _use_recovery(conn, user_id, code, now) else None
    secret = _opened(desk, person)
    step = None if secret is None else codes.matching_step(secret, code, now=now, used=person.totp_step)
    if step is None:
        return None
    _set(conn, user_id, totp_step=step)
    return "code"


def turn_off(desk: Desk, user_id: int, code: str) -> None:
    """Turn one's own off, with a code.

    Raises:
        CodeRefused, TooManyAttempts: see `inbox.errors`.
    """

    def off(conn: Connection) -> bool | None:
        if use(desk, conn, user_id, code) is None:
            return None
        _clear(conn, user_id)
        people_log.record(desk, conn, "second_factor_off", user_id, actor_id=user_id)
        return True

    _slowed(desk, user_id, off)


def renew_recovery_codes(desk: Desk, user_id: int, code: str) -> tuple[str, ...]:
    """Ten new recovery codes, with a code; the earlier ones stop working.

    Raises:
        CodeRefused, TooManyAttempts: see `inbox.errors`.
    """

    def renew(conn: Connection) -> tuple[str, ...] | None:
        if use(desk, conn, user_id, code) is None:
            return None
        people_log.record(desk, conn, "recovery_codes_renewed", user_id, actor_id=user_id)
        return _new_recovery_codes(conn, user_id)

    return _slowed(desk, user_id, renew)


def reset(desk: Desk, user_id: int, *, actor_id: int | None = None) -> None:
    """Take away somebody's who lost it, and end their sessions; with the password they come in, or set up another.

    Raises:
        NotFound: no such person.
    """
    with desk.store.write() as conn:
        _person(conn, user_id)
        _clear(conn, user_id)
        sessions.end_all(conn, user_id, desk.clock())
        people_log.record(desk, conn, "second_factor_reset", user_id, actor_id=actor_id)


def subject_of(user_id: int) -> str:
    """Under which failures of somebody's codes are counted."""
    return throttle.subject_of("second factor", str(user_id))


def _slowed(desk: Desk, user_id: int, with_code: Callable[[Connection], _Gained | None]) -> _Gained:
    """What a code gains somebody who is signed in, in one transaction; None from `with_code`: it does not fit.

    Raises:
        CodeRefused, TooManyAttempts: see `inbox.errors`.
    """
    now, subject = desk.clock(), subject_of(user_id)
    with desk.store.read() as conn:
        throttle.check(conn, now, {subject: FREE_CODES})
    with desk.store.write() as conn:
        gained = with_code(conn)
        if gained is None:
            throttle.record(desk, conn, now, [subject])
        else:
            throttle.forget(conn, subject)
    if gained is None:
        raise CodeRefused
    return gained


def _use_recovery(conn: Connection, user_id: int, code: str, now: datetime) -> bool:
    done = conn.execute(
        recovery_code.update()
        .where(
            recovery_code.c.code_sha256 == codes.recovery_digest(code, user_id),
            recovery_code.c.user_id == user_id,
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return done.rowcount == 1


def _new_recovery_codes(conn: Connection, user_id: int) -> tuple[str, ...]:
    fresh = codes.new_recovery_codes()
    conn.execute(recovery_code.delete().where(recovery_code.c.user_id == user_id))
    conn.execute(
        recovery_code.insert(),
        [{"code_sha256": codes.recovery_digest(one, user_id), "user_id": user_id} for one in fresh],
    )
    return fresh


def _clear(conn: Connection, user_id: int) -> None:
    _set(conn, user_id, totp_secret=None, totp_confirmed_at=None, totp_step=None)
    conn.execute(recovery_code.delete().where(recovery_code.c.user_id == user_id))


def _set(conn: Connection, user_id: int, **values: Any) -> None:
    conn.execute(user_account.update().where(user_account.c.id == user_id).values(**values))


def _opened(desk: Desk, person: Row[Any]) -> str | None:
    """The secret of somebody, unsealed; None when there is none."""
    if person.totp_secret is None:
        return None
    plain = _secrecy(desk).unseal(bytes(person.totp_secret), PURPOSE, now=desk.clock()).decode()
    owner, _blank, secret = plain.partition(" ")
    if owner != str(person.id):
        raise SealBroken
    return secret


def _secrecy(desk: Desk) -> Secrecy:
    if desk.secrecy is None:
        raise BadInput(
            Sentence("This process has no key to keep secrets with; start the dashboard with `klankbord dashboard`."),
            what="no_key",
        )
    return desk.secrecy


def _person(conn: Connection, user_id: int) -> Row[Any]:
    row = conn.execute(select(user_account).where(user_account.c.id == user_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="user", key=user_id)
    return row
