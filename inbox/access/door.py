"""The door to one's own account and to access: second factors, sessions, passwords, links by mail, the record.

What an administrator does to somebody else asks for MANAGE_USERS (or AUDIT for the record); the rest is one's own.
"""

from __future__ import annotations

from inbox import people
from inbox.access import account, half_way, links, record, second_factor
from inbox.access.views import AccountView, Enrolled, Enrolment, HalfWay, RecordPage, SessionView
from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.sessions import Browser


class AccessDoor:
    """Access as screens see it. Keeps no state."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    # Half way through signing in: the ticket is what the password gave, not yet a session.

    def half_way(self, ticket: str) -> HalfWay | None:
        """Whose ticket it is, and what they have to do; None when it is no longer good."""
        return half_way.look(self._desk, ticket)

    def half_way_enrolment(self, ticket: str) -> Enrolment:
        """What to scan, for somebody whose role demands a second factor. Raises: NotSignedIn, BadInput."""
        return half_way.enrolment(self._desk, ticket)

    def finish_sign_in(self, ticket: str, code: str, *, browser: Browser) -> Enrolled:
        """The second step: a code, or a recovery code, gives the session.

        Raises:
            NotSignedIn: the ticket is no longer good; begin again.
            CodeRefused, TooManyAttempts: see `inbox.errors`.
        """
        return half_way.finish(self._desk, ticket, code, browser=browser)

    def ask_link(self, who: str, *, from_address: str) -> None:
        """Mail a sign-in link to whoever has this name or address; says nothing of whether there is anybody.

        Raises:
            TooManyAttempts: asked too often.
        """
        links.ask(self._desk, who, from_address=from_address, valid=people.LINK_VALID)

    # One's own account

    def account(self, token: str) -> AccountView:
        """One's own account."""
        return account.view(self._desk, self._entrance.user(token))

    def begin_second_factor(self, token: str) -> Enrolment:
        """Start setting up a second factor. Raises: BadInput when there is one."""
        return second_factor.begin(self._desk, self._entrance.user(token).id)

    def confirm_second_factor(self, token: str, code: str) -> tuple[str, ...]:
        """Turn it on with a first code; the recovery codes, given this once.

        Raises:
            CodeRefused, TooManyAttempts: see `inbox.errors`.
        """
        return second_factor.turn_on(self._desk, self._entrance.user(token).id, code)

    def turn_off_second_factor(self, token: str, code: str) -> None:
        """Turn it off, with a code. Raises: CodeRefused, TooManyAttempts."""
        second_factor.turn_off(self._desk, self._entrance.user(token).id, code)

    def renew_recovery_codes(self, token: str, code: str) -> tuple[str, ...]:
        """New recovery codes, with a code; the earlier ones stop working. Raises: CodeRefused, TooManyAttempts."""
        return second_factor.renew_recovery_codes(self._desk, self._entrance.user(token).id, code)

    def change_password(self, token: str, *, old: str, new: str) -> None:
        """Change one's own password; one's other sessions end.

        Raises:
            SignInRefused: the old one is not right.
            BadInput: the new one cannot be used.
            TooManyAttempts: see `inbox.errors`.
        """
        account.change_password(self._desk, self._entrance.user(token), old=old, new=new, token=token)

    def sessions(self, token: str) -> tuple[SessionView, ...]:
        """The browsers in which one is signed in, last seen first."""
        return account.sessions_of(self._desk, self._entrance.user(token).id, token=token)

    def end_session(self, token: str, session_id: str) -> None:
        """Sign out there. Raises: NotFound."""
        user = self._entrance.user(token)
        account.end_session(self._desk, user.id, session_id, actor_id=user.id)

    # For administrators

    def sessions_of(self, token: str, user_id: int) -> tuple[SessionView, ...]:
        """The browsers in which somebody is signed in."""
        self._entrance.require(token, Permission.MANAGE_USERS)
        return account.sessions_of(self._desk, user_id, token=token)

    def end_session_of(self, token: str, user_id: int, session_id: str) -> None:
        """Sign somebody out there. Raises: NotFound."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        account.end_session(self._desk, user_id, session_id, actor_id=actor.id)

    def end_all_sessions_of(self, token: str, user_id: int) -> int:
        """Sign somebody out everywhere; how many sessions there were."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        return account.end_all(self._desk, user_id, actor_id=actor.id)

    def reset_second_factor(self, token: str, user_id: int) -> None:
        """Take away somebody's second factor, because they lost it. Raises: NotFound."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        second_factor.reset(self._desk, user_id, actor_id=actor.id)

    def set_email(self, token: str, user_id: int, email: str) -> None:
        """Change where somebody gets mail. Raises: NotFound, BadInput."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_email(self._desk, user_id, email, actor_id=actor.id)

    def set_initials(self, token: str, user_id: int, initials: str) -> None:
        """Change somebody's initials. Raises: NotFound, BadInput."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_initials(self._desk, user_id, initials, actor_id=actor.id)

    def set_needs_approval(self, token: str, user_id: int, *, needs: bool) -> None:
        """Say whether what somebody writes is read by somebody else first. Raises: NotFound."""
        actor = self._entrance.require(token, Permission.MANAGE_USERS)
        people.set_needs_approval(self._desk, user_id, needs=needs, actor_id=actor.id)

    def record(
        self,
        token: str,
        *,
        person_id: int | None = None,
        kind: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> RecordPage:
        """A page of the record of people and settings, newest first. Raises: BadInput for an unknown kind."""
        self._entrance.require(token, Permission.AUDIT)
        return record.page(self._desk, person_id=person_id, kind=kind, before=before, limit=limit)
