"""People: adding, changing and disabling them, and their one-time links. Also serves the command line (no actor)."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.exc import IntegrityError

from inbox import people_log, sessions
from inbox.access import links
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.mail.addresses import clean_address
from inbox.mail.texts import MailKind
from inbox.people_views import SignInLinkMade, UserView
from inbox.permissions import Role
from inbox.sentences import Sentence, UnfitValueError
from inbox.settings import LANGUAGES
from inbox.views import CurrentUser, PersonRef
from inbox.writing.fill import clean_initials
from store import accounts
from store.schema import conversation, sign_in_link, user_account

LINK_VALID = timedelta(hours=24)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_LONGEST_NAME = 200


def first_administrator(desk: Desk, *, login: str = "admin", name: str = "Administrator") -> SignInLinkMade | None:
    """The one-time link for the first administrator; None once an administrator has set a password.

    Safe to call on every start: it makes the person once and a fresh link until it was used.
    """
    with desk.store.write() as conn:
        # Held until the transaction ends, so that two starting processes do not make two administrators.
        desk.store.dialect.serialize(conn, "klankbord first administrator")
        rows = conn.execute(
            select(user_account)
            .where(user_account.c.role == Role.ADMINISTRATOR.value, user_account.c.active, ~user_account.c.is_example)
            .order_by(user_account.c.id)
        ).all()
        if any(row.password_hash is not None for row in rows):
            return None
        person = rows[0] if rows else insert(desk, conn, login=login, name=name, role=Role.ADMINISTRATOR)
        return _link(desk, conn, person, actor_id=None)


def add(
    desk: Desk,
    *,
    login: str,
    name: str,
    role: Role,
    team_id: str | None = None,
    email: str | None = None,
    actor_id: int | None = None,
    is_example: bool = False,
) -> SignInLinkMade:
    """Add somebody; gives the one-time link with which they set their password, and mails it where that can be done.

    Raises:
        BadInput: the login, name or address cannot be used, the login is taken, or there is no such team.
    """
    _check_team(desk, team_id)
    address = clean_address(email) if email else None
    try:
        with desk.store.write() as conn:
            person = insert(
                desk, conn, login=login, name=name, role=role, team_id=team_id, email=address, is_example=is_example
            )
            people_log.record(desk, conn, "user_added", person.id, actor_id=actor_id, role=role.value)
            return _mailed(desk, conn, person, actor_id=actor_id, kind=MailKind.WELCOME)
    except IntegrityError as error:
        raise BadInput(Sentence("The login “{login}” is taken.", login=login), login=login) from error


def make_sign_in_link(desk: Desk, user_id: int, *, actor_id: int | None = None) -> SignInLinkMade:
    """A new one-time link; earlier ones stop working.

    Raises:
        NotFound: no such active person.
    """
    with desk.store.write() as conn:
        person = _person(conn, user_id)
        if not person.active:
            raise NotFound(what="active user", key=user_id)
        kind = MailKind.WELCOME if person.password_hash is None else MailKind.PASSWORD
        return _mailed(desk, conn, person, actor_id=actor_id, kind=kind)


def users(desk: Desk) -> tuple[UserView, ...]:
    """Everybody, active first, then by name."""
    now = desk.clock()
    with desk.store.read() as conn:
        rows = conn.execute(select(user_account)).all()
        counted = accounts.count_sessions(conn, now=now, seen_after=now - sessions.IDLE)
    found = [
        UserView(
            id=row.id,
            login=row.login,
            name=row.name,
            role=sessions.user_of(row).role,
            team_id=row.team_id,
            active=row.active,
            has_password=row.password_hash is not None,
            is_example=row.is_example,
            created_at=row.created_at,
            email=row.email,
            initials=row.initials,
            needs_approval=row.needs_approval,
            second_factor=row.totp_confirmed_at is not None,
            single_sign_on=row.oidc_subject is not None,
            n_sessions=counted.get(row.id, 0),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda user: (not user.active, user.name.casefold(), user.id)))


def find(desk: Desk, login: str) -> UserView:
    """Somebody by login.

    Raises:
        NotFound: no such person.
    """
    wanted = login.strip().casefold()
    for user in users(desk):
        if user.login == wanted:
            return user
    raise NotFound(what="user", key=login)


def set_role(desk: Desk, user_id: int, role: Role, *, actor_id: int | None = None) -> None:
    """Change a role; counts from the next action.

    Raises:
        NotFound: no such person.
        BadInput: the last administrator would be gone.
    """
    with desk.store.write() as conn:
        change_role(desk, conn, user_id, role, actor_id=actor_id)


def change_role(desk: Desk, conn: Connection, user_id: int, role: Role, *, actor_id: int | None) -> None:
    """Change a role inside the caller's transaction; nothing when it is that already.

    Raises:
        NotFound, BadInput: as `set_role`.
    """
    person = _person(conn, user_id)
    if person.role == role.value:
        return
    if role is not Role.ADMINISTRATOR:
        _check_not_last(desk, conn, person)
    conn.execute(user_account.update().where(user_account.c.id == user_id).values(role=role.value))
    people_log.record(desk, conn, "role_set", user_id, actor_id=actor_id, before=person.role, after=role.value)


def set_team(desk: Desk, user_id: int, team_id: str | None, *, actor_id: int | None = None) -> None:
    """Put somebody in a team, or in none.

    Raises:
        NotFound: no such person.
        BadInput: no such team.
    """
    _check_team(desk, team_id)
    with desk.store.write() as conn:
        _person(conn, user_id)
        conn.execute(user_account.update().where(user_account.c.id == user_id).values(team_id=team_id))
        people_log.record(desk, conn, "team_set", user_id, actor_id=actor_id, team_id=team_id)


def set_email(desk: Desk, user_id: int, email: str, *, actor_id: int | None = None) -> None:
    """Change where somebody gets mail; empty: nowhere.

    Raises:
        NotFound: no such person.
        BadInput: no mail address.
    """
    address = clean_address(email) if email.strip() else None
    _set(desk, user_id, "email_set", actor_id=actor_id, email=address)


def set_initials(desk: Desk, user_id: int, initials: str, *, actor_id: int | None = None) -> str | None:
    """Change with what somebody signs answers, and give it as it is kept; empty: with nothing.

    Raises:
        NotFound: no such person.
        BadInput: not 1 to 5 letters.
    """
    try:
        clean = clean_initials(initials)
    except UnfitValueError as error:
        raise BadInput(error.said, initials=initials) from error
    _set(desk, user_id, "initials_set", actor_id=actor_id, initials=clean)
    return clean


def set_needs_approval(desk: Desk, user_id: int, *, needs: bool, actor_id: int | None = None) -> None:
    """Say whether what somebody writes is read by somebody else first.

    Raises:
        NotFound: no such person.
    """
    _set(desk, user_id, "approval_set", actor_id=actor_id, needs_approval=needs)


def _set(desk: Desk, user_id: int, action: str, *, actor_id: int | None, **values: Any) -> None:
    with desk.store.write() as conn:
        _person(conn, user_id)
        conn.execute(user_account.update().where(user_account.c.id == user_id).values(**values))
        people_log.record(desk, conn, action, user_id, actor_id=actor_id, **values)


def set_active(desk: Desk, user_id: int, *, active: bool, actor_id: int | None = None) -> None:
    """Disable somebody, which ends sessions, links and claims at once, or let them in again.

    Raises:
        NotFound: no such person.
        BadInput: the last administrator would be gone.
    """
    now = desk.clock()
    with desk.store.write() as conn:
        person = _person(conn, user_id)
        if not active:
            _check_not_last(desk, conn, person)
            sessions.end_all(conn, user_id, now)
            _use_up_links(desk, conn, user_id)
            # The clock gives lapsed claims back, with their events.
            conn.execute(conversation.update().where(conversation.c.claimed_by == user_id).values(claimed_until=now))
        conn.execute(user_account.update().where(user_account.c.id == user_id).values(active=active))
        action = "user_enabled" if active else "user_disabled"
        people_log.record(desk, conn, action, user_id, actor_id=actor_id)


def set_language(desk: Desk, user: CurrentUser, language: str) -> None:
    """Keep the language of the screens.

    Raises:
        BadInput: a language this version does not speak.
    """
    if language not in LANGUAGES:
        raise BadInput(
            Sentence(
                "There are no screens in “{language}”; there are: {options}.",
                language=language,
                options=tuple(LANGUAGES),
            )
        )
    with desk.store.write() as conn:
        conn.execute(user_account.update().where(user_account.c.id == user.id).values(language=language))


def insert(
    desk: Desk,
    conn: Connection,
    *,
    login: str,
    name: str,
    role: Role,
    team_id: str | None = None,
    email: str | None = None,
    is_example: bool = False,
) -> Row[Any]:
    """Insert somebody inside the caller's transaction.

    Raises:
        BadInput: the login or name cannot be used.
        IntegrityError: the login is taken.
    """
    clean_login, clean_name = login.strip().casefold(), " ".join(name.split())
    if not _LOGIN.fullmatch(clean_login):
        raise BadInput(
            Sentence(
                "“{login}” cannot be a login; use letters, digits and . _ @ + -, such as jo@shop.example.", login=login
            )
        )
    if not 1 <= len(clean_name) <= _LONGEST_NAME:
        raise BadInput(Sentence("A name has 1 to {most} characters.", most=_LONGEST_NAME))
    user_id = desk.store.new_id()
    conn.execute(
        user_account.insert().values(
            id=user_id,
            login=clean_login,
            name=clean_name,
            role=role.value,
            team_id=team_id,
            email=email,
            active=True,
            is_example=is_example,
            created_at=desk.clock(),
        )
    )
    return _person(conn, user_id)


def _mailed(desk: Desk, conn: Connection, person: Row[Any], *, actor_id: int | None, kind: MailKind) -> SignInLinkMade:
    """A fresh link, on its way to its owner where it can go by mail."""
    made = _link(desk, conn, person, actor_id=actor_id)
    actor = conn.execute(select(user_account).where(user_account.c.id == actor_id)).first()
    by, language = ("Klankbord", "") if actor is None else (actor.name, actor.language or "")
    return replace(made, mailed=links.send(desk, conn, person, made, kind=kind, by=by, language=language))


def _link(desk: Desk, conn: Connection, person: Row[Any], *, actor_id: int | None) -> SignInLinkMade:
    _use_up_links(desk, conn, person.id)
    token = secrets.token_urlsafe(32)
    expires_at = desk.clock() + LINK_VALID
    conn.execute(
        sign_in_link.insert().values(token_sha256=sessions.digest(token), user_id=person.id, expires_at=expires_at)
    )
    people_log.record(desk, conn, "link_made", person.id, actor_id=actor_id)
    return SignInLinkMade(token=token, user=PersonRef(person.id, person.name), expires_at=expires_at)


def _use_up_links(desk: Desk, conn: Connection, user_id: int) -> None:
    conn.execute(
        sign_in_link.update()
        .where(sign_in_link.c.user_id == user_id, sign_in_link.c.used_at.is_(None))
        .values(used_at=desk.clock())
    )


def _person(conn: Connection, user_id: int) -> Row[Any]:
    row = conn.execute(select(user_account).where(user_account.c.id == user_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="user", key=user_id)
    return row


def _check_not_last(desk: Desk, conn: Connection, person: Row[Any]) -> None:
    if person.role != Role.ADMINISTRATOR.value or not person.active:
        return
    desk.store.dialect.serialize(conn, "klankbord last administrator")
    others = conn.execute(
        select(func.count())
        .select_from(user_account)
        .where(user_account.c.role == Role.ADMINISTRATOR.value, user_account.c.active, user_account.c.id != person.id)
    ).scalar_one()
    if others == 0:
        raise BadInput(Sentence("{name} is the last administrator; make somebody else one first.", name=person.name))


def _check_team(desk: Desk, team_id: str | None) -> None:
    if team_id is not None and team_id not in {team.id for team in desk.settings.teams}:
        raise BadInput(Sentence("There is no team “{team_id}”.", team_id=team_id), team_id=team_id)
