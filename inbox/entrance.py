"""The entrance: who holds a session token, and whether their role allows what they want. Checked at every action.

Every door of the inbox (`inbox.service.Inbox` and what hangs under it) is built on one entrance. It decides nothing
else. Reading (`user`, `reader`) looks a session up once per drawing of a page (`inbox.recall`), so that a sign-out
elsewhere counts from the next one on; whatever changes something (`require` and its short names) looks every time.
"""

from __future__ import annotations

from inbox import recall, sessions
from inbox.desk import Desk
from inbox.errors import NotAllowed
from inbox.permissions import Permission
from inbox.views import CurrentUser


class Entrance:
    """Checks session and role against the store. Keeps no state; safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def user(self, token: str | None) -> CurrentUser:
        """Anybody who is signed in and wants to read.

        Raises:
            NotSignedIn: no valid session.
        """
        return recall.recalled(("user", token), lambda: self.require(token, Permission.READ))

    def reader(self, token: str | None, permission: Permission) -> CurrentUser:
        """Somebody who wants to read what this permission is needed for. Raises: NotSignedIn, NotAllowed."""
        user = self.user(token)
        if not user.may(permission):
            raise NotAllowed(permission, user.role)
        return user

    def noter(self, token: str | None) -> CurrentUser:
        """Somebody who may write notes. Raises: NotSignedIn, NotAllowed."""
        return self.require(token, Permission.NOTE)

    def agent(self, token: str | None) -> CurrentUser:
        """Somebody who may work on conversations. Raises: NotSignedIn, NotAllowed."""
        return self.require(token, Permission.WORK)

    def require(self, token: str | None, permission: Permission) -> CurrentUser:
        """Somebody with this permission. Raises: NotSignedIn, NotAllowed."""
        return sessions.require(self.desk, token, permission)
